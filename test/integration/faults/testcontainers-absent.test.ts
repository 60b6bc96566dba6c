import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { TESTED_VERSION } from '../../../harness/engines/docker/testcontainers.js';
import { halfWorkingDocker } from '../../support/half-working-docker.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The sources in a folder that has every package but testcontainers. */
async function withoutTestcontainers(): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of ['errors', 'harness', 'internal', 'issuer', 'stacks', 'package.json', 'tsconfig.json']) {
    await cp(join(root, name), join(folder, name), { recursive: true });
  }
  await mkdir(join(folder, 'node_modules'));
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name.startsWith('.') || name === 'testcontainers') continue;
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}

/** Runs a start there, where a Docker API answers, and gives what it prints as JSON. */
async function startThere(options: object): Promise<unknown> {
  const folder = await withoutTestcontainers();
  const script = join(folder, 'start.ts');
  await writeFile(
    script,
    `import { startVault } from './harness/index.js';
    const print = (result: unknown) => process.stdout.write(JSON.stringify(result));
    await startVault(${JSON.stringify(options)}).then(
      async ({ engine, engineReason, stop }) => { await stop(); print({ engine, engineReason }); },
      ({ code, message }) => print({ code, message }),
    );`,
  );
  const env = { DOCKER_HOST: await halfWorkingDocker(() => {}), VAULTPROOF_ENGINE: '' };
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', script], { cwd: folder, env });
  return JSON.parse(stdout);
}

test('without testcontainers a server that is to run in docker is refused, with the command that installs it', async () => {
  expect(await startThere({ engine: 'docker' })).toMatchObject({
    code: 'docker_unavailable',
    message: expect.stringContaining(`npm install -D testcontainers@${TESTED_VERSION}`),
  });
});

test('without testcontainers a server runs as a process, and says why', async () => {
  expect(await startThere({})).toMatchObject({
    engine: 'process',
    engineReason: expect.stringContaining('testcontainers, which runs servers there, is not installed'),
  });
});

test('the version that is named is the one that is tested', async () => {
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  expect(devDependencies['testcontainers']).toBe(TESTED_VERSION);
});
