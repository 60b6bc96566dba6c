import { startIssuer } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { mountJwt, type WriteRole } from '../../support/jwt-mount.js';

const vishpat = { sub: 'vishpat', aud: 'damage_inc' };
let writeRole: WriteRole;
let jwt: string;

test.beforeAll(async ({ fileEnv: env }) => {
  writeRole = await mountJwt(env, 'jwt');
  jwt = await env.issuer.sign(vishpat);
});

describe('a role', () => {
  test('that is not named, where the backend has no default, is missing', async ({ fileEnv: env }) => {
    await expect(env.vault.login({ jwt })).rejects.toMatchObject({ code: 'role_missing', status: 400 });
  });

  test('that does not exist is named', async ({ fileEnv: env }) => {
    await expect(env.vault.login({ jwt, role: 'nobody' })).rejects.toMatchObject({
      code: 'role_not_found',
      expected: undefined,
      found: 'nobody',
      role: 'nobody',
    });
  });

  test('that does not exist is told with those that do', async ({ fileEnv: env }) => {
    const role = await writeRole({});
    await expect(env.vault.login({ jwt, role: 'nobody' })).rejects.toMatchObject({
      code: 'role_not_found',
      expected: expect.arrayContaining([role]),
      message: expect.stringMatching(
        new RegExp(`^login refused: role_not_found \\(asked for "nobody", there (?:is|are) .*"${role}"`),
      ),
    });
  });

  test('of the type oidc takes no JWT', async ({ fileEnv: env }) => {
    const role = await writeRole({ role_type: 'oidc', allowed_redirect_uris: ['http://127.0.0.1/callback'] });
    await expect(env.vault.login({ jwt, role })).rejects.toMatchObject({
      code: 'role_type_mismatch',
      expected: 'jwt',
      found: 'oidc',
    });
  });

  test('that is bound to other addresses refuses this one', async ({ fileEnv: env }) => {
    const role = await writeRole({ token_bound_cidrs: ['10.9.8.0/24'] });
    await expect(env.vault.login({ jwt, role })).rejects.toMatchObject({
      code: 'address_not_allowed',
      expected: ['10.9.8.0/24'],
      found: undefined,
      status: 403,
    });
  });
});

test('an entity that is disabled is named, whatever addresses the role is bound to', async ({ fileEnv: env }) => {
  const { data: methods } = await env.vault.request('GET', 'sys/auth');
  const { accessor } = (methods as Record<string, { accessor: string }>)['jwt/'] ?? {};
  const { data: entity } = await env.vault.request('POST', 'identity/entity', { name: 'gone', disabled: true });
  const { id } = entity as { id: string };
  await env.vault.request('POST', 'identity/entity-alias', {
    name: 'gone',
    mount_accessor: accessor,
    canonical_id: id,
  });
  const gone = await env.issuer.sign({ ...vishpat, sub: 'gone' });
  const bounds = [{ bound_subject: 'gone' }, { bound_subject: 'gone', token_bound_cidrs: ['127.0.0.1/32'] }];
  for (const fields of bounds) {
    const role = await writeRole(fields);
    await expect(env.vault.login({ jwt: gone, role })).rejects.toMatchObject({
      code: 'entity_disabled',
      claim: 'sub',
      found: 'gone',
      status: 403,
    });
  }
});

describe('an auth method', () => {
  test('that is not mounted is named, with those that are', async ({ fileEnv: env }) => {
    await expect(env.vault.login({ jwt, role: 'reader', mount: 'nowhere' })).rejects.toMatchObject({
      code: 'method_not_found',
      expected: expect.arrayContaining(['jwt']),
      found: 'nowhere',
      status: 403,
    });
  });

  test('of another kind is no JWT login', async ({ fileEnv: env }) => {
    await env.vault.request('POST', 'sys/auth/people', { type: 'userpass' });
    await expect(env.vault.login({ jwt, role: 'reader', mount: 'people' })).rejects.toMatchObject({
      code: 'method_type_mismatch',
      expected: 'jwt',
      found: 'userpass',
    });
  });

  test('that is mounted without a configuration says so', async ({ fileEnv: env }) => {
    await env.vault.request('POST', 'sys/auth/bare', { type: 'jwt' });
    await expect(env.vault.login({ jwt, role: 'reader', mount: 'bare' })).rejects.toMatchObject({
      code: 'method_not_configured',
      status: 400,
    });
  });

  test('whose key set can no longer be fetched says so', async ({ fileEnv: env }) => {
    const issuer = await startIssuer();
    await issuer.listenFor(env.vault);
    const role = await mountJwt({ vault: env.vault, issuer }, 'cold').then((write) => write({}));
    const token = await issuer.sign(vishpat);
    await issuer.stop();
    await expect(env.vault.login({ jwt: token, role, mount: 'cold' })).rejects.toMatchObject({
      code: 'key_set_unavailable',
      status: 400,
    });
  });
});
