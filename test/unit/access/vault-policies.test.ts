import { readVaultPolicy, vaultAcl } from 'vaultproof/access';
import { describe, expect, test } from 'vitest';

const rule = (path: string, ...capabilities: string[]): string =>
  `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`;

describe('of two rules for a path decides', () => {
  test.each([
    ['the exact one', 'kv/a', 'kv/a*', 'kv/a'],
    ['the longer prefix', 'kv/a*', 'kv/*', 'kv/ab'],
    ['the one with the later wildcard', 'kv/a/+', 'kv/+/b', 'kv/a/b'],
    ['a segment before a prefix', 'kv/+', 'kv/*', 'kv/a'],
    ['the one with fewer segments that are open', 'kv/+/b/c', 'kv/+/+/c', 'kv/a/b/c'],
    ['the longer one', 'kv/+/bc*', 'kv/+/b*', 'kv/a/bcd'],
  ])('%s', (_title, chosen, other, path) => {
    const policy = readVaultPolicy('p', `${rule(other, 'list')}\n${rule(chosen, 'read')}`);
    expect(vaultAcl([policy]).capabilities(path)).toEqual(['read']);
  });
});

test('a "+" holds for an empty segment, and not for two', () => {
  const acl = vaultAcl([readVaultPolicy('p', rule('kv/+', 'read'))]);
  expect(['kv/', 'kv/a', 'kv/a/b'].map((path) => acl.decide({ operation: 'read', path }).allowed)).toEqual([
    true,
    true,
    false,
  ]);
});

test('deny wins over what another policy grants at the same path, and not at another one', () => {
  const policies = [readVaultPolicy('a', rule('kv/*', 'read')), readVaultPolicy('b', rule('kv/*', 'deny'))];
  expect(vaultAcl(policies).capabilities('kv/a')).toEqual(['deny']);
  const exact = readVaultPolicy('c', rule('kv/a', 'read'));
  expect(vaultAcl([...policies, exact]).capabilities('kv/a')).toEqual(['read']);
});

test('a refusal says why, and names the rule with its policies', () => {
  const acl = vaultAcl([readVaultPolicy('a', rule('kv/*', 'read')), readVaultPolicy('b', rule('kv/*', 'list'))]);
  expect(acl.decide({ operation: 'update', path: 'kv/a' })).toMatchObject({
    allowed: false,
    reason: 'capability',
    rule: { path: 'kv/*', policies: ['a', 'b'] },
  });
  expect(acl.decide({ operation: 'read', path: 'pki/a' })).toEqual({
    allowed: false,
    reason: 'no_rule',
    rule: undefined,
  });
});

test('the root policy may do anything', () => {
  const acl = vaultAcl([readVaultPolicy('root', '')]);
  expect(acl.capabilities('sys/mounts')).toEqual(['root']);
  expect(acl.decide({ operation: 'delete', path: 'sys/mounts/kv' }).allowed).toBe(true);
});

describe('a template', () => {
  const text = rule('kv/{{ identity.entity.aliases.auth_jwt_1.metadata.team }}/*', 'read');

  test('is undecided without an entity', () => {
    expect(readVaultPolicy('p', text).undecided).toEqual([
      'policy "p", path "kv/{{ identity.entity.aliases.auth_jwt_1.metadata.team }}/*": its template depends on the entity',
    ]);
  });

  test('is filled in for one', () => {
    const entity = { aliases: { auth_jwt_1: { metadata: { team: 'payments' } } } };
    const policy = readVaultPolicy('p', text, { entity });
    expect(vaultAcl([policy]).capabilities('kv/payments/db')).toEqual(['read']);
  });

  test('grants nothing to an entity that lacks what it stands for', () => {
    const policy = readVaultPolicy('p', text, { entity: { name: 'x' } });
    expect(policy).toEqual({ name: 'p', rules: [], undecided: [] });
  });

  test('is filled in for groups', () => {
    const path = 'kv/{{identity.groups.names.admins.id}}/{{identity.entity.name}}';
    const entity = { name: 'me', groups: [{ id: '7', name: 'admins' }] };
    expect(readVaultPolicy('p', rule(path, 'read'), { entity }).rules[0]?.path).toBe('kv/7/me');
  });
});

test('a policy that Vault refuses is undecided, with what is wrong', () => {
  expect(readVaultPolicy('p', rule('kv/a', 'write')).undecided).toEqual([
    'policy "p" can\'t be read: path "kv/a" has the unknown capability "write"',
  ]);
  expect(readVaultPolicy('p', rule('kv/a', 'scan'), { product: 'openbao' }).undecided).toEqual([]);
});
