import { startEnvironment } from 'vaultproof';
import { describe, expect, test } from 'vitest';

const rules = 'key_prefix "team/" { policy = "read" }';

function declared(jwksUrl: string, issuer: string): unknown {
  const config = { JWKSURL: jwksUrl, BoundIssuer: issuer, BoundAudiences: ['consul'], ClaimMappings: { sub: 'user' } };
  return {
    resource: {
      consul_acl_policy: { reader: { name: 'reader', rules } },
      consul_acl_role: { reader: { name: 'reader', policies: [`\${consul_acl_policy.reader.id}`] } },
      consul_acl_auth_method: { jwt: { name: 'jwt', type: 'jwt', config_json: JSON.stringify(config) } },
      consul_acl_binding_rule: {
        reader: {
          auth_method: `\${consul_acl_auth_method.jwt.name}`,
          bind_type: 'role',
          bind_name: `\${consul_acl_role.reader.name}`,
          selector: 'value.user == "vishpat"',
        },
      },
      vault_policy: { reader: { name: 'reader', policy: `path "kv/\${consul_acl_role.reader.name}/*" {}` } },
    },
  };
}

describe('a declaration for consul and vault', () => {
  test('lets in whom it names, at each server', async () => {
    await using env = await startEnvironment({ vault: true, consul: true });
    const json = declared(env.issuer.jwksUrlFor(env.consul), env.issuer.url);
    expect((await env.applyJson(json)).created).toHaveLength(5);
    expect(await env.applyJson(json)).toMatchObject({ created: [], updated: [], removed: [] });
    expect((await env.vault.request('GET', 'sys/policies/acl/reader'))['data']).toMatchObject({
      policy: 'path "kv/reader/*" {}',
    });

    const login = async (sub: string): Promise<Response> => {
      const BearerToken = await env.issuer.sign({ sub, aud: 'consul' });
      const body = JSON.stringify({ AuthMethod: 'jwt', BearerToken });
      return fetch(`${env.consul.address}/v1/acl/login`, { method: 'POST', body });
    };
    const answer = await login('vishpat');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ Roles: [{ Name: 'reader' }] });
    expect((await login('mallory')).status).toBe(403);
  });

  test('is refused before anything is written where one of them is missing', async () => {
    await using env = await startEnvironment({ vault: true });
    await expect(env.applyJson(declared('http://127.0.0.1:2/', 'x'))).rejects.toThrow(
      new TypeError(
        '"consul_acl_policy" needs a consul, and this environment has none: start it with { consul: true }',
      ),
    );
    expect((await env.vault.request('GET', 'sys/policies/acl?list=true'))['data']).toEqual({
      keys: ['default', 'root'],
    });
  });
});
