import { isRecord } from '../../../internal/json.js';
import { documentRoot, type Json, notTerraformJson } from '../../terraform-json/document.js';
import { type Block, byKey, jsonText, type LintDocument } from './document.js';
import { readConfiguration } from './read-configuration.js';
import { readPlan } from './read-plan.js';

/**
 * Reads a configuration in Terraform's JSON syntax, or a plan as `terraform show -json` prints it.
 * @throws VaultproofError `not_terraform_json`
 */
export function readDocument(json: unknown): LintDocument {
  const root = documentRoot(json);
  const document = typeof root['format_version'] === 'string' ? readShown(root) : readConfiguration(root);
  return { ...document, blocks: [...document.blocks, ...resourcesInEndpoints(document.blocks)] };
}

function readShown(root: Json): LintDocument {
  if (isRecord(root['planned_values'])) return readPlan(root);
  throw notTerraformJson(isRecord(root['values']) ? 'it is a state, not a plan' : 'it has no "planned_values"');
}

/** Fields that nothing but a JWT auth method's configuration, or a role of one, has. */
const OF_BACKEND = ['jwks_pairs', 'jwks_url', 'jwt_validation_pubkeys', 'oidc_discovery_url'];
const OF_ROLE = ['bound_audiences', 'bound_claims', 'bound_subject', 'user_claim'];
/** What the API calls otherwise, or did. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  bound_cidrs: 'token_bound_cidrs',
  max_ttl: 'token_max_ttl',
  period: 'token_period',
  policies: 'token_policies',
  ttl: 'token_ttl',
};
/** Lists, which the API also takes as one text with commas. */
const LISTS = ['allowed_redirect_uris', 'bound_audiences', 'jwt_supported_algs', 'token_bound_cidrs', 'token_policies'];

/**
 * What `vault_generic_endpoint`s write of JWT auth methods, their roles and policies, as the resources that are made for it.
 * They have the endpoint's address; what is not known of a path or a body is left out.
 */
function resourcesInEndpoints(blocks: readonly Block[]): readonly Block[] {
  const mounts = byKey(blocks, mountPath);
  return blocks
    .filter(({ kind, type }) => kind === 'resource' && type === 'vault_generic_endpoint')
    .flatMap((block) => {
      const { path, data_json: json } = block.attributes;
      const data = typeof json === 'string' ? parsed(json) : undefined;
      if (typeof path !== 'string' || data === undefined) return [];
      const declared = declaredAt(path.replace(/^\/+|\/+$/g, ''), data, mounts);
      if (declared === undefined) return [];
      const [type, written] = declared;
      const { namespace } = block.attributes;
      const attributes = namespace === undefined ? written : { ...written, namespace };
      return [{ ...block, type, attributes, within: 'data_json', allow: {} }];
    });
}

/** Where a `vault_auth_backend` is; undefined for any other block. */
export function mountPath({ type, attributes }: Block): unknown {
  return type === 'vault_auth_backend' ? (attributes['path'] ?? attributes['type']) : undefined;
}

function parsed(json: string): Readonly<Record<string, unknown>> | undefined {
  const data = jsonText(json);
  return isRecord(data) ? data : undefined;
}

/** The type of what is written at a path, and its arguments. */
function declaredAt(
  path: string,
  data: Readonly<Record<string, unknown>>,
  mounts: ReadonlyMap<unknown, readonly Block[]>,
): readonly [string, Block['attributes']] | undefined {
  const has = (names: readonly string[]): boolean => names.some((name) => Object.hasOwn(data, name));
  const backend = /^auth\/(.+)\/config$/.exec(path)?.[1];
  if (backend !== undefined && has(OF_BACKEND)) {
    const tune = mounts.get(backend)?.[0]?.attributes['tune'];
    return ['vault_jwt_auth_backend', { ...argumentsOf(data), path: backend, ...(tune !== undefined && { tune }) }];
  }
  const [, of, role] = /^auth\/(.+)\/role\/([^/]+)$/.exec(path) ?? [];
  if (of !== undefined && has(OF_ROLE)) {
    // It is the provider that splits at commas.
    const own = { backend: of, role_name: role, disable_bound_claims_parsing: true };
    return ['vault_jwt_auth_backend_role', { ...argumentsOf(data), ...own }];
  }
  const name = /^sys\/(?:policies\/acl|policy)\/([^/]+)$/.exec(path)?.[1];
  return name === undefined ? undefined : ['vault_policy', { name, policy: data['policy'] }];
}

function argumentsOf(data: Readonly<Record<string, unknown>>): Block['attributes'] {
  return Object.fromEntries(
    Object.entries(data)
      .filter(([, value]) => value !== null)
      .map(([written, value]) => {
        const name = OLD_NAMES[written] ?? written;
        const isText = LISTS.includes(name) && typeof value === 'string';
        return [name, isText ? value.split(',').filter((one) => one !== '') : value];
      }),
  );
}
