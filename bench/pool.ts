/**
 * A pool of Vaults: what a lease of a ready one takes, beside the start of a Vault by hand; and all that a test does with it
 * (declare the bundled example from JSON, seed, sign, log in, read) beside the same requests by hand to one Vault that is
 * there. What was declared by hand is removed after each run, and a server of the pool made as new: both outside of the clock.
 * And a login by a vendor's own URL, beside the same in an environment that is started for it.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createPool, directProvisioner, type Environment, type Pool, startEnvironment } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { synthesise } from '../harness/provision/synth.js';
import { exampleProps } from '../stacks/examples/vault-login.js';
import { startIssuerByHand } from './by-hand/issuer.js';
import { nodeHttpTo } from './by-hand/node-http.js';
import { startVaultByHand } from './by-hand/servers.js';
import { applyByHand, firstAuthMount, loginByHand, recording, withBodies } from './by-hand/vault-http.js';
import type { Measurement } from './measurement.js';
import { median } from './paired-rounds.js';

const CLAIMS = { sub: 'vishpat', aud: 'damage_inc' };
const PATH = 'kv/vishpat/test';
const SECRET = { username: 'X' };
/** Stand for the issuer of a lease in what is synthesised beforehand. */
const PLACEHOLDERS = { jwksUrl: 'http://127.0.0.1:9/jwks', boundIssuer: 'http://127.0.0.1:9/issuer' };
const VENDOR = 'https://token.actions.githubusercontent.com';
const BY_VENDOR = {
  resource: {
    vault_jwt_auth_backend: { jwt: { path: 'jwt', oidc_discovery_url: VENDOR, default_role: 'ci' } },
    vault_jwt_auth_backend_role: {
      ci: {
        backend: `\${vault_jwt_auth_backend.jwt.path}`,
        role_name: 'ci',
        role_type: 'jwt',
        user_claim: 'sub',
        bound_audiences: [CLAIMS.aud],
      },
    },
  },
};
/** A sample is the median of so many runs. */
const RUNS = 5;
const POLL_MS = 1;

/** See the head of this file. */
export const pool: Measurement = {
  name: 'pool',
  prepare: async () => {
    const vault = { engine: 'process' } as const;
    const leases = await createPool({ vault, size: 3 });
    const withVendor = await createPool({ vault, size: 3, impersonate: [VENDOR] });
    const there = await startEnvironment({ vault });
    const issuer = await startIssuerByHand();
    const byHand = nodeHttpTo(there.vault.address, there.vault.token);
    await firstAuthMount(byHand.send);
    const [stack] = await synthesise((app) => new VaultJwtStack(app, 'demo', exampleProps(PLACEHOLDERS)));
    const text = JSON.stringify(stack?.json);
    const declaredFor = ({ jwksUrl, boundIssuer }: typeof PLACEHOLDERS): unknown =>
      JSON.parse(text.replaceAll(PLACEHOLDERS.jwksUrl, jwksUrl).replaceAll(PLACEHOLDERS.boundIssuer, boundIssuer));
    const trusted = { jwksUrl: issuer.jwksUrl, boundIssuer: issuer.url };
    const sent = new Map<string, unknown>();
    const sending = recording(sent, there.vault.request);
    await directProvisioner({ vault: sending }).apply('bench', declaredFor(trusted));
    const sendByHand = withBodies(sent, byHand.send);
    const removeByHand = async (): Promise<void> => {
      for (const path of ['sys/auth/jwt', 'sys/mounts/kv', 'sys/policies/acl/vishpat_keys_policy']) {
        await byHand.send('DELETE', path);
      }
    };
    await removeByHand();

    const lease = async (use: (env: Environment) => Promise<void>, from: Pool = leases): Promise<number> => {
      const begin = performance.now();
      const env = await from.lease();
      await use(env);
      const took = performance.now() - begin;
      await env.stop();
      for (;;) {
        const { leased, recycled, discarded } = from.counts.vault ?? { leased: 0, recycled: 0, discarded: [] };
        if (recycled + discarded.length >= leased) return took;
        await delay(POLL_MS);
      }
    };
    const test = async ({ vault, issuer, applyJson }: Environment): Promise<void> => {
      await applyJson(declaredFor(issuer.trustedBy(vault)));
      await vault.seed(PATH, SECRET);
      const session = await vault.login({ jwt: await issuer.sign(CLAIMS) });
      await session.read(PATH);
    };
    const loginByVendor = async ({ vault, issuer, applyJson }: Environment): Promise<void> => {
      await applyJson(BY_VENDOR);
      await vault.login({ jwt: await issuer.sign({ ...CLAIMS, iss: VENDOR }) });
    };
    const startedByVendor = async (): Promise<number> => {
      const begin = performance.now();
      await using env = await startEnvironment({ vault, impersonate: [VENDOR] });
      await loginByVendor(env);
      return performance.now() - begin;
    };
    const testByHand = async (): Promise<number> => {
      const begin = performance.now();
      await applyByHand(sendByHand, trusted, true);
      // Which version of KV a path belongs to, as `vault kv put` asks.
      await byHand.send('GET', `sys/internal/ui/mounts/${PATH}`);
      await byHand.send('POST', PATH, SECRET);
      const token = await loginByHand(byHand.send, await issuer.sign(CLAIMS));
      await byHand.sendAs(token)('GET', PATH);
      const took = performance.now() - begin;
      await removeByHand();
      return took;
    };
    const boot = async (): Promise<number> => {
      const begin = performance.now();
      const { stop } = await startVaultByHand(there.vault.origin, randomBytes(24).toString('hex'));
      const took = performance.now() - begin;
      await stop();
      return took;
    };
    const sample = (run: () => Promise<number>) => async (): Promise<number> => {
      const took: number[] = [];
      for (let count = 0; count < RUNS; count++) took.push(await run());
      return median(took);
    };
    return {
      comparisons: [
        {
          name: 'lease of a Vault that is as new',
          baseline: 'the start of one by hand',
          unit: 'ms',
          target: { of: 'ours', limit: 'at most', value: 1 },
          ours: sample(() => lease(async () => {})),
          theirs: boot,
        },
        {
          name: 'lease, declare, log in, read',
          baseline: 'the same by node:http, on one Vault',
          unit: 'ms',
          target: 1.3,
          ours: sample(() => lease(test)),
          theirs: sample(testByHand),
        },
        {
          name: "lease, declare, log in by a vendor's URL",
          baseline: 'the same in an environment that is started',
          unit: 'ms',
          target: 0.25,
          maxRounds: 10,
          ours: sample(() => lease(loginByVendor, withVendor)),
          theirs: startedByVendor,
        },
      ],
      notes: () => [`the pool: ${JSON.stringify(leases.counts.vault)}`],
      [Symbol.asyncDispose]: async () => {
        byHand.close();
        await Promise.all([leases.stop(), withVendor.stop(), there.stop(), issuer.stop()]);
      },
    };
  },
};
