import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cli } from '../../support/cli.js';
import { prepared } from '../../support/prepared.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const platforms = ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64'];

test('an installation that is interrupted leaves nothing in the cache, and ends with 130', async () => {
  let asked = 0;
  const releases = createServer((_request, response) => {
    asked += 1;
    // The first question is whether there is a release; then it is downloaded, which never ends.
    if (asked === 1) response.end(platforms.map((name) => `${'0'.repeat(64)}  vault_1.21.1_${name}.zip\n`).join(''));
  });
  await new Promise<void>((resolve) => releases.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    releases.close();
    releases.closeAllConnections();
  });
  const cache = join(await temporaryFolder(), 'cache');
  const { port } = releases.address() as AddressInfo;
  const running = cli(['engines', 'install', 'vault'], {
    env: { VAULTPROOF_CACHE_DIR: cache, VAULTPROOF_RELEASES_URL: `http://127.0.0.1:${port}` },
  });
  await vi.waitFor(() => expect(asked).toBeGreaterThan(1), { timeout: 15_000, interval: 20 });
  running.kill('SIGINT');
  const { stderr, exitCode } = await running;
  expect(stderr.trimEnd().split('\n').at(-1)).toBe('interrupted');
  expect(exitCode).toBe(130);
  expect(await readdir(join(cache, 'vault', '1.21.1'))).toEqual([]);
});

test('an npx that is ended ends what it runs in a shell', async () => {
  const command = `"${process.execPath}" "${prepared().cli}" issuer; true`;
  const env = { npm_lifecycle_event: 'npx', npm_lifecycle_script: 'vaultproof' };
  const shell = execa('sh', ['-c', command], { env, reject: false });
  const [line] = await once(createInterface({ input: shell.stdout }), 'line');
  const url = String(line).split(/\s+/).at(-1) ?? '';
  expect((await fetch(url)).status).toBe(200);
  shell.kill('SIGTERM');
  await vi.waitFor(() => expect(fetch(url)).rejects.toThrow('fetch failed'), { timeout: 15_000, interval: 100 });
});

test('a reader that has had enough is no crash', async () => {
  const running = cli(['demo']);
  running.stdout.destroy();
  const { stderr } = await running;
  expect(stderr).not.toContain('EPIPE');
});
