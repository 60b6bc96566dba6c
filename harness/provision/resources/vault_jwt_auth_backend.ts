import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { atLeastOne, conflicts, flag, integer, text, textList, textMap, withoutSlashes } from '../arguments.js';
import { authAccessor, authTune, findAuthMount, tuneAuthMount } from '../auth-mount.js';
import { updateAfterRemount } from '../remount.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

const GO_BOOLEANS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'TRUE', 'true', 'True'].map((word) => [word, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'FALSE', 'false', 'False'].map((word) => [word, false])),
};

/** Terraform has a map of text where Vault wants types. */
const providerConfig = textMap.check(({ value, issues }) => {
  for (const [name, item] of Object.entries(withTypes(value))) {
    if (item !== undefined) continue;
    const message = name === 'groups_recurse_max_depth' ? 'whole number required' : 'bool required';
    issues.push({ code: 'custom', input: value, path: [name], message });
  }
});

const schema = z.strictObject({
  path: text.refine((path) => /[^/]$/.test(path), 'a path without a slash at its end required').default('jwt'),
  type: z.enum(['jwt', 'oidc']).default('jwt'),
  description: text.default(''),
  local: flag.default(false),
  disable_remount: flag.default(false),
  jwks_url: text.optional(),
  jwks_ca_pem: text.optional(),
  jwks_pairs: z.array(textMap).optional(),
  jwt_validation_pubkeys: textList.optional(),
  oidc_discovery_url: text.optional(),
  oidc_discovery_ca_pem: text.optional(),
  oidc_client_id: text.optional(),
  oidc_client_secret: text.optional(),
  oidc_client_secret_wo: text.optional(),
  oidc_client_secret_wo_version: integer.optional(),
  oidc_response_mode: text.optional(),
  oidc_response_types: textList.optional(),
  bound_issuer: text.optional(),
  jwt_supported_algs: textList.optional(),
  default_role: text.optional(),
  provider_config: providerConfig.optional(),
  namespace_in_state: flag.default(true),
  tune: authTune.optional(),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/auth/jwt#configure */
export const vaultJwtAuthBackend = resourceType({
  type: 'vault_jwt_auth_backend',
  schema,
  rules: [
    atLeastOne('oidc_discovery_url', 'jwks_url', 'jwt_validation_pubkeys', 'provider_config', 'jwks_pairs'),
    conflicts(
      ['jwks_url', 'oidc_discovery_url'],
      ['jwks_url', 'jwt_validation_pubkeys'],
      ['oidc_discovery_url', 'jwt_validation_pubkeys'],
      ['jwks_pairs', 'jwks_url'],
      ['jwks_pairs', 'jwks_ca_pem'],
      ['oidc_client_secret', 'oidc_client_secret_wo'],
    ),
  ],
  computed: ['id', 'accessor'],
  forceNew: ['type', 'local'],
  replaces: ({ path }, after) => path !== after.path && after.disable_remount,
  kept: ['tune'],
  ignored: () => ['oidc_client_secret_wo'],
  mountPoint: ({ path }) => `auth/${withoutSlashes(path)}`,
  capabilities: ({ jwks_pairs: pairs }) => (pairs === undefined ? [] : ['jwks_pairs']),
  find: async (request, { attributes, computed }) => {
    const accessor = await findAuthMount(request, attributes, computed['accessor']);
    const { tune: _tune, ...sure } = attributes;
    return accessor === undefined ? undefined : { attributes: sure, computed: { id: attributes.path, accessor } };
  },
  create: async (request, attributes) => {
    const { path, type, description, local, tune = [] } = attributes;
    await request('POST', `sys/auth/${path}`, { type, description, local, options: null });
    try {
      const [, accessor] = await Promise.all([configure(request, attributes), authAccessor(request, path)]);
      if (tune.length > 0) await tuneAuthMount(request, path, tune);
      return { id: path, accessor };
    } catch (error) {
      // A mount without a configuration would only be in the way of the next attempt; why it has none is what counts.
      await request('DELETE', `sys/auth/${path}`).catch(() => {});
      throw error;
    }
  },
  // The provider leaves a description as it was when the mount was made.
  update: async (request, attributes, before) => {
    const { path, tune = [] } = attributes;
    await updateAfterRemount(request, `auth/${before.attributes.path}`, `auth/${path}`, async () => {
      await configure(request, attributes);
      if (tune.length > 0 && !isDeepStrictEqual(tune, before.attributes.tune)) await tuneAuthMount(request, path, tune);
    });
    return { id: path };
  },
  remove: async (request, { attributes: { path } }) => {
    await request('DELETE', `sys/auth/${path}`);
  },
});

/** Vault replaces the whole configuration: what is not sent is no longer there. */
async function configure(request: ServerRequest, attributes: Attributes): Promise<void> {
  const {
    path,
    type: _type,
    description: _description,
    local: _local,
    disable_remount: _disableRemount,
    tune: _tune,
    oidc_client_secret_wo: writeOnlySecret,
    oidc_client_secret_wo_version: version,
    provider_config: providerConfig,
    ...config
  } = attributes;
  await request('POST', `auth/${path}/config`, {
    ...config,
    ...(version && { oidc_client_secret: writeOnlySecret }),
    ...(providerConfig && { provider_config: withTypes(providerConfig) }),
  });
}

/** Undefined for what is of another type. */
function withTypes(config: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const convert = (name: string, value: string): unknown => {
    if (name === 'fetch_groups' || name === 'fetch_user_info') return GO_BOOLEANS[value];
    if (name === 'groups_recurse_max_depth') return integer.safeParse(value).data;
    return value;
  };
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, convert(name, value)]));
}
