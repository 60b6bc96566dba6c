import { isRecord } from '../../../internal/json.js';
import {
  type Block,
  flowOf,
  isKnown,
  isSet,
  type JwtRole,
  jwtRoles,
  type LintDocument,
  referredBy,
  resourcesOf,
  textOf,
  textsOf,
  UNKNOWN,
} from '../../lint/index.js';
import { addressesIn } from '../source-addresses.js';
import type { OidcClient } from '../vault/login-role.js';
import { readVaultPolicy, type VaultPolicy } from '../vault/policy.js';
import type { DeclaredAccess, DeclaredIdentity, DeclaredLogin, DeclaredPolicy } from './declared.js';
import { identitiesIn } from './identities.js';
import { byNamespace } from './namespaces.js';
import { otherLogins } from './other-logins.js';
import { trustsOfRole } from './trust.js';

/** What of a role decides who gets in. */
const DECIDING = [
  ...['backend', 'role_name', 'role_type', 'bound_audiences', 'bound_subject', 'bound_claims', 'bound_claims_type'],
  ...['disable_bound_claims_parsing', 'user_claim', 'user_claim_json_pointer', 'groups_claim', 'claim_mappings'],
  'token_bound_cidrs',
];

/** What a document declares for Vault. */
export function vaultAccess(document: LintDocument, product: 'vault' | 'openbao'): DeclaredAccess {
  const { parts, undecided } = byNamespace(document);
  const backends = new Map(jwtRoles(document).map(({ block, backend }) => [block, backend]));
  const found = [...parts].map(([namespace, part]) =>
    inNamespace(namespace, accessIn(part, product, namespace, backends)),
  );
  const policies = new Map<string, DeclaredPolicy>();
  const others = found.flatMap((one) => one.others ?? []);
  const open: string[] = [];
  for (const [key, policy] of found.flatMap((one) => [...one.policies])) {
    if (policies.has(key)) open.push(`policy "${key}": a policy in a namespace has the same name with it`);
    else policies.set(key, policy);
  }
  return {
    product,
    logins: found.flatMap(({ logins }) => logins),
    policies,
    ...(others.length > 0 && { others }),
    undecided: [...found.flatMap((one) => one.undecided), ...undecided, ...open],
  };
}

/**
 * What is declared in a namespace, as it is seen from outside. Vault puts the namespace before the paths of a policy, and a token has the
 * policies of its own namespace.
 */
function inNamespace(namespace: string, access: DeclaredAccess): DeclaredAccess {
  if (namespace === '') return access;
  const within = (name: string): string => `${namespace}/${name}`;
  const identity = (one: DeclaredIdentity): DeclaredIdentity => ({ ...one, policies: one.policies.map(within) });
  return {
    ...access,
    logins: access.logins.map(({ entities, groups, ...login }) => ({
      ...login,
      namespace,
      policies: login.policies.map(within),
      ...(entities && { entities: entities.map(identity) }),
      ...(groups && { groups: groups.map(identity) }),
    })),
    ...(access.others && {
      others: access.others.map((one) => ({ ...one, policies: one.policies.map(within) })),
    }),
    policies: new Map(
      [...access.policies].map(([name, policy]) => {
        const rules = policy.rules.map((rule) => ({ ...rule, path: within(rule.path) }));
        const undecidedAt = policy.undecidedAt?.map((one) => ({ ...one, within: within(one.within) }));
        return [within(name), { ...policy, name: within(name), namespace, rules, undecidedAt }];
      }),
    ),
  };
}

/** @param backends the auth methods of roles, in whatever namespace they are */
function accessIn(
  document: LintDocument,
  product: 'vault' | 'openbao',
  namespace: string,
  backends: ReadonlyMap<Block, Block | undefined>,
): DeclaredAccess {
  const undecided: string[] = [];
  const policies = new Map<string, VaultPolicy>();
  for (const block of resourcesOf(document, 'vault_policy')) {
    const name = textOf(block, 'name')?.toLowerCase();
    if (name === undefined)
      undecided.push(`${block.address}: its name is not known (${block.unknown['name'] ?? 'not set'})`);
    else if (policies.has(name)) undecided.push(`${block.address}: the policy "${name}" is declared twice`);
    else policies.set(name, policyOf(name, block, document, product));
  }
  // Every server has a policy of that name, which counts where it is declared.
  const isCounted = (name: string): boolean => name !== 'default' || policies.has(name);
  const isDeclared = (name: string): boolean => policies.has(name) || (name === 'root' && namespace === '');
  const identities = identitiesIn(document, { isCounted, isDeclared });
  const logins = jwtRoles(document).flatMap((role): DeclaredLogin[] => {
    const reason = whyElsewhere(role, backends.get(role.block)) ?? whyUndecided(role);
    if (reason !== undefined) {
      undecided.push(`${role.block.address}: ${reason}`);
      return [];
    }
    return loginsOf(role, product, isCounted, undecided).map((login) => {
      const { entities, groups, disabled } = identities.at(login.mount);
      const hasGroups = login.bounds.groupsClaim !== undefined && groups.length > 0;
      return {
        ...login,
        ...(entities.length > 0 && { entities }),
        ...(hasGroups && { groups }),
        ...(disabled.length > 0 && { disabled }),
      };
    });
  });
  for (const policy of policies.values()) undecided.push(...policy.undecided);
  // One for each role.
  const ofJwts = logins.filter(({ bounds }) => bounds.flow !== 'oidc');
  for (const { address, policies: own } of ofJwts)
    for (const name of own.filter((one) => !isDeclared(one)))
      undecided.push(`${address}: the policy "${name}" is not declared`);
  undecided.push(...mountedTwice(document), ...twice(ofJwts), ...identities.undecided);
  const mounts = new Set(logins.map(({ mount }) => mount));
  const others = [...otherLogins(document, isCounted), ...identities.elsewhere((mount) => mounts.has(mount))];
  return { product, logins, policies, undecided, ...(others.length > 0 && { others }) };
}

/** Where a role is in another namespace than its auth method. */
function whyElsewhere({ block, backend }: JwtRole, declared: Block | undefined): string | undefined {
  if (backend !== undefined || declared === undefined) return undefined;
  const placeOf = (one: Block): string => {
    if (!isKnown(one.attributes['namespace'])) return 'in a namespace that is not known';
    const namespace = textOf(one, 'namespace');
    return namespace === undefined ? 'in the root namespace' : `in "${namespace}"`;
  };
  return `its auth method ${declared.address} is ${placeOf(declared)} and the role ${placeOf(block)}, where a server refuses to write it: give both the same namespace`;
}

function whyUndecided(role: JwtRole): string | undefined {
  const { block, backend } = role;
  const open = DECIDING.find((name) => !isKnown(block.attributes[name]));
  if (open !== undefined) return `"${open}" is not known (${block.unknown[open] ?? 'a template'})`;
  if (!isSet(block, 'role_type') && flowOf(role) === 'jwt')
    return 'it has no "role_type": the default is "oidc", and a server refuses to write such a role without "allowed_redirect_uris"';
  if (flowOf(role) === 'oidc' && !isSet(block, 'allowed_redirect_uris'))
    return 'it has no "allowed_redirect_uris", without which a server refuses to write a role of type "oidc"';
  const odd = textsOf(block, 'token_bound_cidrs').find((cidr) => addressesIn(cidr) === undefined);
  if (odd !== undefined) return `"token_bound_cidrs" has "${odd}", which is neither an address nor a CIDR block`;
  return backend !== undefined && isSet(backend, 'provider_config') ? '"provider_config" may add claims' : undefined;
}

/** The logins by a role: with a JWT, though its type or its auth method may refuse all, and where one is possible in a browser. */
function loginsOf(
  role: JwtRole,
  product: 'vault' | 'openbao',
  isCounted: (name: string) => boolean,
  undecided: string[],
): readonly DeclaredLogin[] {
  const { block, backend } = role;
  const login = loginOf(role, isCounted, undecided);
  const oidcClient = oidcClientOf(role);
  if (oidcClient === undefined) return [login];
  const isKnownClient = backend === undefined || isKnown(backend.attributes['oidc_client_id']);
  if (!isKnownClient) {
    const reason = backend.unknown['oidc_client_id'] ?? 'a template';
    const what = `${backend.address}: "oidc_client_id" is not known (${reason}), and any client is taken for it, or none for JWTs`;
    if (!undecided.includes(what)) undecided.push(what);
  }
  // OpenBao lets JWTs in beside a client.
  const withJwt = isKnownClient && product === 'vault' ? { ...login.bounds, oidcClient } : login.bounds;
  const inBrowser = {
    ...login,
    bounds: { ...login.bounds, flow: 'oidc', oidcClient },
    trusts: trustsOfRole(role, 'oidc'),
  } as const;
  return [{ ...login, bounds: withJwt }, ...(isSet(block, 'allowed_redirect_uris') ? [inBrowser] : [])];
}

/** The client of a role's auth method; where that is not declared, a role of the OIDC flow is taken to have one. */
function oidcClientOf(role: JwtRole): OidcClient | undefined {
  const { backend } = role;
  if (backend === undefined) return flowOf(role) === 'oidc' ? {} : undefined;
  if (!isSet(backend, 'oidc_client_id')) return undefined;
  return { id: textOf(backend, 'oidc_client_id'), discoveryUrl: textOf(backend, 'oidc_discovery_url') };
}

function loginOf(role: JwtRole, isCounted: (name: string) => boolean, undecided: string[]): DeclaredLogin {
  const { block, backend, bounds } = role;
  const { address, within } = block;
  const named = textsOf(block, 'token_policies');
  if (!named.every(isKnown)) {
    undecided.push(`${address}: "token_policies" is not known (${block.unknown['token_policies'] ?? 'a template'})`);
  }
  if (backend !== undefined && !isKnown(backend.attributes['bound_issuer'])) {
    const reason = backend.unknown['bound_issuer'] ?? 'a template';
    const what = `${backend.address}: "bound_issuer" is not known (${reason}), and any issuer is taken for it`;
    if (!undecided.includes(what)) undecided.push(what);
  }
  const claims = bounds.filter(({ attribute }) => attribute === 'bound_claims');
  const mappings = block.attributes['claim_mappings'];
  const implicit = textOf(block, 'token_no_default_policy') === 'true' ? [] : ['default'];
  return {
    mount:
      (backend === undefined ? textOf(block, 'backend') : textOf(backend, 'path'))?.replace(/^\/+|\/+$/g, '') ?? 'jwt',
    role: (textOf(block, 'role_name') ?? '').toLowerCase(),
    address,
    bounds: {
      boundIssuer: backend && textOf(backend, 'bound_issuer'),
      boundAudiences: textsOf(block, 'bound_audiences'),
      boundSubject: textOf(block, 'bound_subject'),
      // The API keeps numbers and booleans, of which Terraform makes text.
      boundClaims: Object.fromEntries(
        claims.map(({ claim, values, written }) => [claim, within === undefined ? values : [written].flat()]),
      ),
      boundClaimsType: role.globs === true ? 'glob' : 'string',
      userClaim: textOf(block, 'user_claim') ?? '',
      userClaimJsonPointer: textOf(block, 'user_claim_json_pointer') === 'true',
      groupsClaim: textOf(block, 'groups_claim') || undefined,
      claimMappings: isRecord(mappings)
        ? Object.fromEntries(Object.entries(mappings).map(([claim, key]) => [claim, String(key)]))
        : {},
      roleType: flowOf(role) === 'oidc' ? 'oidc' : 'jwt',
      tokenBoundCidrs: isSet(block, 'token_bound_cidrs') ? textsOf(block, 'token_bound_cidrs') : undefined,
    },
    trusts: trustsOfRole(role, 'jwt'),
    policies: [...new Set([...named.filter(isKnown).map((name) => name.toLowerCase()), ...implicit])].filter(isCounted),
  };
}

function policyOf(name: string, block: Block, document: LintDocument, product: 'vault' | 'openbao'): VaultPolicy {
  const text = block.attributes['policy'];
  const documents = referredBy(block, 'policy').map((one) => one.replace(/\.hcl$/, ''));
  const source = document.blocks.find(({ kind, address }) => kind === 'data' && documents.includes(address));
  const known = text === UNKNOWN ? source && textOfDocument(source) : text;
  if (typeof known === 'string') {
    const policy = readVaultPolicy(name, known, { product });
    return { ...policy, undecided: policy.undecided.map((one) => `${block.address}: ${one}`) };
  }
  const reason = block.unknown['policy'] ?? 'not set';
  return {
    name,
    rules: [],
    undecided: [`${block.address}: what the policy "${name}" grants is not known (${reason})`],
  };
}

/** The policy of a `vault_policy_document`, in JSON. */
function textOfDocument({ attributes }: Block): string {
  const rules = [attributes['rule']].flat().filter(isRecord);
  const parameters = (written: unknown): Record<string, unknown> =>
    Object.fromEntries(
      [written ?? []].flat().flatMap((one) => (isRecord(one) ? [[String(one['key']), one['value'] ?? []]] : [])),
    );
  const path = rules.map(({ path: name, description: _text, allowed_parameter, denied_parameter, ...rest }) => ({
    [String(name)]: {
      ...rest,
      ...(allowed_parameter !== undefined && { allowed_parameters: parameters(allowed_parameter) }),
      ...(denied_parameter !== undefined && { denied_parameters: parameters(denied_parameter) }),
    },
  }));
  return JSON.stringify({ path });
}

/** Auth methods at one path: which one holds is not known. */
function mountedTwice(document: LintDocument): string[] {
  const seen = new Map<string, string>();
  return resourcesOf(document, 'vault_jwt_auth_backend').flatMap((block) => {
    const path = isSet(block, 'path') ? textOf(block, 'path')?.replace(/^\/+|\/+$/g, '') : 'jwt';
    const first = path === undefined ? undefined : seen.get(path);
    if (path !== undefined) seen.set(path, first ?? block.address);
    return first === undefined ? [] : [`${block.address}: the auth method at "${path}" is declared by ${first}, too`];
  });
}

/** Roles of one name at one mount: which one holds is not known. */
function twice(logins: readonly DeclaredLogin[]): string[] {
  const seen = new Map<string, string>();
  return logins.flatMap(({ mount, role, address }) => {
    const key = JSON.stringify([mount, role]);
    const first = seen.get(key);
    seen.set(key, first ?? address);
    return first === undefined ? [] : [`${address}: the role "${role}" at "${mount}" is declared by ${first}, too`];
  });
}
