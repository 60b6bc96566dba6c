import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { execa } from 'execa';
import { generateSigningKey, startIssuer } from 'vaultproof/issuer';
import { privatePem } from 'vaultproof/issuer/keys';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { expect, test } from 'vaultproof/vitest';
import { mountJwt } from '../support/jwt-mount.js';

test.override({ fileServices: { consul: true, issuer: { admin: true } } });
let objects: Readonly<Record<string, object>>;
let secrets: readonly string[];

test.beforeAll(async ({ fileEnv: env }) => {
  const { vault, consul, issuer } = env;
  const role = await (await mountJwt(env, 'jwt'))({ token_policies: ['payments'] });
  const jwt = await issuer.sign({ sub: 'alice', aud: 'damage_inc' });
  const session = await vault.login({ jwt, role });
  await consul.request('PUT', 'acl/auth-method', {
    Name: 'jwt',
    Type: 'jwt',
    MaxTokenTTL: '5m',
    Config: { JWKSURL: issuer.jwksUrlFor(consul), BoundAudiences: ['damage_inc'] },
  });
  await consul.request('PUT', 'acl/binding-rule', { AuthMethod: 'jwt', BindType: 'service', BindName: 'app' });
  const consulSession = await consul.login({ jwt, method: 'jwt' });
  const managed = await consul.session(consul.token);
  const key = await generateSigningKey();
  const tls = await generateTlsIdentity();
  await using secure = await startIssuer({ tls });
  const other = await issuer.addIssuer('/other');
  await vault.request('POST', 'sys/mounts/secrets', { type: 'kv', options: { version: '1' } });
  await vault.request('POST', 'auth/token/roles/app', { allowed_policies: ['default'] });
  objects = {
    env,
    vault,
    consul,
    issuer,
    other,
    secure,
    session,
    consulSession,
    managed,
    key,
    tls,
    root: vault.root,
    client: session.client,
    admin: issuer.admin as object,
    keys: issuer.keys,
    active: issuer.keys.active(),
    kv: consul.kv,
  };
  secrets = [
    jwt,
    ...[vault.token, consul.token, session.token, consulSession.token, issuer.admin?.token ?? ''],
    ...[key, issuer.keys.active(), other.keys.active()].flatMap((one) => [
      privatePem(one),
      String(one.privateKey?.export({ format: 'jwk' }).d),
    ]),
    tls.key,
  ];
});

/** What a failing assertion shows of an object. */
function shownBy(assert: () => void): string {
  try {
    assert();
  } catch (error) {
    const { message, stack } = error as Error;
    return `${message}${stack}${inspect(error, { depth: 20 })}`;
  }
  throw new Error('the assertion holds');
}

test('no secret is printed of any public object, however it is printed', () => {
  expect(secrets.filter((secret) => secret === '' || secret === 'undefined')).toEqual([]);
  for (const [name, object] of Object.entries(objects)) {
    const printed = [
      inspect(object, { depth: 20, getters: true }),
      inspect({ in: [object] }, { depth: 20 }),
      inspect(object, { depth: 20, getters: true, customInspect: false }),
      JSON.stringify(object),
      // An identity is handed on whole.
      ...(name === 'tls' ? [] : [JSON.stringify({ ...object }), inspect({ ...object }, { depth: 20 })]),
      shownBy(() => expect(object).toEqual('something else')),
      shownBy(() => expect({ [name]: object }).toMatchObject({ [name]: { address: 0 } })),
    ].join('\n');
    expect(secrets.filter((secret) => printed.includes(secret)).map((secret) => secret.slice(0, 4))).toEqual([]);
  }
});

test.each([
  ['session', /^VaultSession\(role role-1, policies default, payments, \d+ s\)$/],
  ['root', /^VaultSession\(policies root, no end\)$/],
  ['consulSession', /^ConsulSession\(services app, until 20\d\d-.+Z\)$/],
  ['managed', /^ConsulSession\(policies global-management, no end\)$/],
  ['vault', /^(?:Vault|OpenBao)\(\d+\.\d+\.\d+\S*, (?:process|docker), http:\/\/127\.0\.0\.1:\d+\)$/],
  ['consul', /^Consul\(\d+\.\d+\.\d+\S*, (?:process|docker), http:\/\/127\.0\.0\.1:\d+\)$/],
  ['issuer', /^Issuer\(http:\/\/127\.0\.0\.1:\d+, ES256 [\w-]{43}\)$/],
  ['other', /^Issuer\(http:\/\/127\.0\.0\.1:\d+\/other, ES256 [\w-]{43}\)$/],
  ['key', /^SigningKey\(ES256, [\w-]{43}\)$/],
  ['tls', /^TlsIdentity\(.*localhost.*\)$/],
  ['admin', /^AdminAccess\(http:\/\/127\.0\.0\.1:\d+\/admin\)$/],
  ['client', /^NodeVaultClient\(http:\/\/127\.0\.0\.1:\d+\)$/],
])('the %s is one line, by inspect and as JSON', (name, line) => {
  const object = objects[name];
  expect(inspect(object)).toMatch(line);
  expect(JSON.parse(JSON.stringify(object))).toMatch(line);
});

test('secrets can still be read by name', async () => {
  const { session, key } = objects as { session: { token: string }; key: { privateKey: unknown } };
  expect(session.token).toMatch(/^(?:hvs|s)\./);
  expect(key.privateKey).toBeDefined();
  expect(session).toMatchObject({ token: session.token });
});

test('a test that finds a stranger let in says so in a few lines, and shows no token', async () => {
  const { exitCode, all = '' } = await runFailing('stranger');
  expect(exitCode).toBe(1);
  expect(all).toContain(
    'mallory/app got in: role "payments", policies default; expected a refusal by claim_mismatch of "repository_id"',
  );
  expect(all).toContain('VaultSession(role payments, policies default, ');
  expect(all).toMatch(/Login role "payments", let in: \{"sub":"mallory\/app","aud":"app",/m);
  expect(all).toContain('Declared as "main":');
  expect(all).toContain('vault_policy.payments {"name":"payments","policy":');
  expect(all).toContain('vault_kv_secret.app {"path":"kv/app","data_json":"(struck out)"');
  expect(all).toContain('The end of the log of vault:\n');
  expect(all).not.toMatch(/hvs\.|[0-9a-f]{48}|eyJ|correct horse/);
  // Three failed assertions, each with the lines around it, and what the test is annotated with.
  expect(all.split('\n').length).toBeLessThan(120);
});

test('a test that fails on the servers of its file says what they saw', async () => {
  const { exitCode, all = '' } = await runFailing('shared');
  expect(exitCode).toBe(1);
  expect(all).toContain('1 failed | 1 passed');
  expect(all.split('Declared as "main":\n')).toHaveLength(2);
  expect(all).toContain('vault_mount.kv {"path":"kv","type":"kv","options":{"version":"1"}}');
  expect(all).not.toMatch(/hvs\.|[0-9a-f]{48}/);
});

test('a test that fails on what HCL made shows no value of a sensitive variable', async () => {
  const { exitCode, all = '' } = await runFailing('sensitive');
  expect(exitCode).toBe(1);
  expect(all).toMatch(/vault_jwt_auth_backend_role\.team \{.*"bound_claims":\{"team":"\(sensitive value\)"\}/);
  expect(all).toContain('Login role "team", let in: {"sub":"ann","aud":"app","team":"(sensitive value)"');
  expect(all).not.toContain('canary');
});

function runFailing(name: string) {
  const folder = fileURLToPath(new URL('../fixtures/failing-test/', import.meta.url));
  return execa('vitest', ['run', name, '--testTimeout=60000', '--root', folder], {
    preferLocal: true,
    all: true,
    reject: false,
    env: { NO_COLOR: '1', VITEST: undefined },
  });
}
