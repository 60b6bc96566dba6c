/**
 * Tests for many-tests.ts, each of which declares the bundled example, seeds, logs in and reads: with a Vault of its own from the
 * pool, with one that is started for it, or by hand on one that all share.
 */
import { appendFileSync } from 'node:fs';
import { expect, test as plain } from 'vitest';
import { synthesise } from '../../harness/provision/synth.js';
import { test } from '../../harness/vitest/index.js';
import { exampleProps } from '../../stacks/examples/vault-login.js';
import { VaultJwtStack } from '../../stacks/vault-jwt.js';
import { startIssuerByHand } from '../by-hand/issuer.js';
import { nodeHttpTo } from '../by-hand/node-http.js';
import { applyByHand, loginByHand } from '../by-hand/vault-http.js';

const { BENCH_SIDE, BENCH_TESTS, BENCH_PROGRESS = '', BENCH_ADDRESS = '', BENCH_TOKEN = '' } = process.env;
const CLAIMS = { sub: 'vishpat', aud: 'damage_inc' };
const PATH = 'kv/vishpat/test';
const SECRET = { username: 'X' };
const PLACEHOLDERS = { jwksUrl: 'http://127.0.0.1:9/jwks', boundIssuer: 'http://127.0.0.1:9/issuer' };

/** Half of the tests. */
export function cases(): void {
  const numbers = Array.from({ length: Math.ceil(Number(BENCH_TESTS) / 2) }, (_, index) => index);
  if (BENCH_SIDE === 'by-hand') byHand(numbers);
  else withOwn(numbers);
}

function withOwn(numbers: readonly number[]): void {
  let declared: Promise<string> | undefined;
  const declaration = async (): Promise<string> => {
    const [stack] = await synthesise((app) => new VaultJwtStack(app, 'demo', exampleProps(PLACEHOLDERS)));
    return JSON.stringify(stack?.json);
  };
  for (const number of numbers) {
    test(`${number}`, async ({ env }) => {
      const { vault, issuer } = env;
      declared ??= declaration();
      const text = (await declared)
        .replaceAll(PLACEHOLDERS.jwksUrl, issuer.jwksUrlFor(vault))
        .replaceAll(PLACEHOLDERS.boundIssuer, issuer.url);
      await env.applyJson(JSON.parse(text));
      await vault.seed(PATH, SECRET);
      const session = await vault.login({ jwt: await issuer.sign(CLAIMS) });
      expect(await session.read(PATH)).toEqual(SECRET);
      appendFileSync(BENCH_PROGRESS, '.');
    });
  }
}

function byHand(numbers: readonly number[]): void {
  const { send, sendAs } = nodeHttpTo(BENCH_ADDRESS, BENCH_TOKEN);
  const started = startIssuerByHand();
  for (const number of numbers) {
    plain(`${number}`, async () => {
      const issuer = await started;
      await applyByHand(send, { jwksUrl: issuer.jwksUrl, boundIssuer: issuer.url }, true);
      await send('POST', PATH, SECRET);
      const token = await loginByHand(send, await issuer.sign(CLAIMS));
      expect(await sendAs(token)('GET', PATH)).toMatchObject({ data: SECRET });
      for (const path of ['sys/auth/jwt', 'sys/mounts/kv', 'sys/policies/acl/vishpat_keys_policy']) {
        await send('DELETE', path);
      }
    });
  }
}
