import type { ConsulApi } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';

test.override({ fileServices: { vault: false, consul: true } });

const RULES = `
  key_prefix "app/" { policy = "write" }
  key "app/locked" { policy = "deny" }
  service "web" { policy = "read" }
  operator = "read"
`;

let session: ConsulApi;
test.beforeAll(async ({ fileEnv: { consul } }) => {
  await consul.request('PUT', 'acl/policy', { Name: 'app', Rules: RULES });
  const token = (await consul.request('PUT', 'acl/token', { Policies: [{ Name: 'app' }] })) as { SecretID: string };
  session = await consul.session(token.SecretID);
});

/** What a failing assertion says. */
async function said(assertion: Promise<unknown>): Promise<string> {
  return assertion.then(
    () => {
      throw new Error('the assertion holds');
    },
    (error: Error) => error.message,
  );
}

test('what the rules allow, and what they do not', async () => {
  await expect(session).toAllow('write', 'key/app/config');
  await expect(session).toAllow('list', 'key/app/');
  await expect(session).toAllow('read', 'service/web');
  await expect(session).toAllow('read', 'operator');
  await expect(session).toDeny('read', 'key/app/locked');
  await expect(session).toDeny('write-prefix', 'key/app/');
  await expect(session).toDeny('write', 'service/web');
  await expect(session).toDeny('write', 'operator');
  await expect(session).toDeny('read', 'acl');
});

test('a failure says what Consul answered, and what would make it pass', async () => {
  expect(await said(expect(session).toAllow('write', 'key/team/config'))).toBe(
    'the token with policies app and roles none may not write "key/team/config": "internal/acl/authorize" answered false; ' +
      'add key "team/config" { policy = "write" } to one of its policies',
  );
  expect(await said(expect(session).toAllow('list', 'key/team/'))).toContain(
    'add key_prefix "team/" { policy = "list" }',
  );
  expect(await said(expect(session).toAllow('write', 'operator'))).toContain('add operator = "write" to');
  expect(await said(expect(session).toDeny('read', 'service/web'))).toBe(
    'the token with policies app and roles none may read "service/web": "internal/acl/authorize" answered true; ' +
      'remove the rule that grants it, or add service "web" { policy = "deny" }',
  );
});

test('a token that has ended is allowed nothing, and denied nothing', async ({ fileEnv: { consul } }) => {
  const made = (await consul.request('PUT', 'acl/token', { Policies: [{ Name: 'app' }] })) as Record<string, string>;
  const ended = await consul.session(String(made['SecretID']));
  await consul.request('DELETE', `acl/token/${made['AccessorID']}`);
  expect(await said(expect(ended).toAllow('read', 'key/app/config'))).toContain('has ended');
  expect(await said(expect(ended).toDeny('read', 'key/app/locked'))).toContain('has ended');
});

test('wrong use is told', async () => {
  await expect(expect(session).toAllow('read', 'app/config')).rejects.toThrow('is no resource');
  await expect(expect(session).toAllow('read', 'key')).rejects.toThrow('is no resource');
  await expect(expect(session).toAllow('read', 'operator/app')).rejects.toThrow('is no resource');
  await expect(expect(session).toAllow('list', 'service/web')).rejects.toThrow('is for keys alone');
  await expect(expect(session).toAllow('sudo', 'key/app')).rejects.toThrow('is no access');
  await expect(expect(session).not.toAllow('read', 'key/app')).rejects.toThrow('toDeny');
});
