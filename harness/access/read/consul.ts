import { isRecord } from '../../../internal/json.js';
import { templateNames } from '../../../stacks/consul-bind-name.js';
import { parseSelector, SelectorSyntaxError } from '../../../stacks/consul-selector.js';
import {
  type Block,
  type ConsulMethod,
  consulMethods,
  isKnown,
  isSet,
  type LintDocument,
  referredBy,
  resourcesOf,
  textOf,
} from '../../lint/index.js';
import { type ConsulPolicy, readConsulPolicy } from '../consul/acl.js';
import { identityPolicy, ownPolicies } from '../consul/identity-policies.js';
import type { ConsulBinding } from '../consul/login.js';
import { locationOf } from '../vault/constraints.js';
import type { DeclaredConsul, DeclaredConsulLogin, DeclaredConsulToken } from './declared.js';
import { trustsOfMethod } from './trust.js';

/** What of a method's `Config` decides who gets in, by Consul's names. */
const DECIDING = [
  ...['BoundAudiences', 'BoundIssuer', 'ClaimMappings', 'ListClaimMappings'],
  ...['JWTValidationPubKeys', 'OIDCDiscoveryURL'],
];

/** What a document declares for Consul; what is not known is told. */
export function consulAccess(document: LintDocument, leaveOut: (what: string) => void): DeclaredConsul {
  const policies = policiesIn(document, leaveOut);
  const roles = rolesIn(document, policies, leaveOut);
  const rules = bindingRulesIn(document, leaveOut);
  const names = { role: [...roles.keys()], policy: [...policies.keys()] };
  const seen = new Map<string, string>();
  const logins = consulMethods(document).flatMap((method): DeclaredConsulLogin[] => {
    const { address } = method.block;
    const authMethod = textOf(method.block, 'name');
    const config = configOf(method);
    if (authMethod === undefined || typeof config === 'string') {
      leaveOut(`${address}: ${typeof config === 'string' ? config : 'its name is not known'}`);
      return [];
    }
    const first = seen.get(authMethod);
    if (first !== undefined) leaveOut(`${address}: the auth method "${authMethod}" is declared by ${first}, too`);
    seen.set(authMethod, first ?? address);
    const trusts = trustsOfMethod(method);
    return [{ authMethod, address, config, trusts, rules: rules.get(method.block) ?? [], names }];
  });
  for (const { rules: own } of logins) for (const rule of own) undeclared(rule, names, leaveOut);
  for (const block of resourcesOf(document, 'consul_acl_auth_method')) {
    const type = textOf(block, 'type');
    if (type !== 'jwt') leaveOut(`${block.address}: logins of the type "${type ?? 'that is not known'}" are not read`);
  }
  for (const { kind, type, attributes, address } of document.blocks) {
    if (kind !== 'resource' || !type.startsWith('consul_acl_')) continue;
    if ('namespace' in attributes || 'partition' in attributes)
      leaveOut(`${address}: it is in a namespace or a partition, and all are read as one`);
  }
  const tokens = tokensIn(document, { policies, roles }, leaveOut);
  return { logins, policies, roles, ...(tokens.length > 0 && { tokens }) };
}

/** By Consul's names; or why it is not known. */
function configOf({ config, attribute, block }: ConsulMethod): Readonly<Record<string, unknown>> | string {
  const why = block.unknown[attribute] ?? 'a template';
  if (config === undefined) return `"${attribute}" is not known (${why})`;
  const found: Record<string, unknown> = {};
  for (const name of DECIDING) {
    const value = config[name.toLowerCase()];
    if (value === undefined || value === null) continue;
    // Which keys there are does not matter, and that there are some is known.
    if (name !== 'JWTValidationPubKeys' && !isKnown(value)) return `"${name}" is not known (${why})`;
    found[name] = value;
  }
  return whyUnclear(found) ?? found;
}

/** Claims whose values an issuer sets when it signs. */
const TIMES = ['exp', 'nbf', 'iat'];

/** Why it can't be decided which claims tokens have for what is mapped. */
function whyUnclear(config: Readonly<Record<string, unknown>>): string | undefined {
  const mapped = ['ClaimMappings', 'ListClaimMappings'].map((kind) =>
    Object.entries(isRecord(config[kind]) ? config[kind] : {}).map(([claim, name]) => ({ claim, name: String(name) })),
  );
  const names = mapped.map((pairs) => pairs.map(({ name }) => name));
  const twice = names.flatMap((all) => all.filter((name, index) => all.indexOf(name) !== index))[0];
  if (twice !== undefined) return `two claims are mapped to "${twice}", and Consul takes either`;
  const claims = mapped.flat().map(({ claim }) => claim);
  const time = claims.find((claim) => TIMES.includes(claim.replace(/^\//, '')));
  if (time !== undefined) return `it maps "${time}", which is set when a token is signed`;
  const part = claims.find((claim) =>
    claims.some(
      (other) =>
        `/${claim.replace(/^\//, '')}/`.startsWith(`/${other.replace(/^\//, '')}/`) &&
        locationOf(claim).length > locationOf(other).length,
    ),
  );
  return part === undefined ? undefined : `it maps a claim and "${part}", a part of it`;
}

function policiesIn(document: LintDocument, leaveOut: (what: string) => void): ReadonlyMap<string, ConsulPolicy> {
  const policies = new Map(ownPolicies().map((policy) => [policy.name, policy]));
  for (const block of resourcesOf(document, 'consul_acl_policy')) {
    const name = textOf(block, 'name');
    const rules = block.attributes['rules'];
    if (name === undefined) {
      leaveOut(`${block.address}: its name is not known (${block.unknown['name'] ?? 'not set'})`);
    } else if (policies.has(name.toLowerCase())) {
      leaveOut(`${block.address}: the policy "${name}" is declared twice`);
    } else if (isSet(block, 'datacenters')) {
      leaveOut(`${block.address}: the policy "${name}" holds in some datacenters alone`);
      policies.set(name.toLowerCase(), { name, grants: [], undecided: [] });
    } else {
      const why = block.unknown['rules'] ?? 'not set';
      const policy =
        typeof rules === 'string'
          ? readConsulPolicy(name, rules)
          : { name, grants: [], undecided: [`what the policy "${name}" grants is not known (${why})`] };
      for (const one of policy.undecided) leaveOut(`${block.address}: ${one}`);
      policies.set(name.toLowerCase(), policy);
    }
  }
  return policies;
}

function rolesIn(
  document: LintDocument,
  policies: ReadonlyMap<string, ConsulPolicy>,
  leaveOut: (what: string) => void,
): ReadonlyMap<string, readonly ConsulPolicy[]> {
  const attached = resourcesOf(document, 'consul_acl_role_policy_attachment');
  for (const block of attached) {
    if (referredBy(block, 'role_id').length === 0) leaveOut(`${block.address}: its role is not known`);
  }
  const roles = new Map<string, readonly ConsulPolicy[]>();
  for (const block of resourcesOf(document, 'consul_acl_role')) {
    const name = textOf(block, 'name');
    if (name === undefined || roles.has(name.toLowerCase())) {
      leaveOut(
        `${block.address}: ${name === undefined ? 'its name is not known' : `the role "${name}" is declared twice`}`,
      );
      continue;
    }
    const more = attached.filter((one) => referredBy(one, 'role_id').includes(`${block.address}.id`));
    const names = [
      ...namesIn(document, block, 'policies', leaveOut),
      ...more.flatMap((one) => namesIn(document, one, 'policy', leaveOut)),
    ];
    roles.set(name.toLowerCase(), [
      ...declaredBy(names, policies, (one) => leaveOut(`${block.address}: the policy "${one}" is not declared`)),
      ...identitiesOf(block, leaveOut),
    ]);
  }
  return roles;
}

/** Tokens, and the policies and roles that are attached to tokens, with what each gives. */
function tokensIn(
  document: LintDocument,
  { policies, roles }: Pick<DeclaredConsul, 'policies' | 'roles'>,
  leaveOut: (what: string) => void,
): readonly DeclaredConsulToken[] {
  return TOKENS.flatMap((type) => resourcesOf(document, type)).map((block) => {
    const undeclared = (kind: string) => (name: string) =>
      leaveOut(`${block.address}: the ${kind} "${name}" is not declared`);
    const named = (...arguments_: readonly string[]): readonly string[] =>
      arguments_.flatMap((argument) => namesIn(document, block, argument, leaveOut));
    return {
      address: block.address,
      policies: [
        ...declaredBy(named('policies', 'policy'), policies, undeclared('policy')),
        ...declaredBy(named('roles', 'role'), roles, undeclared('role')).flat(),
        ...identitiesOf(block, leaveOut),
      ],
    };
  });
}

const TOKENS = ['consul_acl_token', 'consul_acl_token_policy_attachment', 'consul_acl_token_role_attachment'];

function declaredBy<What>(
  names: readonly string[],
  declared: ReadonlyMap<string, What>,
  undeclared: (name: string) => void,
): readonly What[] {
  return names.flatMap((name) => {
    const found = declared.get(name.toLowerCase());
    if (found === undefined) undeclared(name);
    return found === undefined ? [] : [found];
  });
}

/** The policies or roles that an argument names, be it by their names or by references to them. */
function namesIn(
  document: LintDocument,
  block: Block,
  argument: string,
  leaveOut: (what: string) => void,
): readonly string[] {
  const value = block.attributes[argument];
  const written = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
  const byId = referredBy(block, argument).flatMap((reference) => {
    const referred = [...resourcesOf(document, 'consul_acl_policy'), ...resourcesOf(document, 'consul_acl_role')];
    const found = referred.find(({ address }) => `${address}.id` === reference);
    return (found && textOf(found, 'name')) ?? [];
  });
  const unknown = written.filter((one) => !isKnown(one));
  if (unknown.length > byId.length) {
    leaveOut(`${block.address}: "${argument}" is not known (${block.unknown[argument] ?? 'a template'})`);
  }
  return [...written.filter(isKnown), ...byId];
}

/** The datacenter of a server that is started here, which is also Consul's default: a node's identity has to name one. */
const OWN = 'dc1';

/** The identities and templated policies of a role. */
function identitiesOf(block: Block, leaveOut: (what: string) => void): readonly ConsulPolicy[] {
  const blocks = (name: string): Readonly<Record<string, unknown>>[] =>
    [block.attributes[name] ?? []].flat().filter(isRecord);
  const local = (one: Readonly<Record<string, unknown>>, what: string): boolean => {
    const isLocal = one['datacenter'] === undefined && one['datacenters'] === undefined;
    if (!isLocal) leaveOut(`${block.address}: ${what} holds in some datacenters alone`);
    return isLocal;
  };
  const bindings = [
    ...blocks('service_identities')
      .filter((one) => local(one, `the identity of the service "${one['service_name']}"`))
      .map((one): ConsulBinding => ({ type: 'service', name: String(one['service_name']) })),
    ...blocks('node_identities')
      .filter((one) => one['datacenter'] === OWN || local(one, `the identity of the node "${one['node_name']}"`))
      .map((one): ConsulBinding => ({ type: 'node', name: String(one['node_name']) })),
    ...blocks('templated_policies')
      .filter((one) => local(one, `the templated policy "${one['template_name']}"`))
      .map((one): ConsulBinding => {
        const [variables] = [one['template_variables'] ?? []].flat().filter(isRecord);
        return {
          type: 'templated-policy',
          template: String(one['template_name']),
          name: String(variables?.['name'] ?? ''),
        };
      }),
  ];
  return bindings.flatMap((binding) => {
    const policy = isKnown(binding) ? identityPolicy(binding) : undefined;
    if (policy !== undefined) return policy;
    const why = isKnown(binding)
      ? noTemplate(binding.template ?? '')
      : 'an identity is not known before Terraform runs';
    leaveOut(`${block.address}: ${why}`);
    return [];
  });
}

type Rule = Readonly<Record<string, unknown>>;

/** The binding rules of each auth method, as Consul lists them, with Terraform's addresses for IDs. */
function bindingRulesIn(document: LintDocument, leaveOut: (what: string) => void): ReadonlyMap<Block, readonly Rule[]> {
  const methods = resourcesOf(document, 'consul_acl_auth_method');
  const found = new Map<Block, Rule[]>();
  for (const block of resourcesOf(document, 'consul_acl_binding_rule')) {
    const referred = referredBy(block, 'auth_method').map((one) => one.replace(/\.(?:name|id)$/, ''));
    const named = textOf(block, 'auth_method');
    const method = methods.find(
      (one) => referred.includes(one.address) || (named !== undefined && textOf(one, 'name') === named),
    );
    const why = method === undefined ? 'its auth method is not declared' : whyUndecided(block);
    if (why !== undefined) leaveOut(`${block.address}: ${why}`);
    if (why !== undefined || method === undefined) continue;
    found.set(method, [...(found.get(method) ?? []), ruleOf(block)]);
  }
  return found;
}

function whyUndecided(block: Block): string | undefined {
  const open = ['bind_type', 'bind_name', 'bind_vars', 'selector'].find((name) => !isKnown(block.attributes[name]));
  if (open !== undefined) return `"${open}" is not known (${block.unknown[open] ?? 'a template'})`;
  const template = textOf(block, 'bind_name') ?? '';
  if (textOf(block, 'bind_type') === 'templated-policy' && !Object.hasOwn(templateNames, template))
    return noTemplate(template);
  const selector = textOf(block, 'selector') ?? '';
  if (selector === '') return undefined;
  try {
    parseSelector(selector);
    return undefined;
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return `Consul can't read its selector: ${error.message}`;
    throw error;
  }
}

function noTemplate(name: string): string {
  return `there is no templated policy "${name}"; expected one of ${Object.keys(templateNames).join(', ')}`;
}

function ruleOf(block: Block): Rule {
  const [variables] = [block.attributes['bind_vars'] ?? []].flat().filter(isRecord);
  return {
    ID: block.address,
    BindType: textOf(block, 'bind_type') ?? '',
    BindName: textOf(block, 'bind_name') ?? '',
    Selector: textOf(block, 'selector') ?? '',
    ...(variables !== undefined && { BindVars: { Name: String(variables['name'] ?? '') } }),
  };
}

/** What a rule binds that is not there gives nothing; a server may have it all the same. */
function undeclared(
  rule: Rule,
  names: { readonly role: readonly string[]; readonly policy: readonly string[] },
  leaveOut: (what: string) => void,
): void {
  const [type, name] = [rule['BindType'], String(rule['BindName'])];
  if ((type !== 'role' && type !== 'policy') || name.includes('${')) return;
  if (!names[type].includes(name.toLowerCase())) leaveOut(`${rule['ID']}: the ${type} "${name}" is not declared`);
}
