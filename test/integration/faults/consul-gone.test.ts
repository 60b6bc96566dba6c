import { type Environment, httpClient, loginToConsul, startConsul, startEnvironment } from 'vaultproof';
import { generateSigningKey } from 'vaultproof/issuer';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { engines, requiresEngine, runOn } from '../../support/engines.js';
import { killServer } from '../../support/kill-server.js';

const vishpat = { sub: 'vishpat', aud: 'consul' };

function declared({ issuer, consul }: Environment) {
  const config = { JWKSURL: issuer.jwksUrlFor(consul), BoundAudiences: ['consul'] };
  return {
    resource: {
      consul_acl_policy: { reader: { name: 'reader', rules: 'key_prefix "app/" { policy = "read" }' } },
      consul_acl_auth_method: {
        ci: {
          name: 'ci',
          type: 'jwt',
          config_json: JSON.stringify(config),
          depends_on: ['consul_acl_policy.reader'],
        },
      },
      consul_acl_binding_rule: {
        reader: { auth_method: `\${consul_acl_auth_method.ci.name}`, bind_type: 'policy', bind_name: 'reader' },
      },
    },
  };
}

/** Has the next fetch of the key set begin and not end; resolves once it has begun. */
function heldFetch({ issuer }: Environment): Promise<void> {
  return new Promise((resolve) => {
    const body = (document: object): Record<string, unknown> => {
      resolve();
      return { ...document, padding: 'x'.repeat(10_000) };
    };
    issuer.faults.set('jwks', { body, dripMs: 50_000, times: 1 });
  });
}

/** A token that has Consul fetch the key set again. */
async function unknownKey({ issuer }: Environment): Promise<string> {
  return issuer.sign(vishpat, { key: await generateSigningKey() });
}

describe.each(engines)('a consul on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));

  test('that is killed in the middle of a login says how it ended, and its sessions say so too', async () => {
    await using env = await startEnvironment({ vault: false, consul: runOn(engine, 'consul') });
    await env.applyJson(declared(env));
    const session = await env.consul.login({ jwt: await env.issuer.sign(vishpat), method: 'ci' });
    const fetch = heldFetch(env);
    const jwt = await unknownKey(env);
    const login = env.consul.login({ jwt, method: 'ci' }).catch((reason: unknown) => reason);
    await fetch;
    await killServer(env.consul);
    const error = await login;
    expect(error).toMatchObject({
      code: 'server_exited',
      message: expect.stringContaining(engine === 'docker' ? 'exit code 137' : 'signal SIGKILL'),
      details: { product: 'consul', path: '/v1/acl/login' },
    });
    expect(String(error)).not.toContain(jwt);
    expect(String(error)).not.toContain(env.consul.token);
    await expect(session.kv.read('app/x')).rejects.toMatchObject({ code: 'server_exited' });
    await expect(env.consul.kv.read('app/x')).rejects.toMatchObject({ code: 'server_exited' });
    await env.consul.stop();
    await session.logout();
    await expect(session.kv.read('app/x')).rejects.toMatchObject({ code: 'server_stopped' });
  });
});

test('a consul that is killed in the middle of an apply leaves an error that names the resource', async () => {
  await using env = await startEnvironment({ vault: false, consul: runOn('process', 'consul') });
  const fetch = heldFetch(env);
  const apply = env.applyJson(declared(env)).catch((reason: unknown) => reason);
  await fetch;
  await killServer(env.consul);
  const error = await apply;
  expect(error).toMatchObject({
    code: 'server_exited',
    message: expect.stringMatching(
      /^"consul_acl_auth_method.ci" could not be applied: "consul" ended with signal SIGKILL/,
    ),
    details: { address: 'consul_acl_auth_method.ci' },
  });
  expect(String(error)).not.toContain(env.consul.token);
  await expect(env.applyJson(declared(env))).rejects.toMatchObject({ code: 'server_exited' });
});

test('a consul that starts again in the middle of a login has forgotten its tokens and its auth methods', async () => {
  await using env = await startEnvironment({ vault: false, consul: runOn('process', 'consul') });
  await env.applyJson(declared(env));
  const good = await env.issuer.sign(vishpat);
  const http = httpClient(env.consul.address);
  onTestFinished(() => http.close());
  const session = await loginToConsul(http, { jwt: good, method: 'ci' });

  const fetch = heldFetch(env);
  const login = loginToConsul(http, { jwt: await unknownKey(env), method: 'ci' }).catch((reason: unknown) => reason);
  await fetch;
  await killServer(env.consul);
  expect(await login).toMatchObject({
    code: 'request_failed',
    details: { method: 'POST', path: '/v1/acl/login', address: env.consul.address },
  });

  const port = Number(new URL(env.consul.address).port);
  await using again = await startConsul({ ...runOn('process', 'consul'), port });
  expect(again.address).toBe(env.consul.address);
  await expect(session.kv.read('app/x')).rejects.toMatchObject({
    code: 'permission_denied',
    message: expect.stringContaining(
      '403: ACL not found; the token has expired, was destroyed, or its Consul has started',
    ),
  });
  await session.logout();
  await expect(loginToConsul(http, { jwt: good, method: 'ci' })).rejects.toMatchObject({ code: 'method_not_found' });

  await Promise.all([env.stop(), env.consul.stop()]);
  expect(await again.request('GET', 'status/leader')).toMatch(/^127\.0\.0\.1:\d+$/);
});
