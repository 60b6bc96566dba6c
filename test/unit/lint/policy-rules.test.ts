import { lint } from 'vaultproof';
import { describe, expect, test } from 'vitest';
import { found, policy } from './found.js';

const grant = (path: string, ...capabilities: string[]) =>
  `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`;
const at = (path: string) => [{ address: 'policy', attribute: 'policy', found: path }];

describe('policy-unparsable', () => {
  test('finds a text that is no policy, and says where', () => {
    const [finding] = lint(policy('path "a" {\n  capabilities = ["read"\n}'));
    expect(finding).toMatchObject({ code: 'policy-unparsable', address: 'vault_policy.policy', attribute: 'policy' });
    expect(finding?.reason).toContain('line 3');
  });

  test.each([
    grant('kv/*', 'read'),
    `\${file("policy.hcl")}`,
    `%{ for team in var.teams }path "kv/\${team}/*" { capabilities = ["read"] }%{ endfor }`,
    `\${join("\\n", [for team in var.teams : "path \\"kv/\${team}\\" {}"])}`,
    `path "kv/\${var.unknown}" { capabilities = \${jsonencode(var.capabilities)} }`,
  ])('is content with %s', (text) => {
    expect(lint(policy(text))).toEqual([]);
  });
});

describe('policy-sudo', () => {
  test('finds sudo, in old policies too', () => {
    expect(found('policy-sudo', policy(grant('sys/audit', 'read', 'sudo')))).toEqual(at('sys/audit'));
    expect(found('policy-sudo', policy('path "sys/audit" { policy = "sudo" }'))).toEqual(at('sys/audit'));
  });

  test('is content without it', () => {
    expect(found('policy-sudo', policy(grant('sys/audit', 'sudo', 'deny')))).toEqual([]);
    expect(found('policy-sudo', policy(grant('sys/audit', 'read')))).toEqual([]);
    expect(found('policy-sudo', policy(grant(`\${var.unknown}`, 'sudo')))).toEqual([]);
  });
});

describe('policy-path-too-wide', () => {
  test.each([
    grant('*', 'read'),
    grant('/*', 'list'),
    grant('+/*', 'read'),
    grant('+/+/*', 'read'),
    grant('sys/*', 'update'),
    grant('s*', 'create'),
    grant('sys/policies/acl/*', 'update'),
    grant('sys/policies/+/*', 'update'),
    grant('sys/policies/acl/+', 'create'),
    grant('sys/auth/*', 'delete'),
    grant('auth/*', 'update'),
    grant('auth/+/role/*', 'patch'),
    '{"path": {"*": {"capabilities": ["read"]}}}',
  ])('finds %s', (text) => {
    expect(found('policy-path-too-wide', policy(text))).toHaveLength(1);
  });

  test.each([
    grant('kv/*', 'update'),
    grant('*', 'deny'),
    grant('sys/*', 'read', 'list'),
    grant('sys/policies/acl/team-*', 'update'),
    grant('auth/jwt/role/*', 'update'),
    grant('auth/token/*', 'update'),
    grant('auth/+/login', 'update'),
    grant(`\${var.unknown}*`, 'update'),
  ])('is content with %s', (text) => {
    expect(found('policy-path-too-wide', policy(text))).toEqual([]);
  });
});

describe('kv-path-never-matches', () => {
  const mount = (fields: object) => ({ vault_mount: { kv: { path: 'kv', type: 'kv', ...fields } } });
  const v2 = mount({ options: { version: '2' } });

  test.each(['kv/foo', 'kv/foo/*', 'kv/vishpat/+/x', 'kv/foo*', '/kv/foo', 'kv/Data/foo'])('finds %s', (path) => {
    const expected = at(path.replace(/^\//, ''));
    expect(found('kv-path-never-matches', policy(grant(path, 'read'), v2))).toEqual(expected);
    expect(found('kv-path-never-matches', policy(grant(path, 'deny'), mount({ type: 'kv-v2' })))).toEqual(expected);
  });

  test.each([
    ...['kv/data/foo', 'kv/metadata/*', 'kv/delete/x', 'kv/undelete/x', 'kv/destroy/x', 'kv/subkeys/x', 'kv/config'],
    ...['kv/*', 'kv/da*', 'kv/+/foo', 'kv/', 'kv', 'kvx/foo', 'secret/foo', 'kv/{{identity.entity.id}}/x'],
    `kv/\${var.unknown}/foo`,
  ])('is content with %s', (path) => {
    expect(found('kv-path-never-matches', policy(grant(path, 'read'), v2))).toEqual([]);
  });

  test.each([
    mount({ options: { version: '1' } }),
    mount({}),
    mount({ options: `\${var.unknown}` }),
    mount({ type: 'transit', options: { version: '2' } }),
    mount({ path: `\${var.unknown}`, type: 'kv-v2' }),
    mount({ type: 'kv-v2', namespace: 'team' }),
    { vault_mount: { ...v2.vault_mount, inner: { path: 'kv/foo', type: 'kv' } } },
  ])('is content with kv/foo/x beside %j', (more) => {
    expect(found('kv-path-never-matches', policy(grant('kv/foo/x', 'read'), more))).toEqual([]);
  });

  test('follows a reference to the mount', () => {
    expect(found('kv-path-never-matches', policy(grant(`\${vault_mount.kv.path}/foo`, 'read'), v2))).toEqual(
      at('kv/foo'),
    );
  });
});
