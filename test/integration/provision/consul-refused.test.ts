import { type Environment, startEnvironment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';

test.override({ fileServices: { vault: false, consul: true } });

let shared: Environment;
test.beforeAll(({ fileEnv }) => {
  shared = fileEnv;
});

function method(name: string, config: object): object {
  return { consul_acl_auth_method: { [name]: { name, type: 'jwt', config_json: JSON.stringify(config) } } };
}

test('a selector with a syntax error is refused in consul’s words, and what was applied before stays in force', async () => {
  await using env = await startEnvironment({ vault: false, consul: true });
  const { consul, issuer } = env;
  const config = {
    JWKSURL: issuer.jwksUrlFor(consul),
    BoundAudiences: ['consul'],
    ClaimMappings: { sub: 'user' },
  };
  const declared = (selector: string, policies: readonly string[]): object => ({
    resource: {
      ...method('ci', config),
      consul_acl_policy: Object.fromEntries(
        policies.map((name) => [name, { name, rules: 'key_prefix "app/" { policy = "read" }' }]),
      ),
      consul_acl_binding_rule: {
        rule: { auth_method: `\${consul_acl_auth_method.ci.name}`, bind_type: 'policy', bind_name: 'reader', selector },
      },
    },
  });
  const login = async (sub: string) => {
    await using session = await consul.login({ jwt: await issuer.sign({ sub, aud: 'consul' }), method: 'ci' });
    return session.policies;
  };
  await env.applyJson(declared('value.user == "vishpat"', ['reader']));
  expect(await login('vishpat')).toEqual(['reader']);

  const error = await env
    .applyJson(declared('value.user == ', ['reader', 'writer']))
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'apply_failed',
    details: { address: 'consul_acl_binding_rule.rule' },
    cause: { code: 'request_refused', details: { method: 'PUT', status: 500 } },
  });
  expect((error as Error).message).toMatch(
    /^"consul_acl_binding_rule.rule" could not be applied: .* with 500: invalid Binding Rule: Selector is invalid: 1:15 .*; the selector is "value.user == ", see its line 1, column 15; correct the cause, and apply again$/,
  );
  expect(await login('vishpat')).toEqual(['reader']);

  expect(await env.applyJson(declared('value.user == "mallory"', ['reader', 'writer']))).toMatchObject({
    created: [],
    updated: ['consul_acl_binding_rule.rule'],
    removed: [],
  });
  expect(await login('mallory')).toEqual(['reader']);
  await expect(login('vishpat')).rejects.toMatchObject({ code: 'no_binding_rule_matched' });
});

describe('consul’s refusal of', () => {
  const refusal = (resource: object, name: string): Promise<unknown> =>
    shared.applyJson({ resource }, name).catch((reason: unknown) => reason);

  test.each([
    ['no source of keys', {}, 'there is none'],
    [
      'two sources of keys',
      { JWKSURL: 'http://127.0.0.1:1/', OIDCDiscoveryURL: 'http://127.0.0.1:1/' },
      'there are JWKSURL and OIDCDiscoveryURL',
    ],
    [
      'three sources of keys',
      { JWKSURL: 'http://127.0.0.1:1/', OIDCDiscoveryURL: 'http://127.0.0.1:1/', JWTValidationPubKeys: ['x'] },
      'there are JWKSURL and JWTValidationPubKeys and OIDCDiscoveryURL',
    ],
  ])('an auth method with %s says which there are', async (_what, config, words) => {
    expect(await refusal(method('many', config), 'many')).toMatchObject({
      code: 'apply_failed',
      message: expect.stringContaining(`must be set for type "jwt"; ${words}`),
      details: { address: 'consul_acl_auth_method.many' },
    });
    await expect(shared.consul.request('GET', 'acl/auth-method/many')).rejects.toMatchObject({
      details: { status: 404 },
    });
  });

  test.each([
    ['not a name!', 'invalid bind name: "not a name!"'],
    [`$\${value.nobody}`, 'unknown variable accessed: value.nobody'],
    ['', 'no BindName is set'],
  ])('the bind name "%s" has its own words, and no rule is left', async (bind_name, words) => {
    const resource = {
      ...method('named', { JWKSURL: shared.issuer.jwksUrlFor(shared.consul) }),
      consul_acl_binding_rule: {
        rule: { auth_method: `\${consul_acl_auth_method.named.name}`, bind_type: 'service', bind_name },
      },
    };
    expect(await refusal(resource, 'named')).toMatchObject({
      code: 'apply_failed',
      message: expect.stringContaining(words),
      details: { address: 'consul_acl_binding_rule.rule' },
    });
    expect(await shared.consul.request('GET', 'acl/binding-rules?authmethod=named')).toEqual([]);
  });
});
