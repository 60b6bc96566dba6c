import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type ConsulKv,
  type Environment,
  type ErrorCode,
  LoginRefusedError,
  type StartedIssuer,
  type StartedVault,
  VaultproofError,
  type VaultSession,
} from '../harness/index.js';
import { generateSigningKey } from '../issuer/index.js';
import { example } from './example.js';
import type { Mark } from './output.js';

/** Tells a person how it goes. */
export type Say = (line: string, mark?: Mark) => void;

/** Does one thing, and says what came of it and how long it took. */
export type DemoStep = <Result>(
  name: string,
  action: () => Promise<Result>,
  detail: (result: Result) => string,
) => Promise<Result>;

/** A step as the demo prints it. */
export function stepLine(name: string, detail: string, ms: number): string {
  const time = ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1_000)} s`;
  return `${name.padEnd(8)} ${time.padStart(8)}  ${detail}`;
}

/** A login that the demo tries, and how it has to end. */
interface LoginAttempt {
  readonly name: string;
  readonly expected: 'ok' | ErrorCode;
  /** Makes the token; each bad one is wrong in one point alone. */
  readonly token: (issuer: StartedIssuer) => Promise<string>;
}

/** How a login ended, in the shape that `demo --json` prints. */
export interface LoginOutcome {
  readonly name: string;
  readonly expected: string;
  readonly found: string;
  /** What was sent as `X-Correlation-Id`. */
  readonly correlationId: string;
}

const { claims, method, key, value, credentials } = example;

/** The good login and six that are wrong in one point each. */
const attempts: readonly LoginAttempt[] = [
  { name: 'vishpat', expected: 'ok', token: (issuer) => issuer.sign(claims) },
  {
    name: 'wrong audience',
    expected: 'audience_mismatch',
    token: (issuer) => issuer.sign({ ...claims, aud: 'somebody_else' }),
  },
  {
    name: 'wrong subject',
    expected: 'subject_mismatch',
    token: (issuer) => issuer.sign({ ...claims, sub: 'mallory' }),
  },
  {
    name: 'wrong issuer',
    expected: 'issuer_mismatch',
    token: (issuer) => issuer.sign({ ...claims, iss: 'https://issuer.invalid' }),
  },
  {
    name: 'expired token',
    expected: 'token_expired',
    token: (issuer) => {
      const now = Math.floor(Date.now() / 1000);
      return issuer.sign({ ...claims, iat: now - 7_200, exp: now - 3_600 });
    },
  },
  {
    name: 'unknown key',
    expected: 'unknown_key',
    token: async (issuer) => issuer.sign(claims, { key: await generateSigningKey() }),
  },
  {
    name: 'tampered payload',
    expected: 'signature_invalid',
    token: async (issuer) => tamper(await issuer.sign(claims)),
  },
];

/** Logs in, and returns how that ended; only a refusal counts as an end. */
async function tryLogin(
  vault: StartedVault,
  { name, expected }: LoginAttempt,
  jwt: string,
  correlationId: string,
): Promise<{ outcome: LoginOutcome; session?: VaultSession; detail: string }> {
  try {
    const session = await vault.login({ jwt, correlationId });
    return {
      outcome: { name, expected, found: 'ok', correlationId },
      session,
      detail: `in, as "${session.role}" with ${session.policies.join(', ')} for ${session.ttlSeconds} s`,
    };
  } catch (error) {
    if (!(error instanceof LoginRefusedError)) throw error;
    return { outcome: { name, expected, found: error.code, correlationId }, detail: `${error.code}, ${sides(error)}` };
  }
}

function sides({ expected, found, serverMessage }: LoginRefusedError): string {
  const both = [
    expected === undefined ? [] : [`expected ${JSON.stringify(expected)}`],
    found === undefined ? [] : [`found ${JSON.stringify(found)}`],
  ].flat();
  return both.length > 0 ? both.join(', ') : serverMessage;
}

/** Adds a claim and keeps the signature. */
function tamper(jwt: string): string {
  const [header, payload = '', signature] = jwt.split('.');
  const changed: unknown = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), admin: true };
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
}

/** The token that got in, and what it got. */
export interface GoodLogin {
  readonly jwt: string;
  readonly session: VaultSession;
}

/** Tries the good login and the bad ones, and reads the secret with the session of the good one. */
export async function tryLogins(
  { issuer, vault }: Environment,
  say: Say,
): Promise<{ readonly logins: readonly LoginOutcome[]; readonly good: GoodLogin | undefined }> {
  let good: GoodLogin | undefined;
  const logins: LoginOutcome[] = [];
  for (const attempt of attempts) {
    const jwt = await attempt.token(issuer);
    const start = performance.now();
    const { outcome, session, detail } = await tryLogin(vault, attempt, jwt, randomUUID());
    const ms = performance.now() - start;
    logins.push(outcome);
    const mark = outcome.expected === outcome.found ? '' : `  EXPECTED ${outcome.expected}`;
    const colour = mark === '' ? 'green' : 'red';
    say(stepLine(session ? 'log in' : 'refuse', `${attempt.name}: ${detail}${mark}`, ms), colour);
    if (!session) continue;
    good = { jwt, session };
    const reading = performance.now();
    const secret = await session.read(example.path);
    if (!isDeepStrictEqual(secret, example.secret))
      throw new Error(`"${example.path}" has another value than the one that was written`);
    say(stepLine('read', `${example.path}: ${Object.keys(secret).join(', ')}`, performance.now() - reading));
  }
  return { logins, good };
}

/** How logins to Consul ended, in the shape that `demo --json` prints. */
interface ConsulOutcomes {
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
  if ((await kv.read(key)) !== value) throw new Error(`"${key}" has another value than the one that was written`);
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
