import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { isRecord } from '../../../internal/json.js';
import { flag, integer, text, withoutSlashes } from '../arguments.js';
import { type Computed, resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({
  backend: text,
  name: text,
  type: text.default('aes256-gcm96'),
  deletion_allowed: flag.default(false),
  convergent_encryption: flag.default(false),
  derived: flag.default(false),
  exportable: flag.default(false),
  allow_plaintext_backup: flag.default(false),
  auto_rotate_period: integer.optional(),
  key_size: integer.default(0),
  min_decryption_version: integer.refine((version) => version >= 1, 'a version of 1 or later required').default(1),
  min_encryption_version: integer.default(0),
  parameter_set: text.optional(),
  hybrid_key_type_ec: text.optional(),
  hybrid_key_type_pqc: text.optional(),
});

type Attributes = z.output<typeof schema>;

const READ = [
  'latest_version',
  'min_available_version',
  'auto_rotate_period',
  'supports_encryption',
  'supports_decryption',
  'supports_derivation',
  'supports_signing',
] as const;

/** They can be turned on, and never off again. */
const ONE_WAY = ['exportable', 'allow_plaintext_backup'] as const;

/** @see https://developer.hashicorp.com/vault/api-docs/secret/transit#create-key */
export const vaultTransitSecretBackendKey = resourceType({
  type: 'vault_transit_secret_backend_key',
  schema,
  computed: ['id', 'keys', ...READ],
  forceNew: ['backend', 'name', 'type', 'convergent_encryption', 'derived'],
  kept: ['auto_rotate_period'],
  path: pathOf,
  capabilities: () => ['secret/transit'],
  create: async (request, attributes) => {
    const path = pathOf(attributes);
    const { convergent_encryption, derived, type, auto_rotate_period = 0, key_size } = attributes;
    const { parameter_set, hybrid_key_type_ec, hybrid_key_type_pqc } = attributes;
    const special = { parameter_set, hybrid_key_type_ec, hybrid_key_type_pqc };
    await request('POST', path, { convergent_encryption, derived, type, auto_rotate_period, key_size, ...special });
    try {
      // The provider writes the version to encrypt with when the key is changed, and not when it is made.
      await request('POST', `${path}/config`, configOf(attributes));
      return { id: path, ...(await read(request, path)) };
    } catch (error) {
      // Why it is of no use is what counts.
      await request('POST', `${path}/config`, { deletion_allowed: true })
        .then(() => request('DELETE', path))
        .catch(() => {});
      throw error;
    }
  },
  update: async (request, attributes, { attributes: before }) => {
    const undone = ONE_WAY.find((name) => before[name] && !attributes[name]);
    if (undone !== undefined) {
      const message = `"${undone}" can't be turned off on a key that has it: name a new key`;
      throw new VaultproofError('declaration_invalid', message, { details: { argument: undone } });
    }
    const path = pathOf(attributes);
    const { min_encryption_version } = attributes;
    await request('POST', `${path}/config`, { ...configOf(attributes), min_encryption_version });
    return read(request, path);
  },
  remove: async (request, { attributes }) => {
    await request('DELETE', pathOf(attributes));
  },
});

function configOf({
  min_decryption_version,
  deletion_allowed,
  exportable,
  allow_plaintext_backup,
  auto_rotate_period = 0,
}: Attributes): Readonly<Record<string, unknown>> {
  return { min_decryption_version, deletion_allowed, exportable, allow_plaintext_backup, auto_rotate_period };
}

async function read(request: ServerRequest, path: string): Promise<Computed> {
  const { data } = await request('GET', path);
  const { keys, ...key } = data as Readonly<Record<string, unknown>>;
  const versions = isRecord(keys) ? Object.values(keys) : [];
  return {
    ...Object.fromEntries(READ.map((name) => [name, key[name]])),
    // A symmetric key's version has nothing but the time when it was made.
    keys: versions.map((version) => (isRecord(version) ? version : { id: version })),
  };
}

function pathOf({ backend, name }: Attributes): string {
  return `${withoutSlashes(backend)}/keys/${withoutSlashes(name)}`;
}
