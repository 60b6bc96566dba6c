import { type ConsulSession, VaultproofError } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { consulAcl, mountConsulJwt } from '../../support/consul-jwt.js';

test.override({ services: { vault: false, consul: true } });

async function denied(call: Promise<unknown>): Promise<VaultproofError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof VaultproofError)) throw new Error('it was not denied');
  return error;
}

test('a denied call says which policies the token has, and which rule is nearest', async ({ env }) => {
  const acl = consulAcl(env.consul);
  await mountConsulJwt(acl, 'ci', 'me', { JWKSURL: env.issuer.jwksUrlFor(env.consul), BoundAudiences: ['consul'] });
  await acl.put('/v1/acl/policy', {
    Name: 'no',
    Rules: 'key "app/root" { policy = "deny" }\nservice "web" { policy = "read" }',
  });
  await acl.put('/v1/acl/role', { Name: 'more', Policies: [{ Name: 'no' }] });
  await acl.put('/v1/acl/binding-rule', { AuthMethod: 'ci', BindType: 'role', BindName: 'more' });
  const jwt = await env.issuer.sign({ sub: 'me', aud: 'consul' });
  const session: ConsulSession = await env.consul.login({ jwt, method: 'ci' });

  const none = await denied(session.kv.read('other/db'));
  expect(none).toMatchObject({
    code: 'permission_denied',
    details: { policies: ['ci-reader', 'no'], reason: 'no_rule', missing: ['key:read'], undecided: [] },
  });
  expect(none.message).toContain(
    `the token's policies are "ci-reader", "no"; none has a rule for key:read of "other/db", the nearest rule is key_prefix "app/" with read`,
  );
  const lower = await denied(session.kv.write('app/db', 'x'));
  expect(lower.message).toContain('the rule key_prefix "app/" of "ci-reader" has read, write is missing');
  expect(lower.details).toMatchObject({
    nearest: { path: 'key_prefix "app/"', policies: ['ci-reader'], capabilities: ['read'] },
  });
  expect((await denied(session.kv.read('app/root'))).message).toContain('the rule key "app/root" of "no" denies it');
  const registered = await denied(session.services.register({ name: 'web' }));
  expect(registered.message).toContain('the rule service "web" of "no" has read, write is missing');
  const whole = await denied(session.request('GET', 'acl/policies'));
  expect(whole.message).toContain('none has a rule for acl:read, or near it');
  expect(whole.message).not.toContain(session.token);

  const own = await env.consul.session(session.token);
  expect((await denied(own.kv.read('other/db'))).details).toMatchObject({ reason: 'no_rule' });
  await session.logout();
  expect((await denied(session.kv.read('other/db'))).details).not.toHaveProperty('reason');
  acl.close();
});
