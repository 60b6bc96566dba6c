import { type KnownOptions, refuseUnknown } from './known-options.js';

/** What a token may do at a path. @see https://developer.hashicorp.com/vault/docs/concepts/policies#capabilities */
export type VaultCapability =
  | 'create'
  | 'read'
  | 'update'
  | 'patch'
  | 'delete'
  | 'list'
  | 'sudo'
  | 'deny'
  | 'subscribe'
  | 'recover';

/** Values of a parameter; an empty list stands for any. */
export type VaultParameters = Readonly<Record<string, readonly (string | number | boolean)[]>>;

/** What a token may do at a path of Vault's API, which for KV version 2 has `data/` or `metadata/` in it. */
export interface VaultPathRule {
  /** Without `/v1/`; `+` stands for one segment, `*` at the end for anything. */
  readonly path: string;
  readonly capabilities: readonly VaultCapability[];
  /** Parameters that a request must have. */
  readonly requiredParameters?: readonly string[];
  /** The only parameters that a request may have, `*` for any other. */
  readonly allowedParameters?: VaultParameters;
  /** Parameters that a request may not have. */
  readonly deniedParameters?: VaultParameters;
  /** Durations such as `1m`. */
  readonly minWrappingTtl?: string;
  readonly maxWrappingTtl?: string;
  readonly subscribeEventTypes?: readonly string[];
}

/**
 * What a token may do with a secret. `delete` and `undelete` are about versions, which are still there; `destroy`
 * removes versions and `purge` a secret with all of them. KV version 1 has `read`, `list`, `write` and `delete`.
 */
export type SecretAccess = 'read' | 'list' | 'write' | 'delete' | 'undelete' | 'destroy' | 'purge';

/** What a token may do with secrets, by the path that `vault kv` takes. */
export interface VaultSecretRule {
  /** Below the engine's path: `vishpat/*`. */
  readonly secrets: string;
  readonly access: readonly SecretAccess[];
  /** The path of the KV engine, one of the stack's; default the first one. */
  readonly kv?: string;
}

/** A rule of a policy: by API path, or by the path of a secret. */
export type VaultRule = VaultPathRule | VaultSecretRule;

/** A KV engine, as far as paths depend on it. */
export interface KvEngine {
  readonly path: string;
  readonly version: 1 | 2;
}

const pathRuleOptions: KnownOptions<VaultPathRule> = {
  path: true,
  capabilities: true,
  requiredParameters: true,
  allowedParameters: true,
  deniedParameters: true,
  minWrappingTtl: true,
  maxWrappingTtl: true,
  subscribeEventTypes: true,
};

type Grants = readonly (readonly [prefix: string, capabilities: readonly VaultCapability[]])[];

const byVersion: Readonly<Record<1 | 2, Readonly<Partial<Record<SecretAccess, Grants>>>>> = {
  1: {
    read: [['', ['read']]],
    list: [['', ['list']]],
    write: [['', ['create', 'update']]],
    delete: [['', ['delete']]],
  },
  2: {
    read: [['data/', ['read']]],
    list: [['metadata/', ['list']]],
    write: [['data/', ['create', 'update', 'patch']]],
    delete: [
      ['data/', ['delete']],
      ['delete/', ['update']],
    ],
    undelete: [['undelete/', ['update']]],
    destroy: [['destroy/', ['update']]],
    purge: [['metadata/', ['delete']]],
  },
};

/**
 * Rules as the HCL of a policy.
 * @param engines the KV engines that `secrets` may lie in, the default first
 * @throws TypeError for an unknown property of a rule, an engine that is not among them, and for an access that its version does not have
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 * @example
 * const hcl = policyOf([{ secrets: 'app/*', access: ['read'] }], [{ path: 'kv', version: 2 }]);
 */
export function policyOf(rules: readonly VaultRule[], engines: readonly KvEngine[] = []): string {
  const stanzas: string[] = [];
  for (const rule of rules) {
    if ('secrets' in rule)
      refuseUnknown(`the rule for "${rule.secrets}"`, rule, { secrets: true, access: true, kv: true });
    else refuseUnknown(`the rule for "${rule.path}"`, rule, pathRuleOptions);
    for (const pathRule of 'secrets' in rule ? pathRules(rule, engines) : [rule]) stanzas.push(stanza(pathRule));
  }
  return stanzas.join('\n');
}

function pathRules({ secrets, access, kv = '' }: VaultSecretRule, engines: readonly KvEngine[]): VaultPathRule[] {
  const engine = kv === '' ? engines[0] : engines.find(({ path }) => path === kv);
  if (!engine) {
    const path = JSON.stringify(kv || 'kv');
    throw new TypeError(
      `the rule for "${secrets}" names no KV engine of the stack: add kv: { path: ${path}, existing: true } for an existing one, or kv: { path: ${path} } for one that the stack creates`,
    );
  }
  if (access.length === 0)
    throw new TypeError(`the rule for "${secrets}" allows nothing: list what it allows in "access"`);
  const { path, version } = engine;
  const capabilities = new Map<string, Set<VaultCapability>>();
  for (const kind of access) {
    const grants = byVersion[version][kind];
    if (!grants) throw new TypeError(`KV version ${version} has no "${kind}", the rule for "${secrets}" asks for it`);
    for (const [prefix, granted] of grants) {
      const at = capabilities.get(prefix) ?? new Set();
      capabilities.set(prefix, new Set([...at, ...granted]));
    }
  }
  return [...capabilities].map(([prefix, granted]) => ({
    path: `${path}/${prefix}${secrets}`,
    capabilities: [...granted],
  }));
}

function stanza(rule: VaultPathRule): string {
  if (/^\/|^v1\/|\/\//.test(rule.path)) {
    throw new TypeError(
      `no request has the path "${rule.path}": write it without "/v1/", a slash before it, or two together`,
    );
  }
  if (/\*(?!$)|\+\*/.test(rule.path)) {
    throw new TypeError(
      `"*" in "${rule.path}" is a wildcard only at the end of a path without "+": use "+" for one segment`,
    );
  }
  const { path, capabilities, ...rest } = rule;
  const lines = [
    `capabilities = ${list(capabilities)}`,
    ...lineFor('required_parameters', rest.requiredParameters, list),
    ...lineFor('allowed_parameters', rest.allowedParameters, map),
    ...lineFor('denied_parameters', rest.deniedParameters, map),
    ...lineFor('min_wrapping_ttl', rest.minWrappingTtl, JSON.stringify),
    ...lineFor('max_wrapping_ttl', rest.maxWrappingTtl, JSON.stringify),
    ...lineFor('subscribe_event_types', rest.subscribeEventTypes, list),
  ];
  return `path ${JSON.stringify(path)} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}

function lineFor<Value>(name: string, value: Value | undefined, write: (value: Value) => string): string[] {
  return value === undefined ? [] : [`${name} = ${write(value)}`];
}

function list(values: readonly unknown[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
}

function map(parameters: VaultParameters): string {
  const members = Object.entries(parameters).map(([name, values]) => `    ${JSON.stringify(name)} = ${list(values)}\n`);
  return `{\n${members.join('')}  }`;
}
