import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type ServerOptions, startConsul, startEnvironment, startVault } from 'vaultproof';
import { startIssuer } from 'vaultproof/issuer';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { findExecutable } from '../../../harness/binaries/index.js';
import { engines, requiresEngine, runOn } from '../../support/engines.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ofProduct } from '../../support/vault-of-tests.js';
import { containersBoundTo, descendantsOf, foldersIn } from '../../support/what-runs.js';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A script that says it is a Vault of the right version, and then does something else. */
async function pretender(body: string): Promise<ServerOptions> {
  const executable = join(folder, 'vault');
  await writeFile(executable, `#!/bin/sh\n[ "$1" = version ] && { echo "Vault v1.21.1"; exit; }\n${body}\n`, {
    mode: 0o755,
  });
  return { engine: 'process', executable };
}

async function expectNothingLeft(): Promise<void> {
  expect(await foldersIn(folder)).toEqual([]);
  const servers = descendantsOf(process.pid).filter(({ command }) => /server -dev|agent -dev/.test(command));
  expect(servers).toEqual([]);
}

describe.each(engines)('on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));

  test.each(['vault', 'consul'] as const)('a %s on a port that is taken is refused', async (product) => {
    const port = await takenPort();
    const start = product === 'vault' ? startVault : startConsul;
    await expect(start({ ...runOn(engine, product), port })).rejects.toMatchObject({
      code: 'port_in_use',
      details: { port },
    });
    if (engine === 'docker') expect(await containersBoundTo(port)).toEqual([]);
    await expectNothingLeft();
  });

  test('a vault that is not ready in time is stopped, and its last answer is named', async () => {
    await expect(startVault({ ...runOn(engine, 'vault'), startupTimeoutMs: 0 })).rejects.toMatchObject({
      code: 'server_not_ready',
      details: { product: ofProduct({ vault: 'vault', openbao: 'openbao' }), timeoutMs: 0, last: expect.any(String) },
    });
    await expectNothingLeft();
  });
});

describe('a consul that is a script around the real one', () => {
  /** It is called with `agent -dev`, and what is ours after that. */
  async function consulAs(agent: string, last = ''): Promise<ServerOptions> {
    const real = String((await findExecutable('consul'))?.path);
    const executable = join(folder, 'consul');
    const run = `[ "$1" = agent ] || exec "${real}" "$@"\nshift 2\nexec "${real}" agent ${agent} "$@" ${last}`;
    await writeFile(executable, `#!/bin/sh\n${run}\n`, { mode: 0o755 });
    return { engine: 'process', executable };
  }

  test('and turns its ACLs off is refused at once', async () => {
    const options = await consulAs('-dev', `-hcl 'acl { enabled = false }'`);
    await expect(startConsul(options)).rejects.toMatchObject({
      code: 'acl_disabled',
      message: expect.stringContaining('start the agent with "acl { enabled = true }"'),
      details: { path: 'acl/token/self', status: 401 },
    });
    await expectNothingLeft();
  });

  test('and has it wait for other servers is not ready, for want of a leader', async () => {
    const options = await consulAs(`-server -bootstrap-expect=3 -data-dir="$HOME/data"`);
    await expect(startConsul({ ...options, startupTimeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'server_not_ready',
      details: { product: 'consul', timeoutMs: 1_000, last: 'no leader, status 200' },
    });
    await expectNothingLeft();
  });
});

test('an issuer on a port that is taken is refused, and the servers beside it are stopped', async () => {
  const port = await takenPort();
  await expect(startEnvironment({ issuer: { port } })).rejects.toMatchObject({
    code: 'port_in_use',
    details: { port },
  });
  await expect(startIssuer({ port })).rejects.toMatchObject({ code: 'port_in_use' });
  await expectNothingLeft();
});

test('a vault that ends at its start is refused, with the end of its log', async () => {
  const options = await pretender('echo "first words"; echo "last words" >&2; exit 7');
  await expect(startVault(options)).rejects.toMatchObject({
    code: 'server_exited',
    message: expect.stringMatching(/^"vault" ended with exit code 7 .*\nfirst words\nlast words$/),
    details: { product: 'vault', end: 'exit code 7' },
  });
  await expectNothingLeft();
});

test('a vault that never answers is refused after the time-out, with the end of its log', async () => {
  const options = await pretender('echo "I am thinking"; exec sleep 60');
  await expect(startVault({ ...options, startupTimeoutMs: 300 })).rejects.toMatchObject({
    code: 'server_not_ready',
    message: expect.stringMatching(/not ready after 300 ms.*: no connection\..*\nI am thinking$/),
  });
  await expectNothingLeft();
});

test('a root token that a server prints is not in the error', async () => {
  const options = await pretender('echo "Root Token: $VAULT_DEV_ROOT_TOKEN_ID, $VAULT_DEV_ROOT_TOKEN_ID"; exit 1');
  const error = await startVault(options).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'server_exited',
    message: expect.stringContaining('Root Token: (struck out)'),
  });
  expect(JSON.stringify(error)).not.toMatch(/[0-9a-f]{48}/);
  expect(String(error)).not.toMatch(/[0-9a-f]{48}/);
});

describe('an executable', () => {
  test('an executable that does not exist is refused', async () => {
    await expect(startVault({ engine: 'process', executable: join(folder, 'none') })).rejects.toMatchObject({
      code: 'executable_not_found',
    });
  });

  test('an executable that may not be executed is refused', async () => {
    const executable = join(folder, 'vault');
    await writeFile(executable, '#!/bin/sh\n', { mode: 0o644 });
    await expect(startVault({ engine: 'process', executable })).rejects.toMatchObject({
      code: 'executable_not_runnable',
    });
  });

  test('an executable that is not Vault is refused', async () => {
    await expect(startVault({ engine: 'process', executable: '/bin/echo' })).rejects.toMatchObject({
      code: 'executable_wrong_product',
    });
  });

  test('an executable that is too old is refused', async () => {
    const executable = join(folder, 'vault');
    await writeFile(executable, '#!/bin/sh\necho "Vault v1.18.5"\n', { mode: 0o755 });
    await expect(startVault({ engine: 'process', executable })).rejects.toMatchObject({
      code: 'executable_too_old',
    });
  });
});
