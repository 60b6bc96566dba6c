import type { JwtAuthBackendConfig, JwtAuthBackendTune } from '@cdktf/provider-vault/lib/jwt-auth-backend/index.js';
import { type Allowances, refuseTwice } from './checks.js';
import { type KnownOptions, refuseUnknown, refuseUnknownInEach, requireList } from './known-options.js';
import type { KvEngine, VaultRule } from './policy.js';
import { checkMountPath, checkName, checkRoleName, lowerCase, type ReadonlyLists } from './vault-jwt-role.js';

/**
 * What the rules of a policy may say of the caller: Vault inserts it unchanged at each request. What the token says is
 * safe in a path where the issuer gives no name with `+`, `*` or `/` in it, which stand for the paths of others.
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies#templated-policies
 */
export interface VaultIdentity {
  /** The id of Vault's own that an identity gets at its first login, and keeps. */
  readonly id: string;
  /** The value of the role's `userClaim`. */
  readonly name: string;
  /** What the role's `claimMappings` keep of a claim, by the name that they give it. */
  readonly metadata: (name: string) => string;
}

/** An ACL policy, as rules or as HCL; a function gets what Vault knows of the caller. */
export type VaultPolicy = { readonly name: string; readonly allow?: Allowances } & (
  | { readonly rules: readonly VaultRule[] | ((identity: VaultIdentity) => readonly VaultRule[]) }
  /** @see https://developer.hashicorp.com/vault/docs/concepts/policies */
  | { readonly policy: string | ((identity: VaultIdentity) => string) }
);

/** What a value of the `groupsClaim` of a role entitles to. */
export interface VaultGroup {
  /** The value, which is also the name of Vault's identity group. */
  readonly name: string;
  readonly policies: readonly string[];
}

/** A KV engine for what a role may read. */
export interface VaultKv extends Partial<KvEngine> {
  /** Where it is mounted; default `kv`. */
  readonly path?: string;
  /** Default 2. */
  readonly version?: 1 | 2;
  /** Whether it is there already: the stack then makes none, and `rules` may name it; default false. */
  readonly existing?: boolean;
  readonly description?: string;
}

/** What an auth method has however it verifies tokens: the provider's own arguments. */
export type VaultMethodProps = ReadonlyLists<
  Pick<
    JwtAuthBackendConfig,
    | 'path'
    | 'description'
    | 'boundIssuer'
    | 'jwtSupportedAlgs'
    | 'defaultRole'
    | 'local'
    | 'tune'
    | 'namespace'
    | 'namespaceInState'
    | 'disableRemount'
    | 'providerConfig'
    | 'oidcResponseMode'
    | 'oidcResponseTypes'
  >
> & { readonly allow?: Allowances };

/** What a login has besides its auth method. */
export interface VaultLoginProps<Role> {
  /** Vault's address; default VAULT_ADDR where the provider runs. */
  readonly address?: string;
  /** One or more; the first is the default role. */
  readonly roles: readonly Role[];
  readonly policies?: readonly VaultPolicy[];
  readonly groups?: readonly VaultGroup[];
  /**
   * KV engines that the stack makes, such as `{}` for version 2 at `kv`, or that are there already (`existing`); default
   * none. A stack that makes one takes it along with all its secrets when it is destroyed. Secrets are never declared
   * here: they would land in the state.
   */
  readonly kv?: VaultKv | readonly VaultKv[];
}

/** The options of every login. */
export const loginOptions: KnownOptions<VaultMethodProps & VaultLoginProps<never>> = {
  path: true,
  description: true,
  boundIssuer: true,
  jwtSupportedAlgs: true,
  defaultRole: true,
  local: true,
  tune: true,
  namespace: true,
  namespaceInState: true,
  disableRemount: true,
  providerConfig: true,
  oidcResponseMode: true,
  oidcResponseTypes: true,
  allow: true,
  address: true,
  roles: true,
  policies: true,
  groups: true,
  kv: true,
};

const tuneOptions: KnownOptions<JwtAuthBackendTune> = {
  allowedResponseHeaders: true,
  auditNonHmacRequestKeys: true,
  auditNonHmacResponseKeys: true,
  defaultLeaseTtl: true,
  listingVisibility: true,
  maxLeaseTtl: true,
  passthroughRequestHeaders: true,
  tokenType: true,
};

/** What TypeScript holds, for those who write JavaScript: a bound or a rule that is mistyped would let in more. */
export function refuseUnknownInLogin<Props extends VaultMethodProps & VaultLoginProps<unknown>>(
  id: string,
  props: Props,
  known: KnownOptions<Props>,
): void {
  const what = `stack "${id}"`;
  refuseUnknown(what, props, known);
  const { roles = [], policies = [], groups = [], kv = [], tune } = props;
  refuseUnknownInEach('"tune"', tune, tuneOptions);
  for (const [name, value] of Object.entries({ roles, policies, groups })) requireList(what, name, value);
  for (const policy of policies) {
    refuseUnknown(`policy "${policy.name}"`, policy, { name: true, allow: true, rules: true, policy: true });
  }
  for (const group of groups) refuseUnknown(`group "${group.name}"`, group, { name: true, policies: true });
  for (const engine of isList(kv) ? kv : [kv]) {
    refuseUnknown('"kv"', engine, { path: true, version: true, existing: true, description: true });
  }
  if (roles.length === 0) throw new TypeError('a login without a role accepts no one: add a role');
}

/** What no path of Vault's API can have, and what Vault or Terraform would not keep apart. */
export function checkNames(
  path: string,
  { roles, policies = [], groups = [] }: VaultLoginProps<{ readonly roleName: string }>,
  engines: readonly KvEngine[],
): void {
  checkMountPath('auth method', path);
  for (const engine of engines) checkMountPath('KV engine', engine.path);
  for (const { name } of policies) {
    if (lowerCase(checkName('policy', name)) === 'root')
      throw new TypeError('the policy "root" is built into Vault and cannot be written: choose another name');
  }
  for (const { name } of groups) checkName('group', name);
  for (const { roleName } of roles) checkRoleName(roleName);
  refuseTwice(
    'Vault',
    'roles',
    roles.map(({ roleName }) => roleName),
  );
  refuseTwice(
    'Vault',
    'policies',
    policies.map(({ name }) => name),
  );
  refuseTwice(
    'Vault',
    'groups',
    groups.map(({ name }) => name),
  );
  const paths = engines.map((engine) => engine.path);
  const twice = paths.find((at, index) => paths.indexOf(at) !== index);
  if (twice !== undefined) throw new TypeError(`two KV engines have the path "${twice}": give each a path of its own`);
}

/** Whether several engines are given. */
export function isList(kv: VaultKv | readonly VaultKv[]): kv is readonly VaultKv[] {
  return Array.isArray(kv);
}

/**
 * The KV engines of a stack, with their defaults.
 *
 * @example
 * const [engine] = enginesOf({ path: 'kv' });
 */
export function enginesOf(kv: VaultKv | readonly VaultKv[]): (KvEngine & VaultKv)[] {
  return (isList(kv) ? kv : [kv]).map(({ path = 'kv', version = 2, ...engine }) => ({ path, version, ...engine }));
}
