import { lintCoverage } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';
import { consulLogin, login, policy } from './found.js';

const unknown = `\${var.unknown}`;
/** What is passed over, by `kind address: reason`. */
const passedOver = (json: unknown): string[] =>
  lintCoverage(json).passedOver.map(({ kind, address, reason }) => `${kind} ${address}: ${reason}`);

describe('what is looked at', () => {
  test('is counted by kind', () => {
    expect(lintCoverage(login())).toEqual({ lookedAt: { authMethod: 1, role: 1 }, passedOver: [] });
    expect(lintCoverage(consulLogin())).toEqual({
      lookedAt: { authMethod: 1, bindingRule: 1, policy: 1 },
      passedOver: [],
    });
    expect(lintCoverage({ output: { x: { value: 'a' } } })).toEqual({ lookedAt: {}, passedOver: [] });
  });

  test('is also what jsonencode gives, and what endpoints write', () => {
    const config_json = `\${jsonencode({ JWKSURL = var.keys })}`;
    expect(lintCoverage(consulLogin({ method: { config_json } })).lookedAt).toMatchObject({ authMethod: 1 });
    const mount = { vault_auth_backend: { jwt: { type: 'jwt' } } };
    const e = { path: `auth/\${vault_auth_backend.jwt.path}/config`, data_json: '{"jwks_url":"https://i.example"}' };
    const json = { resource: { ...mount, vault_generic_endpoint: { e } } };
    expect(lintCoverage(json)).toEqual({ lookedAt: { authMethod: 1 }, passedOver: [] });
  });

  test('is a policy document, and not the policy that has its text', () => {
    const data = { vault_policy_document: { d: { rule: [{ path: 'a', capabilities: ['read'] }] } } };
    const json = { ...policy(`\${data.vault_policy_document.d.hcl}`), data };
    expect(lintCoverage(json)).toEqual({ lookedAt: { policy: 1 }, passedOver: [] });
  });
});

describe('what is passed over', () => {
  test.each([
    [`\${file("p.hcl")}`, 'file()'],
    [`\${ templatefile("p.tftpl", { a = "}" }) }`, 'templatefile()'],
    [unknown, 'var.unknown'],
    [`\${data.vault_policy_document.gone.hcl}`, 'data.vault_policy_document.gone.hcl'],
    [`%{ if true }path "a" {}%{ endif }`, 'a template'],
    [`\${join("\\n", concat(["path"], var.paths))}`, 'var.paths in join()'],
    [`\${templatefile("p.tftpl", { "var.no" = local.known, team = var.team })}`, 'var.team in templatefile()'],
  ])('is a policy of %s', (text, reason) => {
    expect(lintCoverage({ ...policy(text), locals: { known: 'a' } })).toEqual({
      lookedAt: {},
      passedOver: [{ kind: 'policy', address: 'vault_policy.policy', reason }],
    });
  });

  test('is no policy with unknown parts, whose rest is read', () => {
    expect(passedOver(policy(`path "kv/\${var.team}/*" { capabilities = ["read"] }`))).toEqual([]);
  });

  test.each([
    [login({ role: { bound_claims: unknown } }), ['role vault_jwt_auth_backend_role.role: var.unknown']],
    [login({ role: { dynamic: { bound_claims: {} } } }), ['role vault_jwt_auth_backend_role.role: a dynamic block']],
    [consulLogin({ method: { config_json: `\${file("c.json")}` } }), ['authMethod consul_acl_auth_method.jwt: file()']],
    [
      consulLogin({ method: { type: 'kubernetes' }, rule: { selector: 'serviceaccount.namespace == "a"' } }),
      [
        'authMethod consul_acl_auth_method.jwt: type kubernetes',
        'bindingRule consul_acl_binding_rule.rule: not of a JWT login',
      ],
    ],
    [consulLogin({ rule: { selector: unknown } }), ['bindingRule consul_acl_binding_rule.rule: var.unknown']],
    [
      consulLogin({ more: { consul_acl_policy: { reader: { name: 'reader', rules: `\${file("r.hcl")}` } } } }),
      ['policy consul_acl_policy.reader: file()'],
    ],
    [
      { resource: { vault_auth_backend: { a: { type: 'github' } }, vault_ldap_auth_backend: { l: {} } } },
      ['authMethod vault_auth_backend.a: type github', 'authMethod vault_ldap_auth_backend.l: vault_ldap_auth_backend'],
    ],
    [
      {
        resource: {
          vault_kubernetes_auth_backend_role: {
            known: { bound_service_account_names: ['app'] },
            r: { bound_service_account_names: unknown },
          },
        },
      },
      ['role vault_kubernetes_auth_backend_role.r: var.unknown'],
    ],
    [
      { resource: { vault_approle_auth_backend_role: { r: {} } } },
      ['role vault_approle_auth_backend_role.r: vault_approle_auth_backend_role'],
    ],
    [
      {
        resource: {
          vault_generic_endpoint: {
            a: { path: 'auth/jwt/config', data_json: `\${file("c.json")}` },
            b: { path: 'auth/jwt/role/r', data_json: unknown },
            c: { path: 'sys/policies/acl/p', data_json: unknown },
            d: { path: 'identity/group', data_json: unknown },
            e: { path: 'auth/jwt/config', data_json: `\${jsonencode({ jwks_url = var.keys })}` },
          },
        },
      },
      [
        'authMethod vault_generic_endpoint.a: file()',
        'role vault_generic_endpoint.b: var.unknown',
        'policy vault_generic_endpoint.c: var.unknown',
        'resource vault_generic_endpoint.d: var.unknown',
      ],
    ],
    [{ module: { m: { source: './m' } } }, ['module module.m: lint a plan for it']],
    [{ resource: { aws_instance: { i: {} } } }, ['resource aws_instance.i: aws_instance']],
  ])('of %j is %j', (json, expected) => {
    expect(passedOver(json)).toEqual(expected);
  });

  test('of a plan is what is known after apply', () => {
    const address = 'vault_policy.p';
    const plan = {
      format_version: '1.2',
      planned_values: {
        root_module: { resources: [{ address, mode: 'managed', type: 'vault_policy', name: 'p', values: {} }] },
      },
      resource_changes: [{ address, change: { after_unknown: { policy: true } } }],
      configuration: { root_module: { resources: [{ address, expressions: { policy: { references: [] } } }] } },
    };
    expect(passedOver(plan)).toEqual(['policy vault_policy.p: known after apply']);
  });
});
