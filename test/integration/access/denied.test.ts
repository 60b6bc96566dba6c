import type { Environment, VaultproofError, VaultSession } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { mountJwt, type WriteRole } from '../../support/jwt-mount.js';

let env: Environment;
let role: WriteRole;
let count = 0;

test.beforeAll(async ({ fileEnv }) => {
  env = fileEnv;
  role = await mountJwt(env, 'jwt');
  await env.vault.request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } });
  await env.vault.request('POST', 'sys/mounts/plain', { type: 'kv', options: { version: '1' } });
  await env.vault.seed('kv/app/db', { password: 'correct horse' });
});

/** A session with the policy `app`, of which the text is given. */
async function sessionWith(text: string, policies: readonly string[] = []): Promise<VaultSession> {
  const name = `app-${++count}`;
  await env.vault.request('POST', `sys/policies/acl/${name}`, { policy: text });
  const jwt = await env.issuer.sign({ sub: `user-${count}`, aud: 'damage_inc' });
  const roleName = await role({ token_policies: [name, ...policies], token_no_default_policy: true });
  return env.vault.login({ jwt, role: roleName });
}

function policy(path: string, ...capabilities: readonly string[]): string {
  return `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`;
}

async function denied(request: Promise<unknown>): Promise<VaultproofError> {
  const error = await request.then(
    () => undefined,
    (reason: VaultproofError) => reason,
  );
  expect(error).toMatchObject({ code: 'permission_denied', details: { status: 403 } });
  return error as VaultproofError;
}

test('a capability that a rule lacks is named', async () => {
  const session = await sessionWith(policy('kv/data/app/*', 'read'));
  const error = await denied(session.write('kv/app/db', { password: 'battery staple' }));
  expect(error.details).toMatchObject({
    policies: session.policies,
    policiesNotFound: [],
    reason: 'capability',
    missing: ['create', 'update'],
    nearest: { path: 'kv/data/app/*', policies: session.policies, capabilities: ['read'] },
    undecided: [],
  });
  expect(error.message).toContain('permission denied');
  expect(error.message).toContain(
    `the rule "kv/data/app/*" of "${session.policies[0]}" has read, create and update are missing`,
  );
  expect(error.message).not.toMatch(/battery|horse/);
  expect(JSON.stringify(error)).not.toMatch(/battery|horse/);
});

test('of a write the capability alone is missing that the policy lacks', async () => {
  const session = await sessionWith(policy('kv/data/app/*', 'create'));
  const { details } = await denied(session.write('kv/app/db', { a: 'b' }));
  expect(details).toMatchObject({ missing: ['update'] });
});

test('the nearest path that grants something is named, where no rule is for the path', async () => {
  const session = await sessionWith(
    [policy('kv/data/apple/*', 'read'), policy('plain/x', 'read'), policy('kv/data/app/db2', 'deny')].join('\n'),
  );
  const { details, message } = await denied(session.read('kv/app/db'));
  expect(details).toMatchObject({
    reason: 'no_rule',
    missing: ['read'],
    nearest: { path: 'kv/data/apple/*', capabilities: ['read'] },
  });
  expect(message).toContain('none has a rule for read of "kv/data/app/db", the nearest rule is "kv/data/apple/*"');
});

test('the path is right, too, where the token may not even learn what is mounted', async () => {
  const session = await sessionWith(policy('elsewhere/*', 'read'));
  const { details, message } = await denied(session.read('kv/app/db'));
  expect(details).toMatchObject({ reason: 'no_rule', missing: ['read'], nearest: undefined });
  expect(message).toContain('none has a rule for read of "kv/data/app/db", or near it');
});

test('a rule that denies is named', async () => {
  const session = await sessionWith([policy('kv/data/*', 'read'), policy('kv/data/app/db', 'deny')].join('\n'));
  const { details, message } = await denied(session.read('kv/app/db'));
  expect(details).toMatchObject({ reason: 'capability', nearest: { path: 'kv/data/*' } });
  expect(message).toContain(`the rule "kv/data/app/db" of "${session.policies[0]}" denies it`);
});

test('a policy whose path lacks the data/ of KV version 2 is told', async () => {
  const session = await sessionWith(policy('kv/app/*', 'read'));
  const { details, message } = await denied(session.read('kv/app/db'));
  expect(details).toMatchObject({ reason: 'no_rule', correctPath: 'kv/data/app/*' });
  expect(message).toContain(`"kv/" is a KV version 2 engine: the policy's path is "kv/data/app/*", not "kv/app/*"`);
});

test('a request with a data/ too many is told', async () => {
  const session = await sessionWith(policy('kv/data/app/*', 'read'));
  const { details } = await denied(session.read('kv/data/app/db'));
  expect(details).toMatchObject({ reason: 'no_rule', correctPath: 'kv/app/db' });
});

test('an engine of version 1 has no data/', async () => {
  const session = await sessionWith(policy('plain/app', 'list'));
  const { details } = await denied(session.read('plain/app'));
  expect(details).toMatchObject({ reason: 'capability', missing: ['read'], correctPath: undefined });
});

test('a policy that is not there is named', async () => {
  const session = await sessionWith(policy('kv/data/other', 'read'), ['nobody-made-me']);
  const { details, message } = await denied(session.read('kv/app/db'));
  expect(details).toMatchObject({ policiesNotFound: ['nobody-made-me'] });
  expect(message).toContain('of which "nobody-made-me" is not there');
});

test('a template is filled in for the entity', async () => {
  const session = await sessionWith(policy('plain/{{identity.entity.id}}/*', 'read'));
  const { details } = await denied(session.read('plain/me/db'));
  expect(details).toMatchObject({
    reason: 'no_rule',
    nearest: { path: expect.stringMatching(/^plain\/[0-9a-f-]{36}\/\*$/) },
    undecided: [],
  });
});

test('parameters that a rule does not allow are told, without their values', async () => {
  const session = await sessionWith(
    'path "plain/app" { capabilities = ["create", "update"]\n allowed_parameters = { "colour" = ["red"] } }',
  );
  const error = await denied(session.write('plain/app', { colour: 'ultraviolet' }));
  expect(error.details).toMatchObject({ reason: 'allowed_parameter', missing: [] });
  expect(JSON.stringify(error)).not.toContain('ultraviolet');
});

test('an answer that must be wrapped is told', async () => {
  const session = await sessionWith('path "plain/app" { capabilities = ["read"]\n max_wrapping_ttl = "60s" }');
  expect((await denied(session.read('plain/app'))).details).toMatchObject({ reason: 'wrapping_ttl' });
});

test('a path where nothing is mounted is told, with what is', async () => {
  const session = await sessionWith(policy('kv/*', 'read'));
  const { details, message } = await denied(session.read('nomount/a'));
  expect(details['mounts']).toEqual(expect.arrayContaining(['kv/', 'plain/']));
  expect(message).toContain('nothing is mounted at "nomount/a"');
});

test('a lease that is denied says why', async () => {
  const session = await sessionWith(policy('kv/data/app/db', 'list'));
  expect((await denied(session.lease('kv/data/app/db'))).details).toMatchObject({ missing: ['read'] });
});

test("the server's words alone are there for a token that has ended", async () => {
  const session = await sessionWith(policy('kv/data/app/*', 'read'));
  await env.vault.request('POST', 'auth/token/revoke', { token: session.token });
  const { details, message } = await denied(session.read('kv/app/db'));
  expect(details).not.toHaveProperty('missing');
  expect(message).not.toContain('policies are');
});

test('policies are those that the token has now', async () => {
  const session = await sessionWith(policy('kv/data/other', 'read'));
  const [name] = session.policies;
  await env.vault.request('POST', `sys/policies/acl/${name}`, { policy: policy('kv/data/moved', 'read') });
  expect((await denied(session.read('kv/app/db'))).details).toMatchObject({ nearest: { path: 'kv/data/moved' } });
});

test('the client of a session says why it was denied, beside what node-vault has', async () => {
  const session = await sessionWith(policy('kv/data/app/*', 'read'));
  const failed = async (call: Promise<unknown>): Promise<Error & { details?: object; response?: object }> => {
    const error = await call.then(
      () => undefined,
      (reason: Error) => reason,
    );
    if (error === undefined) throw new Error('it was not denied');
    return error;
  };
  const write = await failed(session.client.write('kv/data/app/db', { data: { password: 'battery staple' } }));
  expect(write).toMatchObject({
    response: { statusCode: 403 },
    details: { reason: 'capability', missing: ['create', 'update'], policies: session.policies },
  });
  expect(write.message).toContain('has read, create and update are missing');
  expect(write.message).not.toContain('battery');
  const list = await failed(session.client.list('kv/metadata/app'));
  expect(list).toMatchObject({ details: { reason: 'no_rule', missing: ['list'], nearest: { path: 'kv/data/app/*' } } });
  const own = await failed(session.client.request({ method: 'DELETE', path: '/kv/data/app/db' }));
  expect(own).toMatchObject({ details: { missing: ['delete'] } });
  // What is not denied stays what node-vault makes of it.
  const missing = await failed(session.client.read('kv/data/app/none'));
  expect(missing).toMatchObject({ response: { statusCode: 404 } });
  expect(missing).not.toHaveProperty('details');
});
