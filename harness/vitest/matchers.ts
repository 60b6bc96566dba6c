import { expect } from 'vitest';
import { type ErrorCode, errorCodes, UsageError } from '../../errors/index.js';
import { hint } from '../../internal/did-you-mean.js';
import { type KnownOptions, refuseUnknownOptions } from '../../internal/known-options.js';
import {
  type ConsulLoginRequest,
  LoginRefusedError,
  type StartedConsul,
  type StartedVault,
  type VaultLoginRequest,
} from '../index.js';
import { readToken } from '../login/token-claims.js';
import { failed, listOf, type MatcherResult, type MatcherState, passed, refuseNegation } from './matcher-result.js';

/** Where a JWT is sent: Vault's role and mount, or Consul's auth method. */
type LoginOptions = Partial<Omit<VaultLoginRequest, 'jwt'> & Omit<ConsulLoginRequest, 'jwt'>>;

const loginOptions: KnownOptions<LoginOptions> = {
  role: true,
  mount: true,
  namespace: true,
  correlationId: true,
  method: true,
  meta: true,
};

/** What a login must give; what is left out is not compared. */
export interface LetInExpectation extends LoginOptions {
  /** The names of all policies that the token has, in any order; Vault has `default` among them by default. */
  readonly policies?: readonly string[];
  /** Consul: the names of all roles that the token has. */
  readonly roles?: readonly string[];
  /** Consul: the names of all services that it is an identity of. */
  readonly services?: readonly string[];
}

/** Why a login must be refused. */
export interface RefusalExpectation extends LoginOptions {
  /**
   * The check that fails, such as `claim_mismatch`; docs/errors.md has them all. A token that lacks one bound claim and differs in
   * another takes a list, `['claim_missing', 'claim_mismatch']`: Vault says a random one of them.
   */
  readonly code: ErrorCode | readonly ErrorCode[];
  /** The claim that fails it, or all that do, and no other: a token that is wrong in two claims proves nothing of one. */
  readonly claim?: string | readonly string[] | undefined;
}

/**
 * The matchers `toLetIn` and `toRefuse` of `expect`, which is Vitest's own: `vaultproof/vitest` adds them to it.
 *
 * @example
 * await expect(env.vault).toLetIn(jwt, { role: 'payments', policies: ['default', 'payments'] });
 * await expect(env.vault).toRefuse(fork, { role: 'payments', code: 'claim_mismatch', claim: 'repository_id' });
 */
export interface LoginMatchers<Result> {
  /**
   * Logs in with a JWT, and out again: the server lets it in, with these policies.
   *
   * @example
   * await expect(env.vault).toLetIn(jwt, { role: 'payments', policies: ['default', 'payments'] });
   */
  toLetIn(jwt: string, expected?: LetInExpectation): Result;
  /**
   * Tries to log in with a JWT: the server refuses it, for this reason.
   *
   * @example
   * await expect(env.vault).toRefuse(jwt, { role: 'payments', code: 'claim_mismatch', claim: 'repository_id' });
   */
  toRefuse(jwt: string, expected: RefusalExpectation): Result;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: Vitest declares it so
  interface Matchers<T = any> extends LoginMatchers<Promise<void>> {}
}

/** What a login gave: what its token may do, in words, or why it was refused. */
type Outcome =
  | {
      readonly granted: Readonly<Record<'policies' | 'roles' | 'services', readonly string[]>>;
      readonly role?: string;
      /** The claims that Vault's role and auth method bind; Consul has none. */
      readonly boundClaims?: () => Promise<readonly string[]>;
    }
  | { readonly refused: LoginRefusedError };

expect.extend({
  async toLetIn(
    this: MatcherState,
    server: unknown,
    jwt: string,
    expected: LetInExpectation = {},
  ): Promise<MatcherResult> {
    refuseNegation(this, 'toLetIn', 'toRefuse(jwt, { code })');
    refuseUnknownOptions('toLetIn', expected, { ...loginOptions, policies: true, roles: true, services: true });
    const outcome = await logIn(server, jwt, expected);
    const who = nameOf(jwt);
    if ('refused' in outcome) return failed(`${who} was refused: ${outcome.refused.message}`);
    const wrong = (['policies', 'roles', 'services'] as const).filter(
      (kind) => expected[kind] !== undefined && !sameNames(expected[kind], outcome.granted[kind]),
    );
    const wanted = wrong.map((kind) => `${kind} ${listOf(expected[kind] ?? [])}`).join(', ');
    return wrong.length === 0
      ? passed(`${who} got in`)
      : failed(`${who} got in: ${describe(outcome)}; expected ${wanted}`);
  },
  async toRefuse(
    this: MatcherState,
    server: unknown,
    jwt: string,
    expected: RefusalExpectation,
  ): Promise<MatcherResult> {
    refuseNegation(this, 'toRefuse', 'toLetIn(jwt)');
    const codes = [expected?.code ?? []].flat();
    if (codes.length === 0) throw new UsageError('"toRefuse" takes the reason: toRefuse(jwt, { code })');
    refuseUnknownOptions('toRefuse', expected, { ...loginOptions, code: true, claim: true });
    const unknown = codes.find((code) => !errorCodes.includes(code));
    if (unknown !== undefined) throw new UsageError(`no such code as "${unknown}": ${hint(unknown, errorCodes)}`);
    const outcome = await logIn(server, jwt, expected);
    const who = nameOf(jwt);
    const claims = expected.claim === undefined ? undefined : [expected.claim].flat();
    const wanted = `${codes.join(' and ')}${ofClaims(claims ?? [])}`;
    if (!('refused' in outcome)) {
      const bound = await outcome.boundClaims?.().catch(() => undefined);
      const unbound = bound === undefined ? [] : (claims ?? []).filter((claim) => !bound.includes(claim));
      const why = unbound.length === 0 ? '' : `; the role binds no ${listed(unbound, ' or ')}`;
      return failed(`${who} got in: ${describe(outcome)}; expected a refusal by ${wanted}${why}`);
    }
    const { refused } = outcome;
    const reasons = reasonsOf(refused);
    const found = [...reasons.values()].flat();
    const isWanted = [...reasons.keys()].every((code) => codes.includes(code));
    const why = [...reasons].map(([code, names]) => `${code}${ofClaims(names)}`).join(' and ');
    if (isWanted && (claims === undefined || sameNames(found, claims))) {
      return passed(`${who} was refused by ${why}`);
    }
    const alone = isWanted && found.length > (claims?.length ?? 0) ? ' alone' : '';
    return failed(`${who} was refused by ${why}; expected ${wanted}${alone}\n\n${refused.message}`);
  },
});

/**
 * What a token is refused by, with the claims that are wrong. Of several bound claims Vault names a random one: each counts by what
 * is wrong with it.
 */
function reasonsOf({ code, claims = [], claim }: LoginRefusedError): ReadonlyMap<ErrorCode, readonly string[]> {
  if (claims.length === 0) return new Map([[code, claim === undefined ? [] : [claim]]]);
  if (code !== 'claim_missing' && code !== 'claim_mismatch') return new Map([[code, claims.map(({ name }) => name)]]);
  const missing = claims.filter(({ found }) => found === null).map(({ name }) => name);
  const different = claims.filter(({ found }) => found !== null).map(({ name }) => name);
  return new Map(
    (
      [
        ['claim_missing', missing],
        ['claim_mismatch', different],
      ] as const
    ).filter(([, names]) => names.length > 0),
  );
}

async function logIn(server: unknown, jwt: string, options: LoginOptions): Promise<Outcome> {
  try {
    return await (isConsul(server) ? atConsul(server, jwt, options) : atVault(server, jwt, options));
  } catch (error) {
    if (error instanceof LoginRefusedError) return { refused: error };
    throw error;
  }
}

/** With no option left out: one that a matcher drops would be tried elsewhere than the test says. */
type Whole<Request> = Readonly<Record<keyof Request, unknown>>;

const NOTHING = { policies: [], roles: [], services: [] };

async function atVault(
  server: unknown,
  jwt: string,
  options: LoginOptions,
): Promise<Extract<Outcome, { granted: unknown }>> {
  const { role, mount, namespace, correlationId } = options;
  if (!isVault(server)) throw new UsageError('the matcher takes a Vault or a Consul, such as "env.vault"');
  const session = await server.login({ jwt, role, mount, namespace, correlationId } satisfies Whole<VaultLoginRequest>);
  // A batch token can't be revoked, and ends by itself.
  await session.logout().catch(() => {});
  return {
    granted: { ...NOTHING, policies: session.policies },
    ...(session.role !== undefined && { role: session.role }),
    boundClaims: async () => (await session.matchedBounds()).map(({ name }) => name),
  };
}

async function atConsul(
  server: StartedConsul,
  jwt: string,
  { method, meta }: LoginOptions,
): Promise<Extract<Outcome, { granted: unknown }>> {
  if (method === undefined) throw new UsageError('name the auth method: { method }');
  await using session = await server.login({ jwt, method, meta } satisfies Whole<ConsulLoginRequest>);
  const { policies, roles, serviceIdentities } = session;
  return { granted: { policies, roles, services: serviceIdentities.map(({ serviceName }) => serviceName) } };
}

function isVault(server: unknown): server is StartedVault {
  return typeof server === 'object' && server !== null && 'root' in server && 'login' in server;
}

function isConsul(server: unknown): server is StartedConsul {
  return typeof server === 'object' && server !== null && 'kv' in server && 'login' in server;
}

/** Whom a token is about: its `sub`. */
function nameOf(jwt: string): string {
  const subject = readToken(jwt)?.claims['sub'];
  return typeof subject === 'string' && subject !== '' ? subject : 'the token';
}

function describe({ granted, role }: Extract<Outcome, { granted: unknown }>): string {
  const kinds = Object.entries(granted).flatMap(([kind, names]) =>
    names.length === 0 ? [] : `${kind} ${listOf(names)}`,
  );
  return [...(role === undefined ? [] : [`role "${role}"`]), ...kinds].join(', ') || 'without a policy';
}

function ofClaims(claims: readonly string[]): string {
  return claims.length === 0 ? '' : ` of ${listed(claims, ' and ')}`;
}

function listed(claims: readonly string[], between: string): string {
  return claims.map((claim) => JSON.stringify(claim)).join(between);
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => right.includes(name));
}
