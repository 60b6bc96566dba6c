import { VaultproofError } from '../../errors/index.js';
import type { HttpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import type {
  MergedRule,
  TemplateEntity,
  VaultAcl,
  VaultOperation,
  VaultPolicy,
  VaultVerdict,
} from '../access/index.js';
import { encodePath, isNotFound, mountNotFound, type VaultBody, vaultRequest } from '../api/vault-api.js';
import { nearestRules } from './nearest-rules.js';
import { preflightPath, type SecretPath, secretPath } from './secret-path.js';

/** A request that Vault denied a session. */
export interface DeniedRequest {
  /** As the caller wrote it, without slashes at its ends. */
  readonly path: string;
  /** Whether the caller's path is one of `vault kv`, to which KV v2 adds `data/`. */
  readonly isSecret: boolean;
  /** A write is a `create` or an `update`, depending on what is there. */
  readonly operations: readonly VaultOperation[];
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** A request with the token that may read policies; undefined for what is not there or may not be read. */
type Read = (path: string) => Promise<VaultBody | undefined>;

/** What the policies of a token say of a denied request. */
interface DeniedAccess {
  readonly acl: VaultAcl;
  readonly place: SecretPath;
  readonly request: DeniedRequest;
}

/**
 * Adds to a denied request's error why the token's policies do not allow it, as far as another token may read them.
 * @param readerToken a token that may look up tokens and read policies
 * @param sessionToken the token that was denied
 * @returns the error unchanged where the token is gone, or its policies can't be read
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 */
export async function explainDenied(
  http: HttpClient,
  { readerToken, sessionToken }: { readonly readerToken: string; readonly sessionToken: string },
  error: VaultproofError,
  request: DeniedRequest,
): Promise<VaultproofError> {
  const send = (method: string, path: string, json?: unknown): Promise<VaultBody> =>
    vaultRequest(http, readerToken, method, path, json);
  const read: Read = async (path) => dataOf(await send('GET', path).catch(() => undefined));
  const [found, looked] = await Promise.all([
    placeOf(request, send),
    send('POST', 'auth/token/lookup', { token: sessionToken }).catch(() => undefined),
  ]);
  if (found instanceof VaultproofError) return explained(error, found.message, { mounts: found.details['mounts'] });
  const token = dataOf(looked);
  if (token === undefined || found === undefined) return error;
  const names = [...new Set([token['policies'], token['identity_policies']].flatMap(namesIn))].toSorted();
  if (names.includes('root')) return error;
  const { readVaultPolicy, vaultAcl } = await import('../access/index.js');
  const product = http.product === 'openbao' ? 'openbao' : 'vault';
  const [texts, entity] = await Promise.all([
    Promise.all(names.map(async (name) => [name, await policyText(name, send)] as const)),
    entityOf(token['entity_id'], read),
  ]);
  const policies = texts.flatMap(([name, text]): VaultPolicy[] => {
    if (text === null) return [];
    if (text !== undefined) return [readVaultPolicy(name, text, { product, entity })];
    return [{ name, rules: [], undecided: [`policy "${name}" may not be read`] }];
  });
  const policiesNotFound = texts.flatMap(([name, text]) => (text === null ? [name] : []));
  const undecided = policies.flatMap((policy) => policy.undecided);
  const { sentence, ...why } = reasonOf({ acl: vaultAcl(policies, product), place: found, request });
  const missing =
    policiesNotFound.length === 0
      ? ''
      : `, of which ${quoted(policiesNotFound)} ${policiesNotFound.length === 1 ? 'is' : 'are'} not there`;
  const open = undecided.length === 0 ? '' : `; undecided: ${undecided.join('; ')}`;
  return explained(error, `the token's policies are ${quoted(names)}${missing}${sentence}${open}`, {
    policies: names,
    policiesNotFound,
    ...why,
    undecided,
  });
}

function explained(error: VaultproofError, sentence: string, details: Readonly<Record<string, unknown>>) {
  return new VaultproofError(error.code, `${error.message}; ${sentence}`, {
    details: { ...error.details, ...details },
  });
}

/** Where a request leads, or the error that says that nothing is mounted there; undefined where that can't be read. */
async function placeOf(
  { path, isSecret }: DeniedRequest,
  send: (method: string, path: string) => Promise<VaultBody>,
): Promise<SecretPath | VaultproofError | undefined> {
  try {
    const mount = dataOf(await send('GET', preflightPath(path))) ?? {};
    const place = secretPath(path, mount);
    return isSecret ? place : { ...place, apiPath: path };
  } catch (error) {
    return error instanceof VaultproofError ? mountNotFound(error.details, path, send) : undefined;
  }
}

/** A policy's text; null where there is no such policy, undefined where it may not be read. */
async function policyText(name: string, send: (method: string, path: string) => Promise<VaultBody>) {
  try {
    const policy = dataOf(await send('GET', `sys/policies/acl/${encodePath(name)}`));
    return typeof policy?.['policy'] === 'string' ? policy['policy'] : undefined;
  } catch (error) {
    return isNotFound(error) ? null : undefined;
  }
}

/** Whom a token's policies are filled in for; undefined for a token without an entity. */
async function entityOf(id: unknown, read: Read): Promise<TemplateEntity | undefined> {
  if (typeof id !== 'string' || id === '') return undefined;
  const entity = await read(`identity/entity/id/${id}`);
  if (entity === undefined) return undefined;
  const groups = await Promise.all(namesIn(entity['group_ids']).map((group) => read(`identity/group/id/${group}`)));
  const aliases = (Array.isArray(entity['aliases']) ? entity['aliases'] : []).filter(isRecord);
  return {
    ...memberOf(entity),
    aliases: Object.fromEntries(aliases.map((alias) => [String(alias['mount_accessor']), memberOf(alias)])),
    groups: groups.flatMap((group) => (group === undefined ? [] : [memberOf(group)])),
  };
}

function memberOf({ id, name, metadata, custom_metadata }: VaultBody) {
  const pairs = (value: unknown): Record<string, string> =>
    isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one)])) : {};
  return { id: String(id), name: String(name), metadata: pairs(metadata), customMetadata: pairs(custom_metadata) };
}

/** What is missing, in words and by name. */
function reasonOf({ acl, place, request }: DeniedAccess) {
  const { operations, data } = request;
  const body = place.version === 2 && data !== undefined ? { data } : data;
  const verdictAt = (path: string, operation: VaultOperation): VaultVerdict =>
    acl.decide({ operation, path, data: body });
  const denied = operations.flatMap((operation) => {
    const verdict = verdictAt(place.apiPath, operation);
    return verdict.allowed ? [] : [{ operation, ...verdict }];
  });
  const [first] = denied;
  if (first === undefined) return { sentence: ', and by them it should be allowed' };
  const lacksCapability = first.reason === 'no_rule' || first.reason === 'capability';
  const missing = lacksCapability ? denied.map(({ operation }) => operation) : [];
  const nearest = nearestRule(place.apiPath, acl.rules);
  const correctPath = correctedPath({ acl, place, request });
  const sentences = [ruleSentence(place.apiPath, first, missing, nearest), ...correctPath.map(({ advice }) => advice)];
  return {
    sentence: `; ${sentences.join('; ')}`,
    reason: first.reason,
    missing,
    nearest: nearest && { path: nearest.path, policies: nearest.policies, capabilities: nearest.capabilities },
    correctPath: correctPath[0]?.path,
  };
}

function ruleSentence(
  path: string,
  { reason, rule }: VaultVerdict & { readonly allowed: false },
  missing: readonly string[],
  nearest: MergedRule | undefined,
): string {
  if (rule === undefined) {
    const near = nearest && `, the nearest rule is "${nearest.path}" with ${nearest.capabilities.join(', ')}`;
    return `none has a rule for ${missing.join(' or ')} of "${path}"${near ?? ', or near it'}`;
  }
  const where = `the rule "${rule.path}" of ${quoted(rule.policies)}`;
  if (reason === 'wrapping_ttl') return `${where} asks for a wrapped answer`;
  if (reason !== 'capability') return `${where} does not allow these parameters (${reason})`;
  if (rule.capabilities.includes('deny')) return `${where} denies it`;
  return `${where} has ${rule.capabilities.join(', ') || 'no capability'}, ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
}

/** The rule that grants something and whose path has most in common with another, from the start. */
function nearestRule(path: string, rules: readonly MergedRule[]): MergedRule | undefined {
  return nearestRules(
    path,
    rules.filter(({ capabilities }) => capabilities.some((one) => one !== 'deny')),
  )[0];
}

/** Where `data/` of KV v2 is missing in a policy, or is one too many in a request. */
function correctedPath({ acl, place, request }: DeniedAccess): readonly { path: string; advice: string }[] {
  const { mount, version, apiPath } = place;
  if (mount === undefined || version !== 2 || !request.isSecret) return [];
  const isAllowed = (path: string): boolean =>
    request.operations.some((operation) => acl.decide({ operation, path }).allowed);
  const inEngine = request.path.slice(mount.length);
  if (inEngine.startsWith('data/') && isAllowed(request.path)) {
    const path = mount + inEngine.slice('data/'.length);
    return [{ path, advice: `a path of "vault kv" has no "data/": use "${path}"` }];
  }
  const [operation] = request.operations;
  const rule = operation && isAllowed(request.path) ? acl.ruleFor(operation, request.path) : undefined;
  if (rule === undefined || !rule.path.startsWith(mount) || apiPath === request.path) return [];
  const path = `${mount}data/${rule.path.slice(mount.length)}`;
  return [{ path, advice: `"${mount}" is a KV version 2 engine: the policy's path is "${path}", not "${rule.path}"` }];
}

function dataOf(body: VaultBody | undefined): VaultBody | undefined {
  return isRecord(body?.['data']) ? body['data'] : undefined;
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
