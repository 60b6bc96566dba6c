import { expect } from 'vitest';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { isRecord, membersOf } from '../../internal/json.js';
import type { VaultSession } from '../index.js';
import { nearestRules } from '../login/nearest-rules.js';
import { answerOf } from '../login/node-vault-client.js';
import { preflightPath, secretPath } from '../login/secret-path.js';
import { type ConsulOperation, consulAccess, isConsulSession } from './consul-access.js';
import { failed, listOf, type MatcherResult, type MatcherState, passed, refuseNegation } from './matcher-result.js';

/** What a token may do at a path, as Vault's policies name it; `create` is a write where nothing is yet. */
export type AccessOperation = (typeof OPERATIONS)[number];

const OPERATIONS = ['create', 'read', 'update', 'patch', 'delete', 'list', 'scan', 'recover', 'sudo'] as const;

/**
 * The matchers `toAllow` and `toDeny` of `expect`, which is Vitest's own: `vaultproof/vitest` adds them to it.
 *
 * @example
 * const session = await env.vault.login({ jwt, role: 'payments' });
 * await expect(session).toAllow('read', 'kv/data/payments/db');
 * await expect(session).toDeny('delete', 'kv/metadata/payments/db');
 */
export interface AccessMatchers<Result> {
  /**
   * Asks Vault at `sys/capabilities-self` whether a session's token may do something at a path. A request of the operation itself
   * would change something, and a read of `consul/creds/app` would make a token. What a policy demands of a request's parameters
   * doesn't count.
   * @param path as policies have it: `kv/data/app` for KV version 2, `kv/metadata/app/` for a list of it
   * @see https://developer.hashicorp.com/vault/api-docs/system/capabilities-self
   *
   * @example
   * await expect(await env.vault.login({ jwt })).toAllow('read', 'kv/data/payments/db');
   */
  toAllow(operation: AccessOperation, path: string): Result;
  /**
   * Asks Consul whether a session's token may do something with a resource.
   * @param resource with its name: `key/app/config`, `service/web`, `node/web-1`; or `acl`, `keyring`, `mesh`, `operator`, `peering`
   * @see https://developer.hashicorp.com/consul/docs/reference/acl/rule
   *
   * @example
   * await expect(await env.consul.login({ jwt, method: 'jwt' })).toAllow('write', 'key/app/config');
   */
  toAllow(operation: ConsulOperation, resource: string): Result;
  /**
   * Asks Vault at `sys/capabilities-self`, as `toAllow` does, and holds where the token may not. It fails where the token has ended,
   * and for a path of a KV version 2 without `data/` or the like, where there is nothing to be denied.
   *
   * @example
   * await expect(await env.vault.login({ jwt })).toDeny('delete', 'kv/metadata/payments/db');
   */
  toDeny(operation: AccessOperation, path: string): Result;
  /**
   * Asks Consul, as `toAllow` does, and holds where the token may not. It fails where the token has ended.
   *
   * @example
   * await expect(await env.consul.login({ jwt, method: 'jwt' })).toDeny('write', 'key/app/config');
   */
  toDeny(operation: ConsulOperation, resource: string): Result;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: Vitest declares it so
  interface Matchers<T = any> extends AccessMatchers<Promise<void>> {}
}

expect.extend({
  async toAllow(
    this: MatcherState,
    session: unknown,
    operation: AccessOperation | ConsulOperation,
    asked: string,
  ): Promise<MatcherResult> {
    refuseNegation(this, 'toAllow', 'toDeny(operation, path)');
    if (isConsulSession(session)) return consulAccess(session, operation, asked, true);
    const access = await accessOf(session, operation, asked);
    if ('wrong' in access) return failed(`${access.wrong}; expected that it may ${operation} "${access.path}"`);
    const { path, capabilities, allowed, who } = access;
    if (allowed) return passed(`${who} may ${operation} "${path}"`);
    const { exact, nearest } = await pathsNear(access.session, path);
    const remedy = exact.includes('deny')
      ? 'remove "deny" from that path, which no other rule can lift'
      : `add path "${path}" { capabilities = ${capabilitiesWith(operation, capabilities)} } to one of its policies`;
    return failed(`${who} may not ${operation} "${path}": ${answered(capabilities)}; ${remedy}\n\n${nearest}`);
  },
  async toDeny(
    this: MatcherState,
    session: unknown,
    operation: AccessOperation | ConsulOperation,
    asked: string,
  ): Promise<MatcherResult> {
    refuseNegation(this, 'toDeny', 'toAllow(operation, path)');
    if (isConsulSession(session)) return consulAccess(session, operation, asked, false);
    const access = await accessOf(session, operation, asked);
    if ('wrong' in access) return failed(`${access.wrong}; expected that it may not ${operation} "${access.path}"`);
    const { path, capabilities, allowed, who } = access;
    if (!allowed) return passed(`${who} may not ${operation} "${path}"`);
    const { nearest } = await pathsNear(access.session, path);
    const remedy = capabilities.includes('root')
      ? 'log in with a role, whose token is not the root token'
      : `remove "${operation}" from what grants it, or add path "${path}" { capabilities = ["deny"] }`;
    return failed(`${who} may ${operation} "${path}": ${answered(capabilities)}; ${remedy}\n\n${nearest}`);
  },
});

/** A rule for a path itself comes before all others: without what the token has there by those, it would lose it. */
function capabilitiesWith(operation: AccessOperation | ConsulOperation, granted: readonly string[]): string {
  const all = OPERATIONS.filter((one) => one === operation || granted.includes(one));
  return `[${all.map((one) => JSON.stringify(one)).join(', ')}]`;
}

type Access =
  | { readonly path: string; readonly wrong: string }
  | {
      readonly path: string;
      readonly session: VaultSession;
      readonly who: string;
      readonly capabilities: readonly string[];
      readonly allowed: boolean;
    };

async function accessOf(session: unknown, operation: string, asked: string): Promise<Access> {
  if (!isSession(session))
    throw new UsageError('the matcher takes a session of Vault or Consul, such as "await vault.login(...)"');
  if (!OPERATIONS.some((one) => one === operation)) {
    throw new UsageError(`"${operation}" is no operation of a policy: use one of ${OPERATIONS.join(', ')}`);
  }
  const path = asked.replace(/^\/+/, '');
  const who = `the token with ${session.role === undefined ? '' : `role "${session.role}" and `}policies ${listOf(session.policies)}`;
  const { status, body } = await call(session, 'POST', 'sys/capabilities-self', { paths: [path] });
  if (status === 403) {
    const wrong = `${who} has ended, or may not ask "sys/capabilities-self", which the policy "default" allows`;
    return { path, wrong };
  }
  const capabilities = status === 200 ? body[path] : undefined;
  if (!Array.isArray(capabilities)) {
    throw new VaultproofError('unexpected_answer', `"sys/capabilities-self" answered ${status} without "${path}"`);
  }
  const secret = await versionedPath(session, path);
  if (secret !== undefined) {
    const wrong = `"${path}" is no path of a KV version 2: the secret is at "${secret}", which policies and requests name`;
    return { path, wrong };
  }
  const allowed = capabilities.includes(operation) || capabilities.includes('root');
  return { path, session, who, capabilities, allowed };
}

/**
 * Where a secret of a KV version 2 is that was named without `data/`; undefined for every other path. Vault tells it everyone
 * who has access to anything of the mount.
 */
async function versionedPath(session: VaultSession, path: string): Promise<string | undefined> {
  const { status, body } = await call(session, 'GET', preflightPath(path));
  const { apiPath, mount = '', version } = secretPath(path, body);
  if (status !== 200 || version !== 2) return undefined;
  const below = path.slice(mount.length);
  return /^(?:data|metadata|delete|undelete|destroy|subkeys|config)(?:\/|$)/.test(below) ? undefined : apiPath;
}

const MOST_SHOWN = 3;

/** What the token's policies say of a path itself, and a sentence on the paths in them that have most of it in common. */
async function pathsNear(
  session: VaultSession,
  path: string,
): Promise<{ readonly exact: readonly string[]; readonly nearest: string }> {
  const [{ body }, { body: token }] = await Promise.all([
    call(session, 'GET', 'sys/internal/ui/resultant-acl'),
    call(session, 'GET', 'auth/token/lookup-self'),
  ]);
  // The paths begin with the namespace of the token, those of its policies do not.
  const namespace = String(token['namespace_path'] ?? '');
  const exact = rulesOf(body['exact_paths'], namespace);
  const globs = rulesOf(body['glob_paths'], namespace).map((rule) => ({ ...rule, path: written(rule.path) }));
  const near = nearestRules(path, [...exact, ...globs])
    .slice(0, MOST_SHOWN)
    .map((rule) => `"${rule.path}" (${rule.capabilities.join(', ')})`);
  const nearest =
    near.length === 0
      ? `Its policies have no path that begins with "${path.split('/')[0]}".`
      : `The nearest paths in its policies: ${near.join(', ')}.`;
  return { exact: exact.find((rule) => rule.path === path)?.capabilities ?? [], nearest };
}

interface Rule {
  readonly path: string;
  readonly capabilities: readonly string[];
}

function rulesOf(paths: unknown, namespace: string): Rule[] {
  return Object.entries(membersOf(paths)).map(([path, rule]) => ({
    path: path.startsWith(namespace) ? path.slice(namespace.length) : path,
    capabilities: isRecord(rule) && Array.isArray(rule['capabilities']) ? rule['capabilities'].map(String) : [],
  }));
}

/** A path as the policy has it: Vault leaves the `*` at its end out, unless a segment is a `+`. */
function written(glob: string): string {
  return glob.split('/').includes('+') ? glob : `${glob}*`;
}

function answered(capabilities: readonly string[]): string {
  return `"sys/capabilities-self" answered ${capabilities.join(', ')}`;
}

async function call(
  session: VaultSession,
  method: string,
  path: string,
  json?: Readonly<Record<string, unknown>>,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  try {
    const answer: unknown = await session.client.request({ method, path: `/${path}`, ...(json && { json }) });
    return { status: 200, body: membersOf(membersOf(answer)['data']) };
  } catch (error) {
    return { status: answerOf(error).status, body: {} };
  }
}

function isSession(session: unknown): session is VaultSession {
  return typeof session === 'object' && session !== null && 'client' in session && 'policies' in session;
}
