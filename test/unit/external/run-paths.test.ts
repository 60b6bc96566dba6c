import { expect, test } from 'vitest';
import { pathInRun } from '../../../harness/external/run-paths.js';

const inRun = (path: string, reads = false): string | undefined => pathInRun('run', path, reads);

test.each([
  ['kv/data/app', 'run/kv/data/app'],
  ['kv/metadata/', 'run/kv/metadata/'],
  ['sec*', 'run/sec*'],
  ['kv/+/app', 'run/kv/+/app'],
  ['auth/jwt/login', 'auth/run/jwt/login'],
  ['auth/+/login', 'auth/run/+/login'],
  ['cubbyhole/note', 'cubbyhole/note'],
  ['sys/mounts/kv', 'sys/mounts/run/kv'],
  ['sys/mounts/kv/tune', 'sys/mounts/run/kv/tune'],
  ['sys/mounts/auth/jwt/tune', 'sys/mounts/auth/run/jwt/tune'],
  ['sys/auth/jwt', 'sys/auth/run/jwt'],
  ['sys/auth/tokens', 'sys/auth/run/tokens'],
  ['sys/audit/file', 'sys/audit/run/file'],
  ['sys/policies/acl/app', 'sys/policies/acl/run-app'],
  ['sys/policies/acl/*', 'sys/policies/acl/run-*'],
  ['sys/policy/app', 'sys/policy/run-app'],
  ['sys/remount', 'sys/remount'],
  ['sys/leases/lookup', 'sys/leases/lookup'],
  ['sys/leases/revoke-prefix/consul/creds', 'sys/leases/revoke-prefix/run/consul/creds'],
  ['sys/leases/revoke/auth/jwt/login/h1', 'sys/leases/revoke/auth/run/jwt/login/h1'],
  ['sys/internal/ui/mounts/kv/app', 'sys/internal/ui/mounts/run/kv/app'],
  ['sys/capabilities-self', 'sys/capabilities-self'],
  ['sys/wrapping/unwrap', 'sys/wrapping/unwrap'],
  ['auth/token/create', 'auth/token/create'],
  ['auth/token/create/ci', 'auth/token/create/run-ci'],
  ['auth/token/roles/ci', 'auth/token/roles/run-ci'],
  ['auth/token/lookup-self', 'auth/token/lookup-self'],
  ['identity/entity', 'identity/entity'],
  ['identity/entity/name/alice', 'identity/entity/name/run-alice'],
  ['identity/lookup/group', 'identity/lookup/group'],
])('%s is %s', (path, expected) => {
  expect(inRun(path)).toBe(expected);
});

test.each([
  'sys/config/cors',
  'sys/quotas/rate-limit/all',
  'sys/seal',
  'sys/namespaces/team',
  'sys/*',
  'sys/+/kv',
  'sys/auth/token/tune',
  'sys/mounts/auth/token/tune',
  'sys/leases/revoke-prefix/auth/token/create',
  'sys/leases/revoke-prefix/sys',
  'sys/leases/revoke-force/*',
  'sys/leases/tidy',
  'sys/rekey/init',
  'sys/plugins/catalog/secret/kv',
  'auth/token/create-orphan',
  'auth/token/revoke-orphan',
  'auth/token/tidy',
  'auth/token/accessors',
  'auth/token/*',
  'identity/*',
  'identity/entity/id/66758eee',
  'identity/entity/merge',
  'identity/oidc/key/default',
  'identity/mfa/method/totp',
  '*',
  '+',
  '+/data/app',
  's*',
  'auth*',
])('%s can not be had by a run alone', (path) => {
  expect(inRun(path)).toBeUndefined();
});

test('what all share may be read, and identities by ids of others may not', () => {
  expect(inRun('sys/config/cors', true)).toBe('sys/config/cors');
  expect(inRun('sys/plugins/catalog/secret', true)).toBe('sys/plugins/catalog/secret');
  expect(inRun('identity/oidc/config', true)).toBe('identity/oidc/config');
  expect(inRun('identity/entity/id/66758eee', true)).toBeUndefined();
  expect(inRun('*', true)).toBeUndefined();
});
