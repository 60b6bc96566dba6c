import { consulMethods, consulRules } from './consul/binding-rules.js';
import { type Block, isKnown, type LintDocument, ofDocument, resourcesOf } from './document/document.js';
import { mountPath, readDocument } from './document/read-document.js';
import { jwtRoles } from './jwt/jwt-role.js';
import { declaredPolicies } from './policy/vault-policy.js';
import { providerTypes } from './provider-schema.js';

/** What lints know, and what they pass over besides. */
export type CoveredKind = 'authMethod' | 'role' | 'bindingRule' | 'policy' | 'module' | 'resource';

/** Something that no rule could look into. */
export interface PassedOver {
  readonly kind: CoveredKind;
  /** Terraform's address. */
  readonly address: string;
  /** Why: the expression that is not known, as `file()` or `var.paths in join()`, or the type that no rule is for. */
  readonly reason: string;
}

/** How much of a document lints could look at. */
export interface LintCoverage {
  /** How many there are of each kind that was looked at; a kind without any is left out. */
  readonly lookedAt: Readonly<Partial<Record<CoveredKind, number>>>;
  readonly passedOver: readonly PassedOver[];
}

/** A block of a kind; with a reason where it was passed over. */
interface Covered {
  readonly kind: CoveredKind;
  readonly address: string;
  readonly reason: string | undefined;
}

/** Resources that rules look at whatever their type is, for secrets. */
const PROVIDERS = /^(?:vault|consul)_|^(?:random_password|tls_private_key)$/;
const OTHER_METHODS = /^vault_(?!jwt_)\w+_auth_backend$/;
const KUBERNETES_ROLE = 'vault_kubernetes_auth_backend_role';
const OTHER_ROLES = /^vault_(?!jwt_)\w+_auth_backend_role$/;

/**
 * What `lint` looks at in a document, and what it passes over: what is not known before Terraform runs, modules of a
 * configuration, and what no rule is for. No findings in what was passed over says nothing.
 * @param json the document, parsed
 * @throws VaultproofError `not_terraform_json`
 *
 * @example
 * expect(lintCoverage(JSON.parse(await readFile('cdk.tf.json', 'utf8'))).passedOver).toEqual([]);
 */
export function lintCoverage(json: unknown): LintCoverage {
  return coverageWhere(json, () => true);
}

/** The same for what is declared at some addresses. */
export function coverageWhere(json: unknown, isWanted: (address: string) => boolean): LintCoverage {
  const document = readDocument(json);
  const all = [
    ...authMethods(document),
    ...roles(document),
    ...bindingRules(document),
    ...policies(document),
    ...endpoints(document),
    ...document.modules.map((address) => covered('module', address, 'lint a plan for it')),
    ...document.blocks
      .filter(({ kind, type }) => kind === 'resource' && (!PROVIDERS.test(type) || isUnknownType(type)))
      .map(({ address, type }) => covered('resource', address, type)),
  ].filter(({ address }) => isWanted(address));
  const lookedAt: Partial<Record<CoveredKind, number>> = {};
  for (const { kind, reason } of all) if (reason === undefined) lookedAt[kind] = (lookedAt[kind] ?? 0) + 1;
  const passedOver = all.flatMap(({ reason, ...rest }) => (reason === undefined ? [] : [{ ...rest, reason }]));
  return { lookedAt, passedOver };
}

/** Whether the providers that are known don't have a type, as where it is misspelt. */
function isUnknownType(type: string): boolean {
  const isCounted = OTHER_METHODS.test(type) || OTHER_ROLES.test(type);
  return /^(?:vault|consul)_/.test(type) && !providerTypes.has(type) && !isCounted;
}

function authMethods(document: LintDocument): Covered[] {
  const methods = new Map(consulMethods(document).map((method) => [method.block, method]));
  return document.blocks
    .filter(({ kind }) => kind === 'resource')
    .flatMap((block): Covered[] => {
      const { type, address } = block;
      if (type === 'vault_jwt_auth_backend') return [covered('authMethod', address)];
      if (type === 'vault_auth_backend') return ofMount(block, document);
      if (OTHER_METHODS.test(type)) return [covered('authMethod', address, type)];
      if (type !== 'consul_acl_auth_method') return [];
      const method = methods.get(block);
      if (method === undefined) return [covered('authMethod', address, `type ${shownType(block)}`)];
      const isRead = method.config !== undefined;
      return [covered('authMethod', address, isRead ? undefined : (block.unknown[method.attribute] ?? 'no JSON'))];
    });
}

/** An auth method that is mounted by itself; nothing where something else configures it, which is looked at. */
function ofMount(mount: Block, document: LintDocument): Covered[] {
  const isLookedAt = pathsInEndpoints(document).has(mountPath(mount));
  return isLookedAt ? [] : [covered('authMethod', mount.address, `type ${shownType(mount)}`)];
}

/** The paths of the auth methods that endpoints configure. */
const pathsInEndpoints = ofDocument((document: LintDocument) => {
  const backends = resourcesOf(document, 'vault_jwt_auth_backend').filter(({ within }) => within !== undefined);
  return new Set(backends.map(({ attributes }) => attributes['path']));
});

function roles(document: LintDocument): Covered[] {
  const ofJwt = jwtRoles(document).map(({ block, boundsAreKnown }) => {
    const reason = block.unknown['bound_claims'] ?? block.unknown['bound_subject'] ?? 'its bounds';
    return covered('role', block.address, boundsAreKnown ? undefined : reason);
  });
  const others = document.blocks.filter(({ kind, type }) => kind === 'resource' && OTHER_ROLES.test(type));
  return [
    ...ofJwt,
    ...others.map(({ address, type, unknown }) => {
      if (type !== KUBERNETES_ROLE) return covered('role', address, type);
      return covered(
        'role',
        address,
        unknown['bound_service_account_names'] ?? unknown['bound_service_account_namespaces'],
      );
    }),
  ];
}

function bindingRules(document: LintDocument): Covered[] {
  const rules = new Map(consulRules(document).map((rule) => [rule.block, rule]));
  return document.blocks
    .filter(({ kind, type }) => kind === 'resource' && type === 'consul_acl_binding_rule')
    .map((block) => {
      const rule = rules.get(block);
      const isRead = rule !== undefined && (rule.takesAll || isKnown(block.attributes['selector']));
      return covered(
        'bindingRule',
        block.address,
        isRead ? undefined : (block.unknown['selector'] ?? 'not of a JWT login'),
      );
    });
}

function policies(document: LintDocument): Covered[] {
  const ofVault = declaredPolicies(document).flatMap(({ block, attribute, paths }) => {
    if (attribute === 'policy' && isOfDocument(block, document)) return [];
    const isRead = paths.length > 0 || isKnown(block.attributes[attribute]);
    return [covered('policy', block.address, isRead ? undefined : (block.unknown[attribute] ?? 'its rules'))];
  });
  const ofConsul = document.blocks
    .filter(({ kind, type }) => kind === 'resource' && type === 'consul_acl_policy')
    .map((block) => covered('policy', block.address, block.unknown['rules']));
  return [...ofVault, ...ofConsul];
}

/** Endpoints of Vault whose body is not known; what is known is among the rest, by what it declares. */
function endpoints({ blocks }: LintDocument): Covered[] {
  const lookedAt = new Set(blocks.filter(({ within }) => within !== undefined).map(({ address }) => address));
  return blocks
    .filter(
      ({ type, within, unknown }) =>
        type === 'vault_generic_endpoint' && within === undefined && 'data_json' in unknown,
    )
    .filter(({ address }) => !lookedAt.has(address))
    .map(({ address, attributes, unknown }) =>
      covered(kindAt(String(attributes['path'])), address, unknown['data_json']),
    );
}

function kindAt(path: string): CoveredKind {
  if (/^\/?auth\/.+\/config$/.test(path)) return 'authMethod';
  if (/^\/?auth\/.+\/role\//.test(path)) return 'role';
  return /^\/?sys\/polic/.test(path) ? 'policy' : 'resource';
}

/** Whether a policy's text is that of a policy document here, which is looked at itself. */
function isOfDocument({ references }: Block, document: LintDocument): boolean {
  return (references['policy'] ?? []).some((reference) => documentTexts(document).has(reference));
}

const documentTexts = ofDocument(
  ({ blocks }: LintDocument) =>
    new Set(blocks.filter(({ kind }) => kind === 'data').map(({ address }) => `${address}.hcl`)),
);

function covered(kind: CoveredKind, address: string, reason?: string): Covered {
  return { kind, address, reason };
}

function shownType({ attributes, unknown }: Block): string {
  return unknown['type'] ?? String(attributes['type'] ?? 'unknown');
}
