import { expect, test } from 'vitest';
import { parityLines } from '../../../cli/parity.js';

test('a comparison shows both sides of every difference, and what terraform would still change', () => {
  const lines = parityLines({
    applied: ['demo'],
    compared: 12,
    differences: [
      { path: 'vault: auth/jwt/role/r', field: 'bound_subject', left: '', right: 'mallory' },
      { path: 'consul: acl/policy/p', field: undefined, left: { Rules: '' }, right: undefined },
    ],
    pending: [{ address: 'vault_mount.kv', constructPath: 'demo/kv', action: 'update', attributes: ['options'] }],
  });
  expect(lines).toEqual([
    'vault: auth/jwt/role/r bound_subject',
    '  terraform  ""',
    '  direct     "mallory"',
    'consul: acl/policy/p',
    '  terraform  {"Rules":""}',
    '  direct     (nothing)',
    'terraform would change "demo/kv" again: options',
    'demo: 12 places compared, 2 differences, 1 pending change',
  ]);
});
