import { describe, expect, test } from 'vitest';
import { planResources } from '../../../harness/provision/plan.js';
import { readTerraformJson } from '../../../harness/provision/terraform-json.js';

function plan(resource: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string[] {
  return planResources(readTerraformJson({ resource })).map(({ declared }) => declared.address);
}

const mount = { path: 'kv', type: 'kv' };
const policy = { name: 'reader', policy: '' };

describe('a plan', () => {
  test('has every resource after those that it refers to', () => {
    const role = { backend: `\${vault_jwt_auth_backend.jwt.path}`, role_name: 'r', user_claim: 'sub' };
    expect(
      plan({
        vault_jwt_auth_backend_role: { r: { ...role, token_policies: [`\${vault_policy.p.name}`] } },
        vault_policy: { p: { name: 'p', policy: `path "\${vault_mount.kv.path}/*" {}` } },
        vault_jwt_auth_backend: { jwt: { jwks_url: 'http://127.0.0.1/jwks' } },
        vault_mount: { kv: mount },
      }),
    ).toEqual(['vault_jwt_auth_backend.jwt', 'vault_mount.kv', 'vault_policy.p', 'vault_jwt_auth_backend_role.r']);
  });

  test('has every resource after those that it depends on', () => {
    expect(
      plan({
        vault_policy: { p: { ...policy, depends_on: ['vault_mount.kv'] } },
        vault_mount: { kv: mount },
      }),
    ).toEqual(['vault_mount.kv', 'vault_policy.p']);
  });

  test('may be empty', () => {
    expect(plan({})).toEqual([]);
  });

  test('takes references to computed attributes', () => {
    expect(
      plan({
        vault_policy: { p: { name: `\${vault_mount.kv.accessor}`, policy: '' } },
        vault_mount: { kv: mount },
      }),
    ).toEqual(['vault_mount.kv', 'vault_policy.p']);
  });
});

describe('a plan is refused', () => {
  test('for a dependency that is not there', () => {
    expect(() => plan({ vault_policy: { p: { ...policy, depends_on: ['vault_mount.kv'] } } })).toThrow(
      expect.objectContaining({
        code: 'unsupported_expression',
        details: { problems: ['depends_on "vault_mount.kv" of "vault_policy.p"'] },
      }),
    );
  });

  test('for a circle, with those that are in it or wait for it', () => {
    expect(() =>
      plan({
        vault_policy: {
          a: { name: `\${vault_policy.b.name}`, policy: '' },
          b: { name: `\${vault_policy.a.name}`, policy: '' },
          c: { name: `\${vault_policy.a.name}`, policy: '' },
          d: policy,
        },
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'dependency_cycle',
        details: { addresses: ['vault_policy.a', 'vault_policy.b', 'vault_policy.c'] },
      }),
    );
  });

  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])(
    'for the argument "%s", which every object has',
    (name) => {
      const body = JSON.parse(`{"name": "p", "policy": "", "${name}": "x"}`) as Readonly<Record<string, unknown>>;
      expect(() => plan({ vault_policy: { p: body } })).toThrow(
        expect.objectContaining({ code: 'unsupported_attribute' }),
      );
    },
  );
});
