/**
 * From nothing to the first secret: start, apply the bundled example, seed, sign, log in, read.
 *
 * By hand that is spawn, fetch, node:http and jose, of the same executable with the same arguments, with everything
 * side by side that can be. vaultproof chooses its engine itself, unless it would choose Docker. Modules are loaded before the clock starts, on both sides (the warm-up round sees to the
 * lazy ones); CDKTF's synthesis is part of vaultproof's time. Stopping is not timed.
 *
 * The first auth mount of a new Vault waits for two RSA keys that its identity engine generates, 50 to 500 ms of pure
 * chance. So both sides, once the server is ready, mount a throw-away auth method and remove it, with the same two
 * requests. That time is measured and taken off; later auth mounts don't wait.
 */
import { randomBytes } from 'node:crypto';
import { type EnvironmentOptions, startEnvironment } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { exampleProps } from '../stacks/examples/vault-login.js';
import { startIssuerByHand } from './by-hand/issuer.js';
import { startVaultByHand } from './by-hand/servers.js';
import { applyByHand, fetchFrom, firstAuthMount, loginByHand } from './by-hand/vault-http.js';
import { laps } from './laps.js';
import type { Measurement } from './measurement.js';

const SECRET = { username: 'X' };
const CLAIMS = { sub: 'vishpat', aud: 'damage_inc' };
const PATH = 'kv/vishpat/test';

/** See the head of this file. */
export const firstSecret: Measurement = {
  name: 'first-secret',
  prepare: async () => {
    const { options, executable, engineReason } = await processByDefault();
    const ourLaps = laps();
    const theirLaps = laps();
    const ours = async (): Promise<number> => {
      const { lap } = ourLaps;
      const begin = performance.now();
      await using env = await lap('start', () => startEnvironment(options));
      const waited = await timed(() => firstAuthMount(env.vault.request));
      await lap('apply', () =>
        env.apply(
          (app) =>
            new VaultJwtStack(
              app,
              'demo',
              exampleProps({ jwksUrl: env.issuer.jwksUrlFor(env.vault), boundIssuer: env.issuer.url }),
            ),
        ),
      );
      await lap('seed', () => env.vault.seed(PATH, SECRET));
      const jwt = await lap('sign', () => env.issuer.sign(CLAIMS));
      const session = await lap('login', () => env.vault.login({ jwt }));
      check(await lap('read', () => session.read(PATH)));
      return performance.now() - begin - waited;
    };

    const theirs = async (): Promise<number> => {
      const { lap } = theirLaps;
      const begin = performance.now();
      const token = randomBytes(24).toString('hex');
      const [vault, issuer] = await lap('start', () =>
        Promise.all([startVaultByHand(executable, token), startIssuerByHand()]),
      );
      const send = fetchFrom(vault.address, token);
      const waited = await timed(() => firstAuthMount(send));
      await lap('apply', () => applyByHand(send, { jwksUrl: issuer.jwksUrl, boundIssuer: issuer.url }, false));
      await lap('seed', () => send('POST', PATH, SECRET));
      const jwt = await lap('sign', () => issuer.sign(CLAIMS));
      const session = await lap('login', () => loginByHand(fetchFrom(vault.address), jwt));
      const answer = (await lap('read', () => fetchFrom(vault.address, session)('GET', PATH))) as {
        data: unknown;
      };
      check(answer.data);
      const took = performance.now() - begin - waited;
      await Promise.all([vault.stop(), issuer.stop()]);
      return took;
    };

    return {
      comparisons: [
        {
          name: 'nothing to first secret',
          baseline: 'spawn + fetch by hand',
          unit: 'ms',
          target: 1.15,
          ours,
          theirs,
        },
      ],
      notes: () => [engineReason, `vaultproof, median ms: ${ourLaps}`, `by hand, median ms: ${theirLaps}`],
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

/** The default options where they lead to a process, which is what can be done by hand as well. */
async function processByDefault(): Promise<{
  readonly options: EnvironmentOptions;
  readonly executable: string;
  readonly engineReason: string;
}> {
  for (const options of [{}, { vault: { engine: 'process' } }] as const) {
    await using env = await startEnvironment(options);
    const { engine, origin, engineReason } = env.vault;
    if (engine === 'process') return { options, executable: origin, engineReason };
  }
  throw new TypeError('vaultproof took docker where a process was asked for');
}

async function timed(run: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await run();
  return performance.now() - begin;
}

function check(data: unknown): void {
  if (JSON.stringify(data) !== JSON.stringify(SECRET))
    throw new Error('the secret that was read is not the one that was written');
}
