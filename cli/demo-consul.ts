import {
  type ConsulKv,
  type Environment,
  type ErrorCode,
  LoginRefusedError,
  VaultproofError,
  type VaultSession,
} from '../harness/index.js';
import type { DemoStep } from './demo-step.js';
import { example } from './example.js';

/** How logins to Consul ended, in the shape that `demo --json` prints. */
export interface ConsulOutcomes {
  readonly consulLogins: readonly { readonly name: string; readonly expected: string; readonly found: string }[];
}

/** How a Consul token of Vault's ended with its lease, in the shape that `demo --json` prints. */
export interface ConsulTokenOutcome {
  readonly path: string;
  readonly ttlSeconds: number;
  /** What Consul says to the token once its lease is revoked. */
  readonly expected: ErrorCode;
  readonly found: string;
}

const { claims, method, key, value, credentials } = example;

/** Logs in to Consul with the JWT that Vault took, and with one that gets nothing. */
export async function tryConsul({ issuer, consul }: Environment, jwt: string, step: DemoStep): Promise<ConsulOutcomes> {
  const own = await step(
    'log in',
    () => consul.login({ jwt, method }),
    ({ policies, expirationTime }) =>
      `consul, the same JWT: in, with ${policies.join(', ')} until ${expirationTime?.toISOString()}`,
  );
  await step(
    'read',
    () => readKey(own.kv),
    () => `consul: ${key}`,
  );
  const mallory = await issuer.sign({ ...claims, sub: 'mallory' });
  const refused = await step('refuse', () => refusal(consul.login({ jwt: mallory, method })), describe);
  return {
    consulLogins: [
      { name: 'vishpat', expected: 'ok', found: 'ok' },
      { name: 'wrong subject', expected: 'no_binding_rule_matched', found: refused?.code ?? 'ok' },
    ],
  };
}

/** A Consul token that lives and dies with a lease of Vault's. */
export async function tryConsulToken(
  { vault, consul }: Environment,
  session: VaultSession,
  step: DemoStep,
): Promise<ConsulTokenOutcome> {
  const lease = await step(
    'lease',
    () => session.lease(credentials),
    ({ ttlSeconds }) => `${credentials}: a Consul token from Vault for ${ttlSeconds} s`,
  );
  const { kv } = await consul.session(lease);
  await step(
    'read',
    () => readKey(kv),
    () => `consul, with that token: ${key}`,
  );
  const dead = await step(
    'revoke',
    async () => {
      await vault.request('PUT', 'sys/leases/revoke', { lease_id: lease.leaseId, sync: true });
      return refusal(kv.read(key));
    },
    (error) => `its lease is revoked, consul rejects its token: ${error?.code ?? 'IT STILL WORKS'}`,
  );
  const { ttlSeconds } = lease;
  return { path: credentials, ttlSeconds, expected: 'permission_denied', found: dead?.code ?? 'ok' };
}

async function readKey(kv: Pick<ConsulKv, 'read'>): Promise<void> {
  if ((await kv.read(key)) !== value) throw new Error(`"${key}" is not what was written there`);
}

/** How a call was refused; undefined where it was not. */
async function refusal(call: Promise<unknown>): Promise<VaultproofError | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof VaultproofError) return error;
    throw error;
  }
}

function describe(error: VaultproofError | undefined): string {
  if (error === undefined) return 'consul, wrong subject: IN, EXPECTED no_binding_rule_matched';
  const [rule] = error instanceof LoginRefusedError ? (error.rules ?? []) : [];
  const seen = rule
    ? `, ${rule.selector} saw ${Object.values(rule.values)
        .map((one) => JSON.stringify(one))
        .join(', ')}`
    : '';
  return `consul, wrong subject: ${error.code}${seen}`;
}
