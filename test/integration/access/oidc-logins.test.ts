import type { Environment } from 'vaultproof';
import {
  accessDiff,
  type Claims,
  type DeclaredLogin,
  readAccess,
  type VaultLoginRole,
  whatCan,
  wouldLogIn,
} from 'vaultproof/access';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { type OpenIdProvider, startOpenIdProvider } from '../../support/openid-provider.js';
import { randomBy } from '../../support/random.js';
import { randomClaims, randomRole, roleFields } from '../../support/random-logins.js';
import { rounds } from '../../support/rounds.js';

const REDIRECT_URI = 'http://localhost:8250/oidc/callback';
const CLIENT = 'one';

let env: Environment;
let provider: OpenIdProvider;

test.beforeAll(async ({ fileEnv }) => {
  env = fileEnv;
  provider = await startOpenIdProvider();
  await env.vault.request('POST', 'sys/auth/oidc', { type: 'oidc' });
  await env.vault.request('POST', 'auth/oidc/config', method());
});

test.afterAll(() => provider.stop());

/** The auth method: its issuer is for JWTs alone. */
function method() {
  return {
    ...{ oidc_discovery_url: provider.url, oidc_client_id: CLIENT, oidc_client_secret: 'secret-of-the-client' },
    bound_issuer: 'https://another.example',
  };
}

let count = 0;

async function writeRole(fields: object): Promise<string> {
  count++;
  const name = `role-${count}`;
  await env.vault.request('POST', `auth/oidc/role/${name}`, { allowed_redirect_uris: [REDIRECT_URI], ...fields });
  return name;
}

async function authUrlOf(role: string, redirectUri = REDIRECT_URI): Promise<string> {
  const body = { role, redirect_uri: redirectUri, client_nonce: 'of the client' };
  const { data } = await env.vault.request('POST', 'auth/oidc/oidc/auth_url', body);
  return String((data as Claims)['auth_url']);
}

/** What a server says of a login. */
interface Auth {
  readonly metadata: unknown;
  readonly policies: readonly string[];
}

/** What the server answers where somebody with these claims signs in; undefined where it is refused. */
async function signIn(role: string, claims: Claims, userinfo?: Claims): Promise<Auth | undefined> {
  const { state, code } = provider.signIn(await authUrlOf(role), claims, userinfo);
  const query = new URLSearchParams({ state, code, client_nonce: 'of the client' });
  const response = await fetch(`${env.vault.address}/v1/auth/oidc/oidc/callback?${query}`);
  const { auth } = (await response.json()) as { readonly auth?: Auth };
  expect(response.ok).toBe(auth !== undefined);
  return auth;
}

/** The code that the login is refused with. */
async function codeOf(role: string, claims: Claims, userinfo?: Claims): Promise<string> {
  const signInHere = (authUrl: string) => {
    const query = new URLSearchParams(provider.signIn(authUrl, claims, userinfo));
    return { callbackUrl: `${REDIRECT_URI}?${query}`, claims: merged(claims, userinfo) };
  };
  const refused = await env.vault.loginWithOidc({ role, signIn: signInHere }).catch((error: unknown) => error);
  return String((refused as { readonly code?: unknown }).code);
}

/** The logins by one role, as they are declared. */
async function declared(fields: object, without: readonly string[] = [], more: object = {}) {
  const backend = Object.fromEntries(Object.entries(method()).filter(([name]) => !without.includes(name)));
  const role = {
    ...{ backend: `\${vault_jwt_auth_backend.a.path}`, role_name: 'r', user_claim: 'sub', token_policies: ['app'] },
    ...fields,
  };
  const resource = {
    vault_jwt_auth_backend: { a: { path: 'oidc', type: 'oidc', ...backend } },
    vault_jwt_auth_backend_role: { r: role },
    ...more,
  };
  return readAccess([{ resource }], { product: env.vault.product });
}

function inBrowser(logins: readonly DeclaredLogin[]): DeclaredLogin | undefined {
  return logins.find(({ bounds }) => bounds.flow === 'oidc');
}

const groups = { bound_claims: { groups: 'admins' } };
const email = 'ann@acme.example';

describe('a login in a browser', () => {
  test.for<[what: string, fields: object, claims: Claims, isIn: boolean, userinfo?: Claims]>([
    ['without bounds', {}, { sub: 'a' }, true],
    ['with a bound claim', groups, { sub: 'a', groups: 'admins' }, true],
    ['with another value', groups, { sub: 'a', groups: 'others' }, false],
    ['without the claim', groups, { sub: 'a' }, false],
    ['with a list that has it', groups, { sub: 'a', groups: ['others', 'admins'] }, true],
    ['with a list that lacks it', groups, { sub: 'a', groups: ['others'] }, false],
    [
      'with one of several values',
      { bound_claims: { hd: ['a.example', 'b.example'] } },
      { sub: 'a', hd: 'b.example' },
      true,
    ],
    [
      'with a glob',
      { bound_claims: { email: '*@acme.example' }, bound_claims_type: 'glob' },
      { sub: 'a', email },
      true,
    ],
    ['with a glob for a string', { bound_claims: { email: '*@acme.example' } }, { sub: 'a', email }, false],
    ['of the bound subject', { bound_subject: 'a' }, { sub: 'a' }, true],
    ['of another subject', { bound_subject: 'a' }, { sub: 'b' }, false],
    ['without a subject', {}, { email }, false],
    ['with a subject that is empty', {}, { sub: '' }, false],
    ['with groups', { groups_claim: 'groups' }, { sub: 'a', groups: ['admins'] }, true],
    ['without groups', { groups_claim: 'groups' }, { sub: 'a' }, false],
    ['with a group that is a number', { groups_claim: 'groups' }, { sub: 'a', groups: [7] }, false],
    ['by the e-mail address', { user_claim: 'email' }, { sub: 'a', email }, true],
    ['without the user claim', { user_claim: 'email' }, { sub: 'a' }, false],
    ['with a user claim that is empty', { user_claim: 'email' }, { sub: 'a', email: '' }, false],
    ['with a mapped claim', { claim_mappings: { email: 'mail' } }, { sub: 'a', email }, true],
    ['with a mapped claim that is a number', { claim_mappings: { email: 'mail' } }, { sub: 'a', email: 7 }, false],
    ['for a bound audience that is the client', { bound_audiences: [CLIENT] }, { sub: 'a' }, true],
    ['for another bound audience', { bound_audiences: ['two'] }, { sub: 'a' }, false],
    ['with the client as the party', { bound_audiences: ['two'] }, { sub: 'a', aud: 'two', azp: CLIENT }, true],
    ['for another audience alone', { bound_audiences: ['two'] }, { sub: 'a', aud: 'two' }, false],
    ['for several', { bound_audiences: ['two'] }, { sub: 'a', aud: ['two', CLIENT], azp: CLIENT }, true],
    ['for several, without a party', {}, { sub: 'a', aud: ['two', CLIENT] }, false],
    ['for several others', { bound_audiences: ['two'] }, { sub: 'a', aud: ['two', 'six'], azp: CLIENT }, false],
    ['for any audience, with the client as the party', {}, { sub: 'a', aud: 'two', azp: CLIENT }, true],
    ['with another party', {}, { sub: 'a', azp: 'two' }, false],
    ['for no audience', {}, { sub: 'a', aud: [] }, false],
    ['of another issuer', {}, { sub: 'a', iss: 'https://another.example' }, false],
    ['from a bound address', { token_bound_cidrs: ['127.0.0.0/8'] }, { sub: 'a' }, true],
    ['from another address', { token_bound_cidrs: ['192.0.2.0/24'] }, { sub: 'a' }, false],
    ['with a claim of userinfo', groups, { sub: 'a' }, true, { sub: 'a', groups: ['admins'] }],
    ['with another of userinfo', groups, { sub: 'a', groups: 'admins' }, false, { sub: 'a', groups: 'others' }],
    ['with userinfo of another', groups, { sub: 'a' }, false, { sub: 'b', groups: ['admins'] }],
    ['by its nonce', { bound_claims: { nonce: '*' }, bound_claims_type: 'glob' }, { sub: 'a' }, false],
    ['by a role for JWTs that has redirect URIs', { role_type: 'jwt', bound_subject: 'a' }, { sub: 'a' }, true],
  ])('%s', async ([, fields, claims, isIn, userinfo]) => {
    const role = await writeRole({ user_claim: 'sub', ...fields });
    expect((await signIn(role, claims, userinfo)) !== undefined).toBe(isIn);
    const { logins, undecided } = await declared({ allowed_redirect_uris: [REDIRECT_URI], ...fields });
    expect(undecided).toEqual(['vault_jwt_auth_backend_role.r: the policy "app" is not declared']);
    const { bounds } = inBrowser(logins) as DeclaredLogin;
    const verdict = wouldLogIn(bounds, merged(claims, userinfo), env.vault.product, '127.0.0.1');
    expect(verdict.in).toBe(isIn);
    if (!verdict.in) expect(verdict.refusals.map(({ code }) => code)).toContain(await codeOf(role, claims, userinfo));
  });
});

/** Vault takes what userinfo says of the same subject. */
function merged(claims: Claims, userinfo?: Claims): Claims {
  return userinfo !== undefined && userinfo['sub'] === claims['sub'] ? { ...claims, ...userinfo } : claims;
}

test('an external group and an entity give their policies', async () => {
  const { data: methods } = await env.vault.request('GET', 'sys/auth');
  const { accessor } = (methods as Record<string, Claims>)['oidc/'] as Claims;
  for (const [kind, alias] of [
    ['entity', 'entity-of-ann'],
    ['group', 'group-of-ann'],
  ] as const) {
    const body = { name: kind, ...(kind === 'group' && { type: 'external' }), policies: [`by-${kind}`] };
    const { data } = await env.vault.request('POST', `identity/${kind}`, body);
    const canonical = (data as Claims)['id'];
    const named = { name: alias, mount_accessor: accessor, canonical_id: canonical };
    await env.vault.request('POST', `identity/${kind}-alias`, named);
  }
  const fields = { user_claim: 'email', groups_claim: 'groups', token_policies: ['app'] };
  const claims = { sub: 'a', email: 'entity-of-ann', groups: ['other', 'group-of-ann'] };
  const auth = await signIn(await writeRole({ ...fields, token_no_default_policy: true }), claims);
  const alias = (kind: string) => ({
    name: `${kind}-of-ann`,
    mount_accessor: `\${vault_jwt_auth_backend.a.accessor}`,
    canonical_id: `\${vault_identity_${kind}.a.id}`,
  });
  const more = {
    vault_identity_entity: { a: { name: 'entity', policies: ['by-entity'] } },
    vault_identity_entity_alias: { a: alias('entity') },
    vault_identity_group: { a: { name: 'group', type: 'external', policies: ['by-group'] } },
    vault_identity_group_alias: { a: alias('group') },
  };
  const access = await declared({ ...fields, allowed_redirect_uris: [REDIRECT_URI] }, [], more);
  const [login] = whatCan(access, claims).logins;
  expect(login?.policies.toSorted()).toEqual(['app', 'by-entity', 'by-group']);
  expect(auth?.policies.toSorted()).toEqual(login?.policies.toSorted());
});

test('a role is not written without redirect URIs, and that is undecided', async () => {
  const fields = { role_type: 'oidc', user_claim: 'sub', allowed_redirect_uris: [] };
  await expect(writeRole(fields)).rejects.toMatchObject({ code: 'request_refused' });
  const { logins, undecided } = await declared(fields);
  expect(logins).toEqual([]);
  expect(undecided).toEqual([
    'vault_jwt_auth_backend_role.r: it has no "allowed_redirect_uris", without which a server refuses to write a role of type "oidc"',
  ]);
});

test('another redirect URI has no URL to sign in at', async () => {
  expect(await authUrlOf(await writeRole({ user_claim: 'sub' }), 'https://another.example/callback')).toBe('');
});

test('an auth method without a client lets no one in by a browser', async () => {
  const { oidc_discovery_url } = method();
  await env.vault.request('POST', 'sys/auth/plain', { type: 'oidc' });
  await env.vault.request('POST', 'auth/plain/config', { oidc_discovery_url });
  const fields = { role_type: 'oidc', user_claim: 'sub', allowed_redirect_uris: [REDIRECT_URI] };
  await env.vault.request('POST', 'auth/plain/role/r', fields);
  const body = { role: 'r', redirect_uri: REDIRECT_URI };
  await expect(env.vault.request('POST', 'auth/plain/oidc/auth_url', body)).rejects.toMatchObject({
    details: { status: 400 },
  });
  const { logins } = await declared(fields, ['oidc_client_id', 'oidc_client_secret']);
  expect(logins.map(({ bounds }) => bounds.flow)).toEqual([undefined]);
});

test.for(['jwt', 'oidc'])('a JWT at a role of type %s of a method with a client', async (roleType) => {
  const fields = { role_type: roleType, bound_audiences: [CLIENT], allowed_redirect_uris: [REDIRECT_URI] };
  const role = await writeRole({ user_claim: 'sub', ...fields });
  const claims = { iss: method().bound_issuer, sub: 'a', aud: CLIENT };
  const { code } = provider.signIn(await authUrlOf(role), claims);
  const answer = await fetch(`${provider.url}/token`, { method: 'POST', body: new URLSearchParams({ code }) });
  const { id_token: jwt } = (await answer.json()) as { readonly id_token: string };
  const outcome = await env.vault.login({ jwt, mount: 'oidc', role }).then(
    () => 'in',
    (error: { readonly code: string }) => error.code,
  );
  const { logins } = await declared(fields);
  const [login] = logins as [DeclaredLogin];
  const verdict = wouldLogIn(login.bounds, claims, env.vault.product);
  expect(verdict.in ? 'in' : verdict.refusals[0].code).toBe(outcome);
});

/** The claims of somebody whom a role lets in. */
function witnessFor(bounds: VaultLoginRole): Claims | undefined {
  const none = { product: env.vault.product, policies: new Map(), logins: [], undecided: [] };
  const logins = [{ mount: 'oidc', role: 'r', address: 'r', policies: [], bounds }];
  return accessDiff(none, { ...none, logins }).widened[0]?.witness.claims;
}

test('random logins end as here, with the same metadata, and those of witnesses are let in', {
  timeout: 1_200_000,
}, async () => {
  const { count: most, seed } = rounds(400);
  const random = randomBy(seed);
  const differences: unknown[] = [];
  let [letIn, witnesses] = [0, 0];
  for (let checked = 0; checked < most; ) {
    const { boundClaims, ...asked } = randomRole(random);
    const role: VaultLoginRole = {
      ...asked,
      boundClaims: Object.fromEntries(Object.entries(boundClaims ?? {}).slice(0, random.below(3))),
      ...{ flow: 'oidc', oidcClient: { id: CLIENT, discoveryUrl: provider.url } },
    };
    const name = await writeRole({ ...roleFields(role), role_type: 'oidc' });
    const witness = witnessFor(role);
    if (witness !== undefined) {
      witnesses++;
      if ((await signIn(name, witness)) === undefined) differences.push({ role, witness });
    }
    for (let index = 0; index < 10; index++, checked++) {
      const { aud, ...others } = randomClaims(random);
      const azp = random.pick([CLIENT, CLIENT, CLIENT, 'two']);
      const claims = { ...(random.oneIn(3) && { aud }), ...others, ...(random.oneIn(3) && { azp }) };
      const more = Object.entries(randomClaims(random)).filter(([name]) =>
        ['repo', 'ref', 'list', 'flag'].includes(name),
      );
      const sub = random.pick(['me', 'me', 'you']);
      const userinfo = random.oneIn(3) ? { ...Object.fromEntries(more), sub } : undefined;
      const metadata = (await signIn(name, claims, userinfo))?.metadata;
      const verdict = wouldLogIn(role, merged(claims, userinfo), env.vault.product);
      if (metadata !== undefined) letIn++;
      const ours = verdict.in ? { ...verdict.identity.metadata, role: name } : undefined;
      if (JSON.stringify(ours) !== JSON.stringify(metadata))
        differences.push({ role, claims, userinfo, metadata, verdict });
    }
  }
  process.stdout.write(
    `${JSON.stringify({ logins: most, seed, letIn, witnesses, differences: differences.length })}\n`,
  );
  expect(letIn).toBeGreaterThan(most / 20);
  expect(witnesses).toBeGreaterThan(most / 20);
  expect(differences.slice(0, 3)).toEqual([]);
});
