import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { mountJwt, type RoleFields, type WriteRole } from '../../support/jwt-mount.js';
import { ofProduct } from '../../support/vault-of-tests.js';

// What the rules in harness/lint/rules/ say of Vault, asked of Vault.

const algorithms = ['ES256', 'ES512', 'EdDSA', 'RS256'] as const;
test.override({ fileServices: { issuer: { algorithms } } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
let writeRole: WriteRole;

beforeAll(async () => {
  writeRole = await mountJwt(env, 'jwt');
});

/** `in`, or the code of the refusal. */
async function outcome(fields: RoleFields, claims: Readonly<Record<string, unknown>>, mount = 'jwt'): Promise<string> {
  const jwt = await env.issuer.sign({ sub: 'somebody', aud: 'damage_inc', ...claims });
  const role = mount === 'jwt' ? await writeRole(fields) : String(fields['role']);
  return env.vault.login({ jwt, role, mount }).then(
    () => 'in',
    (error: { code: string }) => error.code,
  );
}

test('a role bound by its audience alone lets any subject in', async () => {
  expect(await outcome({}, { sub: 'repo:mallory/x:ref:refs/heads/main' })).toBe('in');
});

describe('a glob', () => {
  test.each([
    ['repo:acme*', 'repo:acme-evil/x:ref:refs/heads/main', 'in'],
    ['repo:acme/*', 'repo:acme-evil/x:ref:refs/heads/main', 'claim_mismatch'],
    ['repo:acme/*', 'repo:acme/x:pull_request', 'in'],
    ['repo:acme/app*', 'repo:acme/app-evil:ref:refs/heads/main', 'in'],
    ['repo:acme/app:*', 'repo:acme/app:pull_request', 'in'],
    ['repo:acme/app:*', 'repo:acme/app-evil:pull_request', 'claim_mismatch'],
    ['*', 'anything', 'in'],
    ['*:ref:refs/heads/main', 'repo:mallory/x:ref:refs/heads/main', 'in'],
    ['repo:acme/app:ref:refs/tags/v*', 'repo:acme/app:ref:refs/tags/v1/a:b', 'in'],
  ])('%s, and the subject %s: %s', async (glob, sub, expected) => {
    expect(await outcome({ bound_claims: { sub: glob }, bound_claims_type: 'glob' }, { sub })).toBe(expected);
  });

  test('in a role whose claims are strings stands for itself', async () => {
    expect(await outcome({ bound_claims: { sub: 'repo:acme/*' } }, { sub: 'repo:acme/app' })).toBe('claim_mismatch');
    expect(await outcome({ bound_claims: { sub: 'repo:acme/*' } }, { sub: 'repo:acme/*' })).toBe('in');
  });

  test('in a bound subject stands for itself, whatever the claims are', async () => {
    const fields = { bound_subject: 'repo:acme/*', bound_claims_type: 'glob' };
    expect(await outcome(fields, { sub: 'repo:acme/app' })).toBe('subject_mismatch');
  });

  test('in a bound audience stands for itself, whatever the claims are', async () => {
    const fields = {
      bound_audiences: ['https://*.acme.example'],
      bound_claims: { sub: '*' },
      bound_claims_type: 'glob',
    };
    expect(await outcome(fields, { aud: 'https://vault.acme.example' })).toBe('audience_mismatch');
    expect(await outcome(fields, { aud: 'https://*.acme.example' })).toBe('in');
  });
});

test('of several values of a claim each lets in, an empty one too', async () => {
  expect(await outcome({ bound_claims: { team: ['red', ''] } }, { team: '' })).toBe('in');
  expect(await outcome({ bound_claims: { team: ['red', 'green'] } }, { team: 'green' })).toBe('in');
});

describe('a claim that is bound to an empty text', () => {
  test.each([
    [{ team: '' }, 'in'],
    [{ team: 'red' }, 'claim_mismatch'],
    [{}, 'claim_missing'],
  ])('and a token with %j: %s', async (claims, expected) => {
    expect(await outcome({ bound_claims: { team: '' } }, claims)).toBe(expected);
    expect(await outcome({ bound_claims: { team: '' }, bound_claims_type: 'glob' }, claims)).toBe(expected);
  });
});

test('an empty bound subject is none', async () => {
  expect(await outcome({ bound_subject: '' }, { sub: 'anybody' })).toBe('in');
});

test('two names of one person are two identities', async () => {
  const role = await writeRole({ user_claim: 'email' });
  const entity = async (email: string) => {
    const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc', email });
    const { token } = await env.vault.login({ jwt, role });
    const { data } = await env.vault.request('POST', 'auth/token/lookup', { token });
    return (data as { entity_id: string }).entity_id;
  };
  expect(await entity('old@example.com')).not.toBe(await entity('new@example.com'));
});

test('a role whose type nobody named refuses every login with a jwt', async () => {
  const fields = { role_type: undefined, allowed_redirect_uris: ['http://127.0.0.1/'] };
  expect(await outcome(fields, {})).toBe('role_type_mismatch');
});

test('a role whose type nobody named is refused without redirect URIs', async () => {
  await expect(writeRole({ role_type: undefined })).rejects.toMatchObject({
    code: 'request_refused',
    message: expect.stringContaining(`'allowed_redirect_uris' must be set if 'role_type' is 'oidc' or unspecified`),
  });
});

describe('a role without bound audiences', () => {
  test('refuses a token with an aud, though bound_claims asks for it', async () => {
    const role = { bound_audiences: [], bound_subject: 'somebody' };
    expect(await outcome(role, {})).toBe('audience_unbound');
    expect(await outcome({ ...role, bound_claims: { aud: 'damage_inc' } }, {})).toBe('audience_unbound');
    expect(await outcome(role, { aud: null })).toBe('in');
  });
});

test('an issuer without its scheme is none', async () => {
  const write = await mountJwt(env, 'no-scheme', { bound_issuer: env.issuer.url.replace(/^https?:\/\//, '') });
  expect(await outcome({ role: await write({}) }, {}, 'no-scheme')).toBe('issuer_mismatch');
});

test('an auth method with an OIDC client takes no jwt; that of OpenBao does', async () => {
  const oidc = { jwks_url: undefined, oidc_discovery_url: env.issuer.url, oidc_client_id: 'vault' };
  const write = await mountJwt(env, 'client', { ...oidc, oidc_client_secret: 'x' });
  const isIn = (await outcome({ role: await write({}) }, {}, 'client')) === 'in';
  expect(isIn).toBe(ofProduct({ vault: false, openbao: true }));
});

test('a default role that is not there refuses a login without a role', async () => {
  await mountJwt(env, 'defaulted', { default_role: 'gone' });
  const jwt = await env.issuer.sign({ sub: 'somebody', aud: 'damage_inc' });
  await expect(env.vault.login({ jwt, mount: 'defaulted' })).rejects.toMatchObject({ code: 'role_not_found' });
});

describe('a claim within a claim', () => {
  const claims = { 'kubernetes.io': { serviceaccount: { uid: 'a709' } }, realm_access: { roles: ['admin'] } };
  const user_claim = '/kubernetes.io/serviceaccount/uid';

  test.each([
    [{ user_claim }, 'claim_missing'],
    [{ user_claim, user_claim_json_pointer: true }, 'in'],
    [{ groups_claim: 'realm_access.roles' }, 'claim_missing'],
    [{ groups_claim: '/realm_access/roles' }, 'in'],
    [{ bound_claims: { 'realm_access.roles': 'admin' } }, 'claim_missing'],
    [{ bound_claims: { '/realm_access/roles': 'admin' } }, 'in'],
  ])('and a role with %j: %s', async (fields, expected) => {
    expect(await outcome(fields, claims)).toBe(expected);
  });
});

test('a string never equals a boolean or a number', async () => {
  expect(await outcome({ bound_claims: { email_verified: ['true'] } }, { email_verified: true })).toBe(
    'claim_mismatch',
  );
  expect(await outcome({ bound_claims: { email_verified: true } }, { email_verified: true })).toBe('in');
  expect(await outcome({ bound_claims: { runner_id: ['7'] } }, { runner_id: 7 })).toBe('claim_mismatch');
});

test('the name of a service account lets one of any namespace in', async () => {
  const bound_claims = { '/kubernetes.io/serviceaccount/name': 'vault' };
  const account = { 'kubernetes.io': { namespace: 'of-mallory', serviceaccount: { name: 'vault' } } };
  expect(await outcome({ bound_claims }, account)).toBe('in');
  const within = { ...bound_claims, '/kubernetes.io/namespace': 'payments' };
  expect(await outcome({ bound_claims: within }, account)).toBe('claim_mismatch');
});

test('a role without policies of its own gives what groups give, and nothing else', async () => {
  const jwt = await env.issuer.sign({ sub: 'somebody', aud: 'damage_inc', groups: ['unknown'] });
  const role = await writeRole({ groups_claim: 'groups' });
  expect(await env.vault.login({ jwt, role })).toMatchObject({ policies: ['default'] });
});

describe('without a bound issuer', () => {
  const foreign = { iss: 'https://somebody.example' };

  test('a key set’s tokens get in whatever their iss is', async () => {
    expect(await outcome({}, foreign)).toBe('in');
  });

  test('and with a discovery url, too', async () => {
    const write = await mountJwt(env, 'discovered', {
      jwks_url: undefined,
      oidc_discovery_url: env.issuer.url,
    });
    expect(await outcome({ role: await write({}) }, foreign, 'discovered')).toBe('in');
  });

  test('a claim "iss" that the role binds does the same', async () => {
    expect(await outcome({ bound_claims: { iss: 'https://issuer.example' } }, foreign)).toBe('claim_mismatch');
  });
});

test.each(algorithms)('with no algorithm named %s is taken', async (alg) => {
  const jwt = await env.issuer.sign({ sub: 'somebody', aud: 'damage_inc' }, { alg });
  expect(await env.vault.login({ jwt, role: await writeRole({}) })).toMatchObject({ policies: ['default'] });
});

describe('the longest life of a token', () => {
  const lookUp = async (fields: RoleFields) => {
    const jwt = await env.issuer.sign({ sub: 'somebody', aud: 'damage_inc' });
    const { token } = await env.vault.login({ jwt, role: await writeRole(fields) });
    const renewed = await env.vault
      .request('POST', 'auth/token/renew', { token, increment: 100 * 24 * 3600 })
      .then(({ auth }) => (auth as { lease_duration: number }).lease_duration)
      .catch((error: { code: string }) => error.code);
    return renewed;
  };

  test('with a token_ttl alone is the server’s 32 days, by renewals', async () => {
    expect(await lookUp({ token_ttl: 900 })).toBe(768 * 3600);
  });

  test.each([{ token_max_ttl: 3600 }, { token_explicit_max_ttl: 3600 }])('is what %j says', async (fields) => {
    expect(await lookUp({ token_ttl: 900, ...fields })).toBeLessThanOrEqual(3600);
  });

  test('of a batch token is its token_ttl: it can’t be renewed', async () => {
    expect(await lookUp({ token_ttl: 900, token_type: 'batch' })).toBe('request_refused');
  });

  test('of a periodic token has no end by token_max_ttl: renewed in time, it lives on past it', async () => {
    const jwt = await env.issuer.sign({ sub: 'somebody', aud: 'damage_inc' });
    const role = await writeRole({ token_period: 1, token_max_ttl: 2 });
    const { token } = await env.vault.login({ jwt, role });
    const past = Date.now() + 3_000;
    let renewals = 0;
    for (; Date.now() < past; renewals++) await env.vault.request('POST', 'auth/token/renew', { token });
    expect(renewals).toBeGreaterThan(10);
  });

  test('of a periodic token ends by token_explicit_max_ttl', async () => {
    expect(await lookUp({ token_period: 7200, token_explicit_max_ttl: 3600 })).toBeLessThanOrEqual(3600);
  });
});

describe('a policy', () => {
  let count = 0;
  /** A token with one policy. */
  const tokenWith = async (policy: string): Promise<string> => {
    count++;
    await env.vault.request('PUT', `sys/policies/acl/policy-${count}`, { policy });
    const { auth } = await env.vault.request('POST', 'auth/token/create', {
      policies: [`policy-${count}`],
      no_default_policy: true,
    });
    return (auth as { client_token: string }).client_token;
  };
  /** What a token with one policy may do at a path. */
  const capabilities = async (policy: string, path: string): Promise<unknown> => {
    const token = await tokenWith(policy);
    const { capabilities } = await env.vault.request('POST', 'sys/capabilities', { token, paths: [path] });
    return capabilities;
  };
  const read = '{ capabilities = ["read"] }';

  test.each([
    ['secret/foo', 'secret/data/foo', ['deny']],
    ['secret/*', 'secret/data/foo', ['read']],
    ['secret/data/foo', 'secret/data/foo', ['read']],
    ['secret/foo/*', 'secret/metadata/foo/', ['deny']],
    ['secret/da*', 'secret/data/foo', ['read']],
    ['secret/+/foo', 'secret/data/foo', ['read']],
    ['*', 'sys/policies/acl/x', ['read']],
    ['+/*', 'secret/data/foo', ['read']],
    ['sys/*', 'sys/policies/acl/x', ['read']],
    ['auth/+/role/*', 'auth/jwt/role/x', ['read']],
    ['auth/+/role', 'auth/jwt/role/x', ['deny']],
    ['sys/policies/acl/team-*', 'sys/policies/acl/x', ['deny']],
    ['secret/*/foo', 'secret/data/foo', ['deny']],
    ['secret/*/foo', 'secret/*/foo', ['read']],
    ['auth/jwt/*', 'auth/jwt/role/x', ['read']],
  ])('for %s grants at %s: %j', async (pattern, path, expected) => {
    expect(await capabilities(`path "${pattern}" ${read}`, path)).toEqual(expected);
  });

  test.each([
    ['/sys/policies/acl/x', 200],
    ['//sys/policies/acl/x', 403],
    ['v1/sys/policies/acl/x', 403],
    ['/v1/sys/policies/acl/x', 403],
    ['sys//policies/acl/x', 403],
    ['sys//*', 403],
  ])('for %s answers a request for sys/policies/acl/x with %i', async (pattern, status) => {
    await env.vault.request('PUT', 'sys/policies/acl/x', { policy: `path "a" ${read}` });
    const token = await tokenWith(`path "${pattern}" ${read}`);
    const response = await fetch(`${env.vault.address}/v1/sys/policies/acl/x`, { headers: { 'X-Vault-Token': token } });
    expect(response.status).toBe(status);
  });

  test('never sees a path with "//" in it: Vault redirects the request', async () => {
    const response = await fetch(`${env.vault.address}/v1/sys//policies/acl/x`, { redirect: 'manual' });
    expect(response.status).toBe(307);
    expect(response.headers.get('location')).toBe('/v1/sys/policies/acl/x');
  });

  test.each([
    ['vishpat', 'kv/vishpat/s', { vault: 200, openbao: 200 }],
    ['mallory', 'kv/vishpat/s', { vault: 403, openbao: 403 }],
    // OpenBao fills no such name in, and answers a token with such a policy nothing else.
    ['+', 'kv/vishpat/s', { vault: 200, openbao: 400 }],
    ['vish*', 'kv/vishpat/s', { vault: 403, openbao: 400 }],
    ['vish*', 'kv/exact/vishpat', { vault: 200, openbao: 400 }],
    ['vishpat/private', 'kv/vishpat/private/s', { vault: 200, openbao: 400 }],
  ])('that is made of the name %s, at %s: %j', async (sub, path, expected) => {
    const { data } = await env.vault.request('GET', 'sys/auth/jwt');
    const name = `{{identity.entity.aliases.${String((data as { accessor: string }).accessor)}.name}}`;
    const policy = ['kv/NAME/*', 'kv/exact/NAME'].map((one) => `path "${one.replace('NAME', name)}" ${read}`);
    await env.vault.request('PUT', 'sys/policies/acl/own', { policy: policy.join('\n') });
    await env.vault.request('POST', 'sys/mounts/kv', { type: 'kv' }).catch(() => {});
    await env.vault.request('POST', path, { a: 'b' });
    const jwt = await env.issuer.sign({ sub, aud: 'damage_inc' });
    const session = await env.vault.login({ jwt, role: await writeRole({ token_policies: ['own'] }) });
    const response = await fetch(`${env.vault.address}/v1/${path}`, { headers: { 'X-Vault-Token': session.token } });
    expect(response.status).toBe(ofProduct(expected));
    if (response.status === 200) return;
    await expect(session.read(path)).rejects.toMatchObject({ code: 'permission_denied' });
  });

  test.each(['identity/entity', 'identity/group'])('that may write %s gives itself any policy', async (path) => {
    const policy = `path "${path}" { capabilities = ["update"] }`;
    await env.vault.request('PUT', 'sys/policies/acl/identity-writer', { policy });
    const jwt = await env.issuer.sign({ sub: `writer of ${path}`, aud: 'damage_inc' });
    const { token, client } = await env.vault.login({
      jwt,
      role: await writeRole({ token_policies: ['identity-writer'] }),
    });
    const { data } = await env.vault.request('POST', 'auth/token/lookup', { token });
    const own = String((data as { entity_id: string }).entity_id);
    const given = path === 'identity/entity' ? { id: own } : { member_entity_ids: [own] };
    await client.write(path, { ...given, policies: ['admin'] });
    const { data: after } = await env.vault.request('POST', 'auth/token/lookup', { token });
    expect((after as { identity_policies: string[] }).identity_policies).toEqual(['admin']);
  });

  test('that may write roles gives itself any policy', async () => {
    await env.vault.request('PUT', 'sys/policies/acl/role-writer', {
      policy: 'path "auth/*" { capabilities = ["create", "update"] }',
    });
    await env.vault.request('PUT', 'sys/policies/acl/admin', { policy: 'path "*" { capabilities = ["sudo"] }' });
    const jwt = await env.issuer.sign({ sub: 'mallory', aud: 'damage_inc' });
    const role = await writeRole({ token_policies: ['role-writer'] });
    const { client } = await env.vault.login({ jwt, role });
    const body = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['damage_inc'], token_policies: ['admin'] };
    await client.write('auth/jwt/role/escalated', body);
    expect(await env.vault.login({ jwt, role: 'escalated' })).toMatchObject({ policies: ['admin', 'default'] });
  });

  test('"root" in a role refuses every login', async () => {
    expect(await outcome({ token_policies: ['root'] }, {})).toBe('login_refused');
  });

  test('of another case is the same', async () => {
    await env.vault.request('PUT', 'sys/policies/acl/Reader', { policy: `path "a" ${read}` });
    expect(await env.vault.request('GET', 'sys/policies/acl/reader')).toMatchObject({ data: { name: 'reader' } });
  });
});
