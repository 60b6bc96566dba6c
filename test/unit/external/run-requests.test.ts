import { expect, test } from 'vitest';
import { answerInRun } from '../../../harness/external/run-client.js';
import { callInRun } from '../../../harness/external/run-requests.js';

const own = ['e-1', 'auth_jwt_1'];
const send = (method: string, path: string, json?: unknown) =>
  callInRun('run', { method, path, json }, (id) => own.includes(id));

test('names of policies, entities and groups in a body are those of the run', () => {
  expect(send('POST', 'auth/jwt/role/ci', { token_policies: ['app', 'default'], user_claim: 'sub' })).toEqual({
    method: 'POST',
    path: 'auth/run/jwt/role/ci',
    json: { token_policies: ['run-app', 'default'], user_claim: 'sub' },
  });
  expect(send('POST', 'auth/userpass/users/joe', { policies: 'app, ops' }).json).toEqual({
    policies: 'run-app,run-ops',
  });
  expect(send('POST', 'auth/token/create', { policies: ['app'] }).json).toEqual({ policies: ['run-app'] });
  expect(send('POST', 'auth/token/roles/ci', { allowed_policies_glob: ['app*'] }).json).toEqual({
    allowed_policies_glob: ['run-app*'],
  });
  expect(send('POST', 'identity/entity', { name: 'joe', policies: ['app'] }).json).toEqual({
    name: 'run-joe',
    policies: ['run-app'],
  });
  expect(send('POST', 'identity/group', {}).json).toEqual({ name: expect.stringMatching(/^run-unnamed-/) });
  expect(
    send('POST', 'identity/entity-alias', { name: 'joe', canonical_id: 'e-1', mount_accessor: 'auth_jwt_1' }).json,
  ).toEqual({
    name: 'joe',
    canonical_id: 'e-1',
    mount_accessor: 'auth_jwt_1',
  });
});

test('paths in a body are those of the run', () => {
  expect(send('POST', 'sys/remount', { from: 'kv', to: 'auth/kv' }).json).toEqual({
    from: 'run/kv',
    to: 'auth/run/kv',
  });
  expect(send('PUT', 'sys/leases/revoke', { lease_id: 'consul/creds/app/1' }).json).toEqual({
    lease_id: 'run/consul/creds/app/1',
  });
  expect(send('POST', 'sys/capabilities-self', { paths: ['kv/data/app', 'sys/seal'] }).json).toEqual({
    paths: ['run/kv/data/app', 'sys/seal'],
  });
});

test('secrets are not looked into', () => {
  const json = { data: { policies: 'app', name: 'joe', id: 'e-2' }, policies: ['app'] };
  expect(send('POST', 'kv/data/app', json)).toEqual({ method: 'POST', path: 'run/kv/data/app', json });
});

test.each([
  ['POST', 'sys/quotas/rate-limit/all', { rate: 1 }],
  ['POST', 'kv/../sys/seal', {}],
  ['PUT', 'sys/policies/acl/app', { policy: 'path "*" { capabilities = ["read"] }' }],
  ['POST', 'auth/jwt/role/ci', { token_policies: ['root'] }],
  ['POST', 'auth/token/create', { no_parent: true }],
  ['POST', 'auth/token/roles/ci', { orphan: true }],
  ['PUT', 'sys/audit/file', { type: 'file', options: { file_path: '/var/log/vault.log' } }],
  ['PUT', 'sys/audit/socket', { type: 'socket', options: { address: '127.0.0.1:9' } }],
  ['POST', 'identity/entity', { name: 'joe', id: 'e-2' }],
  ['POST', 'identity/entity/id/e-2', { name: 'joe' }],
  ['GET', 'identity/entity/id/e-2', undefined],
  ['DELETE', 'identity/group/id/e-2', undefined],
  ['POST', 'identity/group', { name: 'ops', member_entity_ids: ['e-1', 'e-2'] }],
  ['POST', 'identity/entity-alias', { name: 'joe', canonical_id: 'e-1', mount_accessor: 'auth_token_1' }],
  ['POST', 'identity/lookup/entity', { id: 'e-2' }],
])('%s %s %j is refused', (method, path, json) => {
  expect(() => send(method, path, json)).toThrow(expect.objectContaining({ code: 'outside_of_run' }));
});

test('the policies of every server may be read, and not written', () => {
  expect(send('GET', 'sys/policies/acl/default').path).toBe('sys/policies/acl/default');
  expect(send('PUT', 'sys/policies/acl/default', { policy: '' }).path).toBe('sys/policies/acl/run-default');
});

test('an answer has what is of the run alone, without its prefix', () => {
  const mounts = { 'run/kv/': { type: 'kv' }, 'kv/': { type: 'kv' }, 'sys/': { type: 'system' } };
  expect(answerInRun('run', 'sys/mounts', { data: mounts, ...mounts })).toEqual({
    data: { 'kv/': { type: 'kv' }, 'sys/': { type: 'system' } },
    'kv/': { type: 'kv' },
    'sys/': { type: 'system' },
  });
  expect(
    answerInRun('run', 'sys/policies/acl', { data: { keys: ['app', 'default', 'root', 'run', 'run-app'] } }),
  ).toEqual({
    data: { keys: ['app', 'default', 'root'] },
  });
  const infos = {
    a: { name: 'entity_1', aliases: [{ mount_path: 'auth/run/jwt/' }] },
    b: { name: 'entity_2', aliases: [{ mount_path: 'auth/jwt/' }] },
    c: { name: 'run-joe', aliases: [] },
  };
  expect(answerInRun('run', 'identity/entity/id', { data: { keys: ['a', 'b', 'c'], key_info: infos } })).toEqual({
    data: {
      keys: ['a', 'c'],
      key_info: { a: { name: 'entity_1', aliases: [{ mount_path: 'auth/jwt/' }] }, c: { name: 'joe', aliases: [] } },
    },
  });
  expect(answerInRun('run', 'auth/jwt/login', { auth: { policies: ['default', 'run-app'] } })).toEqual({
    auth: { policies: ['app', 'default'] },
  });
});
