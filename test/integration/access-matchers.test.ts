import type { VaultSession } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { mountJwt } from '../support/jwt-mount.js';

const POLICY = `
  path "kv/data/payments/*" { capabilities = ["read", "list"] }
  path "kv/data/payments/root" { capabilities = ["deny"] }
  path "kv/metadata/*" { capabilities = ["list"] }
  path "plain/*" { capabilities = ["create", "update"] }
`;

let session: VaultSession;
let root: VaultSession;
let other: (parameters: Record<string, unknown>) => Promise<VaultSession>;

test.beforeAll(async ({ fileEnv: env }) => {
  const { vault, issuer } = env;
  const writeRole = await mountJwt(env, 'jwt');
  await vault.request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } });
  await vault.request('POST', 'sys/mounts/plain', { type: 'kv', options: { version: '1' } });
  await vault.request('PUT', 'sys/policies/acl/payments', { policy: POLICY });
  other = async (parameters) => {
    const role = await writeRole(parameters);
    return vault.login({ jwt: await issuer.sign({ sub: 'payments', aud: 'damage_inc' }), role });
  };
  session = await other({ token_policies: ['payments'] });
  root = vault.root;
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

test('what the policies allow, and what they do not', async () => {
  await expect(session).toAllow('read', 'kv/data/payments/db');
  await expect(session).toAllow('read', '/kv/data/payments/db');
  await expect(session).toAllow('list', 'kv/metadata/payments/');
  await expect(session).toAllow('create', 'plain/app');
  await expect(session).toDeny('read', 'plain/app');
  await expect(session).toDeny('update', 'kv/data/payments/db');
  await expect(session).toDeny('read', 'kv/data/payments/root');
  await expect(session).toDeny('read', 'nowhere/app');
  await expect(root).toAllow('delete', 'kv/metadata/payments/db');
});

test('they change nothing, and make no lease', async () => {
  await expect(session).toAllow('create', 'plain/new');
  await expect(root.read('plain/new')).rejects.toMatchObject({ code: 'secret_not_found' });
});

describe('a failure says what the server answered, what would make it pass, and what is near', () => {
  test('where a rule is lacking', async () => {
    expect(await said(expect(session).toAllow('read', 'kv/data/team/db'))).toBe(
      'the token with role "role-1" and policies default, payments may not read "kv/data/team/db": ' +
        '"sys/capabilities-self" answered deny; add path "kv/data/team/db" { capabilities = ["read"] } to one of its ' +
        'policies\n\nThe nearest paths in its policies: "kv/data/payments/root" (deny), "kv/data/payments/*" (list, read), ' +
        '"kv/metadata/*" (list).',
    );
  });

  test('where a capability is lacking', async () => {
    expect(await said(expect(session).toAllow('delete', 'kv/data/payments/db'))).toMatch(
      /may not delete "kv\/data\/payments\/db": "sys\/capabilities-self" answered list, read; add path .+\["read", "delete", "list"\]/,
    );
  });

  test('where a rule denies', async () => {
    expect(await said(expect(session).toAllow('read', 'kv/data/payments/root'))).toMatch(
      /answered deny; remove "deny" from that path, which no other rule can lift\n\n.+: "kv\/data\/payments\/root" \(deny\)/,
    );
  });

  test('where no policy has a path of the mount', async () => {
    expect(await said(expect(session).toAllow('read', 'secret/data/app'))).toMatch(
      /\n\nIts policies have no path that begins with "secret"\.$/,
    );
  });

  test('where the token may', async () => {
    expect(await said(expect(session).toDeny('read', 'kv/data/payments/db'))).toMatch(
      /may read .+ answered list, read; remove "read" from what grants it, or add path .+ \{ capabilities = \["deny"\] \}/,
    );
    expect(await said(expect(root).toDeny('read', 'kv/data/payments/db'))).toMatch(
      /^the token with policies root may read .+ answered root; log in with a role, whose token is not the root token/,
    );
  });

  test.for(['toAllow', 'toDeny'] as const)('%s of a KV version 2 without data/', async (matcher) => {
    expect(await said(expect(session)[matcher]('read', 'kv/payments/db'))).toMatch(
      /^"kv\/payments\/db" is no path of a KV version 2: the secret is at "kv\/data\/payments\/db", which policies and/,
    );
  });

  test.for(['toAllow', 'toDeny'] as const)('%s of a token that may not ask, or has ended', async (matcher) => {
    const mute = await other({ token_policies: ['payments'], token_no_default_policy: true });
    expect(await said(expect(mute)[matcher]('read', 'kv/data/payments/db'))).toMatch(
      /policies payments has ended, or may not ask "sys\/capabilities-self", which the policy "default" allows/,
    );
    const ended = await other({ token_policies: ['payments'] });
    await ended.logout();
    expect(await said(expect(ended)[matcher]('read', 'kv/data/payments/db'))).toMatch(/has ended, or may not ask/);
  });

  test('without the token', async () => {
    expect(await said(expect(session).toAllow('read', 'kv/data/team/db'))).not.toContain(session.token);
  });
});

test.for<[string, () => Promise<unknown>, string]>([
  ['a negation', () => expect(session).not.toAllow('read', 'kv/data/x'), 'use ".toDeny(operation, path)"'],
  ['another operation', () => expect(session).toDeny('write' as never, 'kv/data/x'), '"write" is no operation'],
  ['no session', () => expect({}).toAllow('read', 'kv/data/x'), 'takes a session of Vault'],
])('%s is wrong use', async ([, assertion, words]) => {
  await expect(assertion()).rejects.toThrow(words);
});
