import { z } from 'zod';
import { text, withoutSlashes } from '../arguments.js';
import { resourceType } from '../resource-type.js';
import {
  changeSecretsMount,
  findSecretsMount,
  keptMountArguments,
  mountCapabilities,
  mountSecretsEngine,
  replacingMountArguments,
  secretsMountArguments,
} from '../secrets-mount.js';

const schema = z.strictObject({ path: text, type: text, ...secretsMountArguments });

/** @see https://developer.hashicorp.com/vault/api-docs/system/mounts */
export const vaultMount = resourceType({
  type: 'vault_mount',
  schema,
  computed: ['id', 'accessor'],
  forceNew: ['type', ...replacingMountArguments],
  kept: ['default_lease_ttl_seconds', 'max_lease_ttl_seconds', ...keptMountArguments],
  mountPoint: ({ path }) => withoutSlashes(path),
  capabilities: (declared) => [`secret/${declared['type']}`, ...mountCapabilities(declared)],
  find: async (request, { attributes, computed }) => {
    const found = await findSecretsMount(request, attributes.type, attributes, computed['accessor']);
    return found && { attributes, computed: found };
  },
  create: (request, attributes) => {
    const { path, type, options } = attributes;
    const isVersioned = type === 'kv-v2' || options['version'] === '2';
    return mountSecretsEngine(request, type, attributes, async () => {
      // A KV v2 engine upgrades its storage first; its configuration is there once it serves.
      if (isVersioned) await request('GET', `${path}/config`);
    });
  },
  update: async (request, attributes, { attributes: before }) => {
    await changeSecretsMount(request, attributes, before);
    return { id: attributes.path };
  },
  remove: async (request, { attributes: { path } }) => {
    await request('DELETE', `sys/mounts/${path}`);
  },
});
