import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { setup } from '../support/global-setup.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const provide = vi.fn();

/** What was written down so far. */
const written = (): Promise<string> => readFile(provide.mock.calls[0]?.[1], 'utf8');

beforeEach(() => {
  provide.mockClear();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.stubEnv('DOCKER_HOST', 'unix:///nonexistent/docker.sock');
  vi.stubEnv('VAULTPROOF_ENGINE', 'process');
  vi.stubEnv('VAULTPROOF_VAULT_PRODUCT', 'vault');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('the tests are told why a server cannot be had', async () => {
  vi.stubEnv('VAULTPROOF_VAULT_PATH', '/nonexistent/vault');
  const teardown = await setup({ provide });
  const status = await vi.waitFor(async () => JSON.parse(await written()));
  expect(status).toMatchObject({ failure: { code: 'executable_not_found', details: { path: '/nonexistent/vault' } } });
  await teardown();
  await expect(written()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a download that is on its way when the tests end is stopped', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  onTestFinished(() => {
    silent.close();
  });
  await once(silent, 'listening');
  vi.stubEnv('VAULTPROOF_VAULT_PATH', '');
  vi.stubEnv('PATH', '/nonexistent');
  vi.stubEnv('VAULTPROOF_CACHE_DIR', await temporaryFolder());
  vi.stubEnv('VAULTPROOF_RELEASES_URL', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);

  const asked = once(silent, 'request');
  const teardown = await setup({ provide });
  const [request] = (await asked) as [IncomingMessage];
  const closed = once(request.socket, 'close');
  await teardown();
  await closed;
});
