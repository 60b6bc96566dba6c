import { randomBytes } from 'node:crypto';
import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { type PolicyRule, parsePolicy } from '../lint/index.js';
import { BUILT_IN_POLICIES, nameInRun, pathInRun, shared } from './run-paths.js';

/** A request to Vault's API, its path without `/v1/`, decoded. */
export interface VaultCall {
  readonly method: string;
  readonly path: string;
  readonly json?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;
type Refuse = (why: string) => never;

const READS = ['GET', 'LIST', 'HEAD', 'SCAN'];
/** Arguments that have the names of policies: of roles, users, tokens, entities and groups. */
const POLICIES = ['policies', 'token_policies', 'allowed_policies', 'disallowed_policies'];
const GLOBS_OF_POLICIES = ['allowed_policies_glob', 'disallowed_policies_glob'];
/** Arguments that have ids which the server gave. */
const IDS = ['id', 'alias_id', 'canonical_id', 'entity_id', 'mount_accessor', 'alias_mount_accessor'];
const LISTS_OF_IDS = ['member_entity_ids', 'member_group_ids'];
/** Where an audit device leaves nothing behind. */
const AUDIT_FILES: readonly unknown[] = ['stdout', 'discard', '/dev/null'];

/**
 * A request as a run sends it: what the declaration names has the run's prefix.
 * @param isKnown whether an id is of something that the run has made
 * @throws VaultproofError `outside_of_run` for what would change anything else
 */
export function callInRun(prefix: string, call: VaultCall, isKnown: (id: string) => boolean): VaultCall {
  const { method, path } = call;
  const reads = READS.includes(method);
  const refuse: Refuse = (why) => {
    throw outsideOfRun(call, why);
  };
  const fields = isRecord(call.json) ? call.json : undefined;
  if (path.split('/').some((part) => part === '..' || part === '.')) refuse('the path has dots');
  const sent = identityById(path, isKnown) ?? ownPolicy(path, reads) ?? pathInRun(prefix, path, reads);
  if (sent === undefined) return refuse(shared(path));
  const json = fields && bodyInRun(prefix, path, fields, { isKnown, refuse });
  return { method, path: sent, json: json ?? call.json };
}

/** An identity that the run has made may be read and changed by its id. */
function identityById(path: string, isKnown: (id: string) => boolean): string | undefined {
  const id = /^identity\/(?:entity|group)(?:-alias)?\/id\/([^/]+)$/.exec(path)?.[1];
  return id !== undefined && isKnown(id) ? path : undefined;
}

/** The policies that every server has may be read. */
function ownPolicy(path: string, reads: boolean): string | undefined {
  const name = /^sys\/(?:policies\/acl|policy)\/([^/]+)$/.exec(path)?.[1];
  return reads && name !== undefined && BUILT_IN_POLICIES.includes(name) ? path : undefined;
}

interface Checks {
  readonly isKnown: (id: string) => boolean;
  readonly refuse: Refuse;
}

function bodyInRun(prefix: string, path: string, fields: Fields, { isKnown, refuse }: Checks): Fields {
  const changed = (
    ...changes: readonly (readonly [names: readonly string[], change: (value: unknown) => unknown])[]
  ) => {
    const change = (name: string, value: unknown): unknown =>
      changes.find(([names]) => names.includes(name))?.[1](value) ?? value;
    return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(name, value)]));
  };
  const pathOf = (value: unknown): unknown =>
    typeof value === 'string' ? (pathInRun(prefix, value, true) ?? refuse(shared(value))) : value;
  const names = onEach((name) => {
    if (name === 'root') return refuse('the policy "root" grants everything');
    return BUILT_IN_POLICIES.includes(name) ? name : nameInRun(prefix, name);
  });
  const policies = [POLICIES, names] as const;
  const known = onEach((id) => (id === '' || isKnown(id) ? id : refuse(`the run has not made "${id}"`)));

  if (/^sys\/(?:policies\/acl|policy)\//.test(path)) {
    return changed([['policy', 'rules'], (value) => policyInRun(prefix, String(value), refuse)]);
  }
  if (path.startsWith('sys/audit/')) {
    const { type, options } = fields;
    const file = isRecord(options) ? (options['file_path'] ?? options['path']) : undefined;
    if (type !== 'file' || !AUDIT_FILES.includes(file))
      refuse('the audit device is not a file at "stdout" or "discard", and would leave something behind');
    return fields;
  }
  if (path === 'sys/remount') return changed([['from', 'to'], pathOf]);
  if (/^sys\/(?:leases\/)?(?:lookup|renew|revoke)$/.test(path)) return changed([['lease_id'], pathOf]);
  if (/^sys\/capabilities/.test(path)) return changed([['path', 'paths'], onEach((one) => String(pathOf(one)))]);
  if (/^auth\/token\/(?:create|roles)/.test(path)) {
    if (fields['no_parent'] === true || fields['orphan'] === true) refuse('the token would outlive the run');
    return changed(policies, [GLOBS_OF_POLICIES, onEach((glob) => nameInRun(prefix, glob))]);
  }
  if (path.startsWith('auth/') && !path.startsWith('auth/token/')) return changed(policies);
  if (!path.startsWith('identity/')) return fields;
  const isNamed = /^identity\/(?:lookup\/)?(?:entity|group)(?:\/|$)/.test(path);
  const name = (value: unknown): unknown => (isNamed ? nameInRun(prefix, String(value)) : value);
  const body = changed(policies, [IDS, known], [LISTS_OF_IDS, known], [['name'], name]);
  if (path !== 'identity/entity' && path !== 'identity/group') return body;
  // Vault would make one up, by which no one could tell whose it is.
  return { ...body, name: body['name'] ?? nameInRun(prefix, `unnamed-${randomBytes(4).toString('hex')}`) };
}

/** A change of each item of a list, which Vault also takes as a string with commas. */
function onEach(change: (item: string) => string): (value: unknown) => unknown {
  return (value) => {
    if (Array.isArray(value)) return value.map((item) => change(String(item)));
    if (typeof value !== 'string') return value;
    return value
      .split(',')
      .map((item) => (item.trim() === '' ? item : change(item.trim())))
      .join(',');
  };
}

/** The error for what can't be in a run. */
export function outsideOfRun({ method, path }: Pick<VaultCall, 'method' | 'path'>, why: string): VaultproofError {
  return new VaultproofError(
    'outside_of_run',
    `nothing was sent, because ${method} "${path}" is outside of the run: ${why}; try it on a Vault that is started, without "external"`,
    { details: { method, path } },
  );
}

/** A comment, a path of a policy with what is before it, a text of lines, or any other string. */
const HCL =
  /#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|((?<![\w.-])(?:path|"path")\s*)"((?:[^"\\\n]|\\.)*)"|"(?:[^"\\\n]|\\.)*"/g;
const READING_CAPABILITIES = ['read', 'list', 'deny'];
const GROUP_NAMES = 'identity.groups.names.';

/**
 * A policy whose paths are those of a run; all else of it stays as it is written.
 * @param refuse is called with why it can't be, and throws
 */
export function policyInRun(prefix: string, policy: string, refuse: (why: string) => never): string {
  const rules = rulesOf(policy) ?? refuse("the policy can't be read");
  const reads = new Map(
    rules.map(({ path, capabilities }) => [path, capabilities.every((one) => READING_CAPABILITIES.includes(one))]),
  );
  const mapped = (path: string): string => {
    if (/\{\{\s*identity\.(?:entity\.name|groups\.ids\.[^}]*\.name)\s*\}\}/.test(path)) {
      refuse(`the policy path "${path}" has the name of an entity or a group, which differs in a run`);
    }
    const bare = path.replace(/^\//, '');
    const named = bare.replaceAll(GROUP_NAMES, `${GROUP_NAMES}${nameInRun(prefix, '')}`);
    return pathInRun(prefix, named, reads.get(bare) === true) ?? refuse(`the policy path ${shared(path)}`);
  };
  const written = /^\s*\{/.test(policy) ? jsonInRun(policy, mapped) : hclInRun(policy, mapped);
  // What was overlooked, as a path that is written in an unusual way, would be outside of the run.
  const expected = rules.map(({ path }) => mapped(path));
  const found = rulesOf(written)?.map(({ path }) => path) ?? [];
  if (expected.join('\n') !== found.join('\n')) refuse('the paths of the policy are written in an unusual way');
  return written;
}

function rulesOf(policy: string): readonly PolicyRule[] | undefined {
  for (const product of ['vault', 'openbao'] as const) {
    try {
      return parsePolicy(policy, product);
    } catch {}
  }
  return undefined;
}

function hclInRun(policy: string, mapped: (path: string) => string): string {
  return policy.replaceAll(HCL, (whole, before?: string, path?: string) =>
    before === undefined || path === undefined ? whole : `${before}"${mapped(path)}"`,
  );
}

function jsonInRun(policy: string, mapped: (path: string) => string): string {
  const document: unknown = JSON.parse(policy);
  const paths = isRecord(document) ? document['path'] : undefined;
  const renamed = (rules: unknown): unknown =>
    isRecord(rules) ? Object.fromEntries(Object.entries(rules).map(([path, rule]) => [mapped(path), rule])) : rules;
  const changed = Array.isArray(paths) ? paths.map(renamed) : renamed(paths);
  return JSON.stringify({ ...(document as object), path: changed });
}
