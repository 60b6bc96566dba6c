import { type Blocks, life, type ProviderCase } from './provider-case.js';

const read = ['sys/audit'];
const audit = (more: Blocks = {}): Blocks => ({
  resource: { vault_audit: { it: { type: 'file', options: { file_path: 'discard' }, ...more } } },
  output: { id: { value: `\${vault_audit.it.id}` } },
});

export const vaultAudit: readonly ProviderCase[] = [
  life('description', read, audit, { description: 'one' }, { description: 'two' }),
  life('path', read, audit, { path: 'one' }, { path: 'two' }),
  life('local', read, audit, { local: true }, { local: false }),
  {
    name: 'options',
    read,
    steps: [audit(), audit({ options: { file_path: 'discard', log_raw: 'true', prefix: 'audit ' } })],
  },
  { name: 'refused', read, steps: [audit({ options: { file_path: 'discard', format: 'yaml' } })] },
];
