import { IdentityGroup } from '@cdktf/provider-vault/lib/identity-group/index.js';
import { IdentityGroupAlias } from '@cdktf/provider-vault/lib/identity-group-alias/index.js';
import {
  JwtAuthBackend,
  type JwtAuthBackendConfig,
  type JwtAuthBackendTune,
} from '@cdktf/provider-vault/lib/jwt-auth-backend/index.js';
import { JwtAuthBackendRole } from '@cdktf/provider-vault/lib/jwt-auth-backend-role/index.js';
import { Mount } from '@cdktf/provider-vault/lib/mount/index.js';
import { Policy } from '@cdktf/provider-vault/lib/policy/index.js';
import { VaultProvider } from '@cdktf/provider-vault/lib/provider/index.js';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { type Allowances, escaped, permit, refusePlainHttp, refuseSecrets, refuseTwice } from './checks.js';
import { type KnownOptions, refuseUnknown, refuseUnknownInEach, requireList } from './known-options.js';
import { type KvEngine, policyOf, type VaultRule } from './policy.js';
import {
  argumentsOf,
  checkMountPath,
  checkName,
  checkRole,
  checkRoleName,
  lifetime,
  lowerCase,
  type ReadonlyLists,
  requireVendorAudience,
  type VaultJwtRole,
} from './vault-jwt-role.js';

export type { Allowances } from './checks.js';
export type { VaultJwtRole } from './vault-jwt-role.js';

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

/**
 * Lets a JWT in: the `jwt` auth method, its roles, their policies, and KV engines where they are asked for.
 *
 * @example
 * new VaultJwtStack(app, 'login', {
 *   path: 'github',
 *   ...githubActions(),
 *   roles: [githubActionsRole({ roleName: 'deploy', repositoryId: '74', ref: 'refs/heads/main', audience, tokenPolicies: ['deploy'] })],
 *   policies: [{ name: 'deploy', rules: [{ secrets: 'app/*', access: ['read'] }] }],
 *   kv: { path: 'kv', existing: true },
 * });
 *
 * @throws TypeError for what Vault would refuse, or would take for something else
 * @see https://developer.hashicorp.com/vault/docs/auth/jwt
 */
export class VaultJwtStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: VaultJwtStackProps) {
    super(scope, id);
    refuseUnknownProps(id, props);
    const { address, roles = [], policies = [], groups = [], kv = [], allow, ...method } = props;
    const [first] = roles;
    if (first === undefined) throw new TypeError('a login without a role accepts no one: add a role');
    requireIssuer(props);
    refusePlainHttp('Vault', props);
    refuseSecrets(props);
    const engines = enginesOf(kv);
    checkNames(props, engines);

    new VaultProvider(this, 'vault', address === undefined ? {} : { address });

    const {
      path = 'jwt',
      jwtSupportedAlgs = ['ES256', 'RS256'],
      defaultRole = first.roleName,
      description,
      boundIssuer,
      tune,
      ...rest
    } = withKeys(method);
    const backend = new JwtAuthBackend(this, 'jwt', {
      path,
      jwtSupportedAlgs,
      defaultRole: lowerCase(defaultRole),
      ...(description !== undefined && { description: escaped(description) }),
      ...(boundIssuer !== undefined && { boundIssuer: escaped(boundIssuer) }),
      // An empty list is a block that is not there, and a plan that is never empty.
      ...(Array.isArray(tune) && tune.length === 0 ? {} : { tune }),
      ...rest,
    });
    permit(backend, allow);

    // All of a login is in one namespace: a role finds neither a policy nor a path of another one.
    const place = method.namespace === undefined ? {} : { namespace: method.namespace };
    const identity = identityOf(backend.accessor);
    const policyNames = new Map<string, string>();
    for (const policy of policies) {
      const resource = new Policy(this, `policy-${policy.name}`, {
        ...place,
        name: lowerCase(policy.name),
        policy: textOf(policy, identity, engines),
      });
      permit(resource, policy.allow);
      policyNames.set(lowerCase(policy.name), resource.name);
    }
    const refer = (names: readonly string[]): string[] =>
      names.map((name) => policyNames.get(lowerCase(name)) ?? lowerCase(checkName('policy', name)));

    for (const role of roles.map(checkRole)) {
      requireVendorAudience(role, issuersOf(role, props));
      const { boundClaims, allow: allowed } = role;
      const resource = new JwtAuthBackendRole(this, `role-${role.roleName}`, {
        ...place,
        ...argumentsOf(role),
        ...lifetime(role, { tokenTtl: 900, tokenMaxTtl: 3600 }),
        backend: backend.path,
        // Vault's own default is "oidc", which refuses every login with a JWT.
        roleType: 'jwt',
        tokenPolicies: refer(role.tokenPolicies),
      });
      const isList = Object.values(boundClaims ?? {}).some((value) => typeof value !== 'string' && value.length > 1);
      permit(resource, { ...(isList && { 'comma-split': 'several values were declared' }), ...allowed });
    }

    if (groups.length > 0 && roles.every(({ groupsClaim }) => groupsClaim === undefined)) {
      throw new TypeError(
        'the groups have no effect without a role that has a "groupsClaim": set it on a role, or leave the groups out',
      );
    }
    for (const { name, policies: granted } of groups) {
      const group = new IdentityGroup(this, `group-${name}`, {
        ...place,
        name: escaped(name),
        type: 'external',
        policies: refer(granted),
      });
      new IdentityGroupAlias(this, `group-alias-${name}`, {
        ...place,
        name: escaped(name),
        mountAccessor: backend.accessor,
        canonicalId: group.id,
      });
    }

    const own = engines.filter(({ existing }) => existing !== true);
    const mounts = own.map(({ path, version, description }) => {
      const options = { version: String(version) };
      const about = description === undefined ? {} : { description: escaped(description) };
      return new Mount(this, isList(kv) ? `kv-${path}` : 'kv', { ...place, path, type: 'kv', options, ...about });
    });

    new TerraformOutput(this, 'login_path', { value: `auth/${backend.path}/login` });
    if (mounts[0]) new TerraformOutput(this, 'kv_path', { value: mounts[0].path });
  }
}

/** What TypeScript holds, for those who write JavaScript: a bound or a rule that is mistyped would let in more. */
function refuseUnknownProps(id: string, props: VaultJwtStackProps): void {
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
function requireIssuer({ boundIssuer = '', roles, allow = {} }: VaultJwtStackProps): void {
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

/** Whose tokens a role is for, as far as it says so. */
function issuersOf({ boundClaims = {} }: VaultJwtRole, props: VaultJwtMethod): string[] {
  const { boundIssuer = '' } = props;
  const bound = boundClaims['iss'] ?? [];
  return [
    boundIssuer,
    'oidcDiscoveryUrl' in props ? props.oidcDiscoveryUrl : '',
    ...(typeof bound === 'string' ? [bound] : bound),
  ];
}

/** What no path of Vault's API can have, and what Vault or Terraform would not keep apart. */
function checkNames(
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

/**
 * The KV engines of a stack, with their defaults.
 *
 * @example
 * const [engine] = enginesOf({ path: 'kv' });
 */
export function enginesOf(kv: VaultKv | readonly VaultKv[]): (KvEngine & VaultKv)[] {
  return (isList(kv) ? kv : [kv]).map(({ path = 'kv', version = 2, ...engine }) => ({ path, version, ...engine }));
}

function isList(kv: VaultKv | readonly VaultKv[]): kv is readonly VaultKv[] {
  return Array.isArray(kv);
}

/** The provider takes pairs as maps, whose names it leaves as they are. */
function withKeys(props: VaultJwtMethod): JwtAuthBackendConfig {
  const sources = ['jwksUrl', 'jwksPairs', 'jwtValidationPubkeys', 'oidcDiscoveryUrl'];
  const given = sources.filter((name) => props[name as keyof typeof props] !== undefined);
  if (given.length !== 1) {
    throw new TypeError(`give exactly one of ${sources.join(', ')}, not ${given.join(' and ') || 'none'}`);
  }
  if ('jwtValidationPubkeys' in props) {
    // Vault keeps no newline at the end, and the plan would want it there for ever.
    return {
      ...(props as JwtAuthBackendConfig),
      jwtValidationPubkeys: props.jwtValidationPubkeys.map((key) => key.replace(/\s+$/, '')),
    };
  }
  if (!('jwksPairs' in props)) return props as JwtAuthBackendConfig;
  const { jwksPairs, ...rest } = props;
  if (rest.boundIssuer !== undefined) {
    throw new TypeError('Vault refuses "boundIssuer" with "jwksPairs": bind "iss" in the "boundClaims" of each role');
  }
  return {
    ...(rest as JwtAuthBackendConfig),
    jwksPairs: jwksPairs.map(({ jwksUrl, jwksCaPem }) => ({
      jwks_url: jwksUrl,
      ...(jwksCaPem === undefined ? {} : { jwks_ca_pem: jwksCaPem }),
    })),
  };
}

function identityOf(accessor: string): VaultIdentity {
  const alias = `identity.entity.aliases.${accessor}`;
  return {
    id: '{{identity.entity.id}}',
    name: `{{${alias}.name}}`,
    metadata: (name) => `{{${alias}.metadata.${name}}}`,
  };
}

function textOf(policy: VaultPolicy, identity: VaultIdentity, engines: readonly KvEngine[]): string {
  const text =
    'policy' in policy
      ? typeof policy.policy === 'function'
        ? policy.policy(identity)
        : policy.policy
      : policyOf(typeof policy.rules === 'function' ? policy.rules(identity) : policy.rules, engines);
  if (typeof text === 'string' && text.trim() !== '') return escaped(text);
  throw new TypeError(`the policy "${policy.name}" is empty, which Vault refuses: give it a rule`);
}
