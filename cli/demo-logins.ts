import {
  type ErrorCode,
  LoginRefusedError,
  type StartedIssuer,
  type StartedVault,
  type VaultSession,
} from '../harness/index.js';
import { generateSigningKey } from '../issuer/index.js';
import { example } from './example.js';

/** A login that the demo tries, and how it has to end. */
export interface LoginAttempt {
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

const { claims } = example;

/** The good login and six that are wrong in one point each. */
export const attempts: readonly LoginAttempt[] = [
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
export async function tryLogin(
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
