import { type Environment, startEnvironment } from 'vaultproof';
import { appMeshDialect } from 'vaultproof/issuer/endpoints';
import { fixedUsers } from 'vaultproof/issuer/users';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { adminClient, type CallAdmin } from '../../support/admin-client.js';
import { mountJwt } from '../../support/jwt-mount.js';

const vishpat = { sub: 'vishpat', aud: 'damage_inc' };

let env: Environment;
let call: CallAdmin;
let count = 0;
let mount: string;
let role: string;

beforeAll(async () => {
  const users = await fixedUsers({
    Roles: { view: ['app-view'] },
    Users: { vishpat: { key: 'pwd', roles: ['view'] } },
  });
  env = await startEnvironment({ issuer: { admin: true, dialects: [appMeshDialect({ users })] } });
  call = adminClient(env.issuer.admin);
});
afterAll(() => env?.stop());
beforeEach(async () => {
  // A fresh mount has no key set in its cache.
  count += 1;
  mount = `jwt-${count}`;
  role = await (await mountJwt(env, mount))({});
});

/** `in`, or the code of the refusal. */
async function logIn(jwt: string): Promise<string> {
  return env.vault.login({ jwt, role, mount }).then(
    () => 'in',
    (error: { readonly code: string }) => error.code,
  );
}

test('across a rotation no login fails, and after it the old key opens nothing', async () => {
  const { issuer } = env;
  const old = issuer.keys.active();
  // Vault's own clock is not moved along.
  const sign = (options = {}): Promise<string> =>
    issuer.sign({ ...vishpat, iat: Math.floor(Date.now() / 1000) }, options);
  const oldToken = await sign();
  const outcomes = [await logIn(oldToken)];
  const { status, body } = await call('POST', '/rotate', { leadSeconds: 60, overlapSeconds: 120 });
  expect({ status, body }).toMatchObject({ status: 201, body: { state: 'published' } });
  for (const seconds of [59, 1]) {
    await call('POST', '/clock/advance', { seconds });
    outcomes.push(await logIn(await sign()), await logIn(await sign({ key: old })));
  }
  expect(body).toMatchObject({ kid: issuer.keys.active().kid });
  await call('POST', '/clock/advance', { seconds: 120 });
  expect(await call('GET', `/keys/${old.kid}`)).toMatchObject({ body: { state: 'retired' } });
  outcomes.push(await logIn(await sign()));
  expect(outcomes).toEqual(Array.from({ length: 6 }, () => 'in'));

  // Vault fetches the key set anew for a kid that it doesn't know, and forgets the old one then.
  await call('POST', '/rotate', { overlapSeconds: 0 });
  expect(await logIn(await sign())).toBe('in');
  expect(await logIn(oldToken)).toBe('unknown_key');
  expect(await logIn(await sign({ key: old }))).toBe('unknown_key');
  expect(await logIn(await sign())).toBe('in');
  await call('DELETE', '/clock');
  await call('POST', '/keys', {});
});

test('a key that was retired by hand opens nothing, and one that was added does', async () => {
  const { issuer } = env;
  const old = issuer.keys.active();
  const added = await call('POST', '/keys', { alg: 'RS256', kid: 'added-by-hand' });
  expect(added).toMatchObject({ status: 201, body: { state: 'active' } });
  expect(await call('POST', `/keys/${old.kid}/retire`)).toMatchObject({ status: 200, body: { state: 'retired' } });
  expect(await logIn(await issuer.sign(vishpat, { alg: 'RS256' }))).toBe('in');
  expect(await logIn(await issuer.sign(vishpat, { key: old }))).toBe('unknown_key');
});

test('a fault makes a login fail, and cleared it is let in', async () => {
  await call('PUT', '/faults/jwks', { name: 'server-error' });
  const jwt = await env.issuer.sign(vishpat);
  expect(await logIn(jwt)).toBe('key_set_unavailable');
  await call('DELETE', '/faults/jwks');
  expect(await logIn(jwt)).toBe('in');
});

test('a clock that is an hour slow signs what is expired', async () => {
  // An hour ago it was not there yet, and would not sign by itself.
  const key = env.issuer.keys.active();
  await call('POST', '/clock/advance', { seconds: -3_600 });
  const expired = await env.issuer.sign(vishpat, { key });
  await call('DELETE', '/clock');
  expect(await logIn(expired)).toBe('token_expired');
  expect(await logIn(await env.issuer.sign(vishpat))).toBe('in');
});

test('claims of every token decide over a login', async () => {
  const bound = await (await mountJwt(env, `${mount}-bound`))({ bound_claims: { team: 'a' } });
  const logInBound = async (): Promise<string> => {
    const jwt = await env.issuer.sign(vishpat);
    return env.vault.login({ jwt, role: bound, mount: `${mount}-bound` }).then(
      () => 'in',
      (error: { readonly code: string }) => error.code,
    );
  };
  expect(await logInBound()).toBe('claim_missing');
  await call('PUT', '/claims', { team: 'a' });
  expect(await logInBound()).toBe('in');
  await call('PUT', '/claims', { team: 'b' });
  expect(await logInBound()).toBe('claim_mismatch');
  await call('DELETE', '/claims');
});

test('a locked user does not log in at App Mesh, and the token from before is refused', async () => {
  const { url } = env.issuer;
  const authorization = `Basic ${Buffer.from('vishpat:pwd').toString('base64')}`;
  const login = () => fetch(`${url}/appmesh/login`, { method: 'POST', headers: { authorization } });
  const answer = await login();
  expect(answer.status).toBe(200);
  const { access_token } = (await answer.json()) as { access_token: string };
  const check = () =>
    fetch(`${url}/appmesh/auth`, { method: 'POST', headers: { authorization: `Bearer ${access_token}` } });
  expect((await check()).status).toBe(200);
  await call('PATCH', '/users/vishpat', { locked: true });
  expect((await login()).status).toBe(401);
  expect((await check()).status).toBe(401);
  await call('PATCH', '/users/vishpat', { locked: false });
  expect((await login()).status).toBe(200);
  expect((await check()).status).toBe(200);
});
