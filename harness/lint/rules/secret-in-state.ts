import { isRecord } from '../../../internal/json.js';
import {
  type Block,
  isEmpty,
  isSet,
  jsonText,
  type LintDocument,
  ofDocument,
  resourcesOf,
  textOf,
  UNKNOWN,
} from '../document/document.js';
import { foldersOf } from '../policy/vault-policy.js';
import type { Rule } from '../rule.js';
import { holdsConnectionPassword, holdsPrivateKey, holdsUrlPassword, SECRET_NAME_END } from '../secrets.js';

const PROVIDERS = /^(?:vault|consul)_|^(?:random_password|tls_private_key)$/;

/** Resources and data sources whose result is a secret, and so in the state, whatever their arguments are. */
const SECRET_RESULTS: readonly RegExp[] = [
  /^(?:random_password|tls_private_key)$/,
  /^vault_token$/,
  /^vault_(?:approle|aws)_auth_backend_login$/,
  /^vault_approle_auth_backend_role_secret_id$/,
  /^vault_pki_secret_backend_cert$/,
  /^vault_terraform_cloud_secret_creds$/,
  /^data\.vault_(?:kv_secret|kv_secret_v2|generic_secret)$/,
  /^data\.vault_\w+_credentials$/,
  /^data\.vault_nomad_access_token$/,
  /^data\.vault_kubernetes_service_account_token$/,
  /^data\.vault_transit_decrypt$/,
  /^data\.consul_acl_token_secret_id$/,
];

/** Arguments of vault_* and consul_* resources, and of blocks in them, that are secrets. */
const SECRET_ARGUMENTS = [
  ...['api_token', 'bindpass', 'client_key', 'client_secret', 'client_tls_key', 'credentials', 'data_json'],
  ...['license', 'oidc_client_secret', 'password', 'pem_bundle', 'pem_json', 'private_key', 'secret_access_key'],
  ...['secret_key', 'self_managed_password', 'service_account_json', 'service_account_jwt', 'tls_certificate_key'],
  ...['token', 'token_reviewer_jwt'],
];
/** Arguments that are maps: the names in them are the author's own. */
const MAPS = [
  ...['bound_attributes', 'bound_claims', 'claim_mappings', 'custom_metadata', 'default_mount_config', 'metadata'],
  ...['extra_annotations', 'extra_labels', 'meta', 'options', 'parameters', 'provider_config', 'tags'],
];

const SECRET_MEMBER = new RegExp(`(?:^|_)${SECRET_NAME_END}$`, 'i');

/** A secret that Terraform writes into its state in plain text. */
export const secretInState: Rule = {
  code: 'secret-in-state',
  severity: 'error',
  check: (document) =>
    document.blocks
      .filter(({ kind, type }) => (kind === 'resource' || kind === 'data') && PROVIDERS.test(type))
      .filter(({ within }) => within === undefined)
      .flatMap((block) => {
        const id = `${block.kind === 'data' ? 'data.' : ''}${block.type}`;
        if (SECRET_RESULTS.some((pattern) => pattern.test(id)) && !isWrapped(block)) {
          const reason = 'it returns a secret, which is stored in the state in plain text';
          return [{ block, reason, fix: 'use an ephemeral resource, or let its consumer log in to Vault' }];
        }
        const secrets = block.kind === 'resource' ? secretsOf(block, document) : [];
        return secrets.map((attribute) => ({
          block,
          attribute,
          reason: 'its value is stored in the state in plain text, even if it is marked as sensitive',
          fix: 'use the write-only argument of that name that ends in "_wo" if there is one, or write it outside of Terraform',
        }));
      }),
};

/** What is wrapped is not itself in the state: its wrapping token works once, and not for long. */
function isWrapped(block: Block): boolean {
  return block.kind === 'resource' && isSet(block, 'wrapping_ttl');
}

function secretsOf(block: Block, document: LintDocument): string[] {
  if (block.type === 'vault_generic_endpoint') return secretsInEndpoint(block, document);
  const found = [...new Set(secretPaths(block.attributes, true))];
  if (block.type !== 'consul_acl_auth_method') return found;
  const jwts = ['config', 'config_json'].filter((name) => holdsServiceAccountJwt(block, name));
  return [...new Set([...found, ...jwts])];
}

/** Where the document mounts KV engines. */
const kvPaths = ofDocument((document: LintDocument) => {
  const mounts = resourcesOf(document, 'vault_mount').filter((mount) => /^kv/.test(textOf(mount, 'type') ?? ''));
  return new Set(mounts.map((mount) => textOf(mount, 'path')?.replace(/\/$/, '') ?? UNKNOWN));
});

/** What an endpoint is written with is a secret by its name, or all of it in a KV engine. */
function secretsInEndpoint(endpoint: Block, document: LintDocument): string[] {
  const { path, data_json: json } = endpoint.attributes;
  if (typeof json !== 'string') return [];
  const isKv =
    typeof path === 'string' &&
    (/\/data\//.test(path) || foldersOf(path).some((folder) => kvPaths(document).has(folder)));
  if (isKv) return ['data_json'];
  const data = jsonText(json);
  return isRecord(data) ? [...new Set(secretPaths(data, true, isSecretMember).map((name) => `data_json.${name}`))] : [];
}

function isSecretMember(name: string): boolean {
  return SECRET_ARGUMENTS.includes(name) || SECRET_MEMBER.test(name);
}

/** Where the secrets of a block and of those in it are. What ends in `_wo` is never stored. */
function secretPaths(
  body: Readonly<Record<string, unknown>>,
  isBlock: boolean,
  isSecretName = (name: string): boolean => SECRET_ARGUMENTS.includes(name),
): string[] {
  return Object.entries(body)
    .filter(([name]) => !name.endsWith('_wo'))
    .flatMap(([name, value]) => {
      const isSecret = isBlock && isSecretName(name) && !isEmpty(value);
      if (isSecret) return [name];
      return [value].flat().flatMap((one) => {
        if (isRecord(one)) {
          return secretPaths(one, isBlock && !MAPS.includes(name), isSecretName).map((path) => `${name}.${path}`);
        }
        return typeof one === 'string' && holdsSecret(name, one) ? [name] : [];
      });
    });
}

function holdsSecret(name: string, text: string): boolean {
  return holdsPrivateKey(text) || (name === 'connection_url' ? holdsConnectionPassword(text) : holdsUrlPassword(text));
}

/** The configuration of a Kubernetes auth method may hold the JWT that Consul asks Kubernetes with. */
function holdsServiceAccountJwt(block: Block, name: string): boolean {
  const text = textOf(block, name) ?? JSON.stringify(block.attributes[name] ?? '');
  return text.includes('"ServiceAccountJWT"');
}
