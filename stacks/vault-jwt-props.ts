import type { JwtAuthBackendConfig, JwtAuthBackendTune } from '@cdktf/provider-vault/lib/jwt-auth-backend/index.js';
import { type Allowances, refuseTwice } from './checks.js';
import { type KnownOptions, refuseUnknown, refuseUnknownInEach, requireList } from './known-options.js';
import type { KvEngine, VaultRule } from './policy.js';
import {
  checkMountPath,
  checkName,
  checkRoleName,
  lowerCase,
  type ReadonlyLists,
  type VaultJwtRole,
} from './vault-jwt-role.js';

/** Where Vault has the keys from that verify a token: exactly one of the four. */
export type VaultKeySource =
  /** A key set, and the CA of the server that it is fetched from. */
  | { readonly jwksUrl: string; readonly jwksCaPem?: string }
  /** Several key sets, tried in this order. Vault takes no `boundIssuer` then: bind `iss` in each role's `boundClaims`. */
  | { readonly jwksPairs: readonly { readonly jwksUrl: string; readonly jwksCaPem?: string }[] }
  /** Public keys or certificates, PEM. */
  | { readonly jwtValidationPubkeys: readonly string[] }
  /** An issuer whose discovery document names the key set; its `issuer` must be this URL byte for byte. */
  | { readonly oidcDiscoveryUrl: string; readonly oidcDiscoveryCaPem?: string };

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
export interface VaultJwtGroup {
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

type BackendProps = ReadonlyLists<
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
>;

/**
 * The auth method: the provider's own arguments. Defaults: `path` "jwt", `jwtSupportedAlgs` ES256 and RS256,
 * `defaultRole` the first role. What the stack declares is all in the `namespace`. Vault does not check `iss` at all without `boundIssuer`. There is no `oidcClientId` and no
 * `oidcClientSecret`: Vault takes neither without the other, logins with a JWT use none, and the secret would be kept in
 * the state.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/jwt_auth_backend
 */
export type VaultJwtMethod = BackendProps & VaultKeySource & { readonly allow?: Allowances };

/** A JWT login, its policies, and KV engines where they are asked for. */
export type VaultJwtStackProps = VaultJwtMethod & {
  /** Vault's address; default VAULT_ADDR where the provider runs. */
  readonly address?: string;
  /** One or more; the first is the default role. */
  readonly roles: readonly VaultJwtRole[];
  readonly policies?: readonly VaultPolicy[];
  readonly groups?: readonly VaultJwtGroup[];
  /**
   * KV engines that the stack makes, such as `{}` for version 2 at `kv`, or that are there already (`existing`); default
   * none. A stack that makes one takes it along with all its secrets when it is destroyed. Secrets are never declared
   * here: they would land in the state.
   */
  readonly kv?: VaultKv | readonly VaultKv[];
};

const stackOptions: KnownOptions<VaultJwtStackProps> = {
  jwksUrl: true,
  jwksCaPem: true,
  jwksPairs: true,
  jwtValidationPubkeys: true,
  oidcDiscoveryUrl: true,
  oidcDiscoveryCaPem: true,
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
export function refuseUnknownProps(id: string, props: VaultJwtStackProps): void {
  const what = `stack "${id}"`;
  refuseClient(props ?? {});
  refuseUnknown(what, props, stackOptions);
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
  for (const pair of 'jwksPairs' in props ? props.jwksPairs : []) {
    refuseUnknown('"jwksPairs"', pair, { jwksUrl: true, jwksCaPem: true });
  }
}

/** Vault compares no `iss` unless it is told to, which nobody notices: leaving it out takes a reason. */
export function requireIssuer({ boundIssuer = '', roles, allow = {} }: VaultJwtStackProps): void {
  const isBound = boundIssuer !== '' || roles.every(({ boundClaims }) => boundClaims?.['iss'] !== undefined);
  if (isBound || allow['no-bound-issuer'] !== undefined) return;
  throw new TypeError(
    'Vault does not check "iss" without a "boundIssuer": set it, or give a reason in allow["no-bound-issuer"]',
  );
}

/** An OIDC client is for logins by a browser. */
function refuseClient(props: object): void {
  if (!('oidcClientSecret' in props) && !('oidcClientId' in props)) return;
  throw new TypeError(
    'an OIDC client is for browser logins, and its secret would be stored in the state: leave it out',
  );
}

/** What no path of Vault's API can have, and what Vault or Terraform would not keep apart. */
export function checkNames(
  { path = 'jwt', local, roles, policies = [], groups = [] }: VaultJwtStackProps,
  engines: KvEngine[],
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
  if (local === true && groups.length > 0) {
    throw new TypeError('Vault refuses group aliases of a local auth method: leave "local" or the groups out');
  }
}

/** Whether several engines are given. */
export function isList(kv: VaultKv | readonly VaultKv[]): kv is readonly VaultKv[] {
  return Array.isArray(kv);
}
