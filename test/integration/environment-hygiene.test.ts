import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type ChildEnd, startChild } from '../support/child.js';
import { engines, requiresEngine, runOn } from '../support/engines.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { startTrapServer } from '../support/trap-server.js';

const CANARY = 'canary-of-a-vault-token';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Where the executables are found whatever HOME says: the cache is in the user's own. */
function cacheOf(): Record<string, string> {
  const { VAULTPROOF_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  if (VAULTPROOF_CACHE_DIR !== undefined) return {};
  const macos = join(homedir(), 'Library', 'Caches');
  const caches = process.platform === 'darwin' ? macos : (XDG_CACHE_HOME ?? join(homedir(), '.cache'));
  return { VAULTPROOF_CACHE_DIR: join(caches, 'vaultproof') };
}

describe.each(engines)('the whole way on the engine %s, in a hostile environment,', (engine) => {
  beforeEach(requiresEngine(engine));

  async function runWith(trap: string, home: string): Promise<ChildEnd> {
    const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
    const services = { vault: runOn(engine, 'vault'), consul: runOn(engine, 'consul') };
    const child = startChild(
      'whole-flow-child.ts',
      { services },
      {
        env: {
          ...cacheOf(),
          ...Object.fromEntries(proxies.map((name) => [name, trap])),
          NO_PROXY: '',
          no_proxy: '',
          NODE_USE_ENV_PROXY: '1',
          HOME: home,
          VAULT_ADDR: trap,
          VAULT_AGENT_ADDR: trap,
          VAULT_TOKEN: CANARY,
          VAULT_NAMESPACE: 'canary-of-a-namespace',
          VAULT_PREFIX: 'canary-of-a-prefix',
          VAULT_SKIP_VERIFY: '1',
          VAULT_DEV_ROOT_TOKEN_ID: CANARY,
          CONSUL_HTTP_ADDR: trap,
          CONSUL_HTTP_TOKEN: CANARY,
          DEBUG: '*',
          // With "test", testcontainers writes what DEBUG asks for to standard output.
          NODE_ENV: undefined,
        },
      },
    );
    onTestFinished(() => child.kill('SIGKILL'));
    return child.ended;
  }

  test('reaches its own servers only, leaves ~/.vault-token alone, and prints no token and no secret', async () => {
    const trap = await startTrapServer();
    const home = await temporaryFolder();
    await writeFile(join(home, '.vault-token'), CANARY);

    const { exitCode, stdout, stderr } = await runWith(trap.url, home);
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { tokenHashes, ...seen } = JSON.parse(stdout) as { tokenHashes: string[] };
    expect(seen).toEqual({ read: ['password'], refusals: ['audience_mismatch', 'method_not_found'] });
    expect(tokenHashes).toHaveLength(2);
    expect(trap.caught).toEqual([]);
    expect(await readFile(join(home, '.vault-token'), 'utf8')).toBe(CANARY);

    const output = stdout + stderr;
    expect(output).toContain('LoginRefusedError');
    expect(output).not.toContain('canary');
    // Every JWT begins with the first, and every token that Vault makes with the second.
    expect(output).not.toMatch(/eyJ|hv[sbr]\./);
    const candidates = output.match(/[0-9a-f]{48}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
    expect(candidates.filter((candidate) => tokenHashes.includes(sha256(candidate)))).toEqual([]);
  });
});
