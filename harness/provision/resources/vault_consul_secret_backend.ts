import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { conflicts, flag, integer, needs, text, withoutSlashes } from '../arguments.js';
import { resourceType, type ServerRequest } from '../resource-type.js';
import {
  changeSecretsMount,
  findSecretsMount,
  keptMountArguments,
  mountCapabilities,
  mountSecretsEngine,
  replacingMountArguments,
  secretsMountArguments,
} from '../secrets-mount.js';

const schema = z.strictObject({
  path: text.overwrite(withoutSlashes).default('consul'),
  ...secretsMountArguments,
  default_lease_ttl_seconds: integer.default(0),
  max_lease_ttl_seconds: integer.default(0),
  disable_remount: flag.default(false),
  address: text,
  scheme: text.default('http'),
  token: text.optional(),
  token_wo: text.optional(),
  token_wo_version: integer.optional(),
  bootstrap: flag.default(false),
  ca_cert: text.default(''),
  client_cert: text.default(''),
  client_key: text.optional(),
  client_key_wo: text.optional(),
  client_key_wo_version: integer.optional(),
});

type Attributes = z.output<typeof schema>;

/** Their change means that the engine's access is configured again. */
const ACCESS = [
  ...['address', 'scheme', 'ca_cert', 'client_cert'],
  ...['token', 'token_wo_version', 'client_key', 'client_key_wo_version'],
] as const;

/** @see https://developer.hashicorp.com/vault/api-docs/secret/consul#configure-access */
export const vaultConsulSecretBackend = resourceType({
  type: 'vault_consul_secret_backend',
  schema,
  rules: [
    conflicts(['token', 'token_wo'], ['client_key', 'client_key_wo']),
    ({ bootstrap, token = '', token_wo = '' }) => {
      const isGiven = token !== '' || token_wo !== '';
      if (bootstrap !== isGiven) return [];
      return [`"bootstrap": must be ${isGiven ? 'false where there is a token' : 'true where there is no token'}`];
    },
    needs(['token_wo_version', 'token_wo'], ['client_key_wo_version', 'client_key_wo']),
  ],
  computed: ['id', 'accessor'],
  forceNew: [...replacingMountArguments],
  replaces: ({ path }, after) => path !== after.path && after.disable_remount,
  kept: [...keptMountArguments],
  ignored: () => ['token_wo', 'client_key_wo'],
  mountPoint: ({ path }) => path,
  capabilities: (declared) => ['secret/consul', ...mountCapabilities(declared)],
  find: async (request, { attributes, computed }) => {
    const found = await findSecretsMount(request, 'consul', attributes, computed['accessor']);
    // Nothing is sure of its access.
    const { token_wo_version: _token, client_key_wo_version: _key, ...sure } = attributes;
    return found && { attributes: { ...sure, address: '' }, computed: found };
  },
  create: (request, attributes) =>
    mountSecretsEngine(request, 'consul', attributes, () => configureAccess(request, attributes)),
  update: async (request, attributes, { attributes: before }) => {
    const isChanged = (name: keyof Attributes): boolean => !isDeepStrictEqual(attributes[name], before[name]);
    await changeSecretsMount(request, attributes, before, async () => {
      if (ACCESS.some((name) => isChanged(name as keyof Attributes))) {
        await configureAccess(request, attributes, before);
      }
    });
    return { id: attributes.path };
  },
  remove: async (request, { attributes: { path } }) => {
    await request('DELETE', `sys/mounts/${path}`);
  },
});

/**
 * Vault replaces all of it. Without a token, which the provider leaves out where its version is the same, Vault bootstraps
 * Consul's ACL system, and refuses where that was done before.
 */
async function configureAccess(request: ServerRequest, attributes: Attributes, before?: Attributes): Promise<void> {
  const { path, address, scheme, ca_cert, client_cert } = attributes;
  const secret = (name: 'token' | 'client_key'): string | undefined => {
    const version = attributes[`${name}_wo_version`];
    const isNew = version !== undefined && version !== before?.[`${name}_wo_version`];
    return (isNew ? attributes[`${name}_wo`] : attributes[name]) || undefined;
  };
  await request('POST', `${path}/config/access`, {
    address,
    scheme,
    ca_cert,
    client_cert,
    token: secret('token'),
    client_key: secret('client_key'),
  });
}
