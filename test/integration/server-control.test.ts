import { httpClient } from 'vaultproof';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { chooseEngine } from '../../harness/engines/index.js';
import { configuredCommand } from '../../harness/servers/vault-command.js';
import { engines, requiresEngine, runOn } from '../support/engines.js';

const DEADLINE = { timeout: 30_000, interval: 20 };

describe.each(engines)('a server on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));

  test('is paused, goes on, is killed, also while it is paused, and runs again at the same address', async () => {
    const { engine: chosen } = await chooseEngine('vault', runOn(engine, 'vault'));
    const { product } = chosen;
    const instance = await chosen.start(
      configuredCommand({ product, port: undefined, secrets: [], id: 'one', storage: 'raft', tls: undefined }),
    );
    const http = httpClient(instance.address, { timeoutMs: 500 });
    onTestFinished(async () => {
      http.close();
      await instance.stop();
    });
    const { control } = instance;
    const answers = async (): Promise<number> => (await http.request('GET', '/v1/sys/seal-status')).status;
    const untilItAnswers = () => vi.waitFor(async () => expect(await answers()).toBe(200), DEADLINE);

    await untilItAnswers();
    await control?.pause();
    await expect(answers()).rejects.toMatchObject({ code: 'request_failed' });
    await control?.resume();
    await untilItAnswers();
    await control?.pause();
    await control?.kill();
    expect(await instance.exited).toMatch(/^(?:signal SIGKILL|exit code 137)$/);
    // It is killed already.
    await control?.kill();
    await control?.start();
    await untilItAnswers();
  });
});
