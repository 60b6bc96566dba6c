import { type Blocks, life, type ProviderCase } from './provider-case.js';

const read = ['transit/keys/it', 'transit/keys/two'];
const key = (more: Blocks = {}): Blocks => ({
  resource: {
    vault_mount: { transit: { path: 'transit', type: 'transit' } },
    vault_transit_secret_backend_key: {
      it: { backend: `\${vault_mount.transit.path}`, name: 'it', deletion_allowed: true, ...more },
    },
  },
  output: Object.fromEntries(
    ['id', 'latest_version', 'min_available_version', 'supports_encryption', 'supports_signing'].map((name) => [
      name,
      { value: `\${vault_transit_secret_backend_key.it.${name}}` },
    ]),
  ),
});

export const vaultTransitSecretBackendKey: readonly ProviderCase[] = [
  { name: 'deletion_allowed', read, steps: [key({ deletion_allowed: false }), key()] },
  { name: 'exportable', read, steps: [key(), key({ exportable: true })] },
  { name: 'exportable_no_more', read, steps: [key({ exportable: true }), key()] },
  { name: 'allow_plaintext_backup', read, steps: [key(), key({ allow_plaintext_backup: true })] },
  life('auto_rotate_period', read, key, { auto_rotate_period: 3600 }, { auto_rotate_period: 7200 }),
  { name: 'convergent_encryption', read, steps: [key(), key({ derived: true, convergent_encryption: true })] },
  { name: 'type', read, steps: [key(), key({ type: 'aes128-gcm96' }), key({ type: 'hmac', key_size: 32 })] },
  {
    name: 'min_decryption_version',
    read,
    steps: [key({ min_decryption_version: 1 }), key({ min_decryption_version: 5 })],
  },
  {
    name: 'min_encryption_version',
    read,
    steps: [key({ min_encryption_version: 1 }), key({ min_encryption_version: 0 })],
  },
  { name: 'name', read, steps: [key(), key({ name: 'two' })] },
  { name: 'parameter_set', read, steps: [key({ type: 'ml-dsa', parameter_set: '44' })] },
  {
    name: 'hybrid_keys',
    read,
    steps: [
      key({ type: 'hybrid', parameter_set: '44', hybrid_key_type_ec: 'ecdsa-p256', hybrid_key_type_pqc: 'ml-dsa' }),
    ],
  },
  { name: 'refused', read, steps: [key({ type: 'rot13' })] },
];
