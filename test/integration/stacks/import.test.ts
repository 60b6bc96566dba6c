import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach, describe } from 'vitest';
import { synthesise } from '../../../harness/provision/synth.js';
import { requires } from '../../support/requirement.js';
import { init, terraformFolder } from '../../support/terraform.js';

describe('with terraform and the real provider', () => {
  beforeEach(requires('terraform'));

  test('what was made by hand is imported, and then nothing is left to change', async ({ env, skip }) => {
    const { issuer, vault } = env;
    const [stack] = await synthesise(
      (app) =>
        new VaultJwtStack(app, 'vault-jwt', {
          kv: {},
          jwksUrl: issuer.jwksUrlFor(vault),
          boundIssuer: issuer.url,
          roles: [{ roleName: 'reader', boundSubject: 'vishpat', boundAudiences: ['a'], tokenPolicies: ['reader'] }],
          policies: [{ name: 'reader', rules: [{ secrets: 'vishpat/*', access: ['read'] }] }],
        }),
    );
    const terraform = await terraformFolder(vault);
    await terraform.declare(stack?.json);
    await init(terraform, skip);
    const byHand: readonly (readonly [string, string, object])[] = [
      ['POST', 'sys/auth/jwt', { type: 'jwt' }],
      [
        'POST',
        'auth/jwt/config',
        {
          jwks_url: issuer.jwksUrlFor(vault),
          bound_issuer: issuer.url,
          jwt_supported_algs: ['ES256', 'RS256'],
          default_role: 'reader',
        },
      ],
      ['PUT', 'sys/policies/acl/reader', { policy: 'path "kv/data/vishpat/*" {\n  capabilities = ["read"]\n}\n' }],
      [
        'POST',
        'auth/jwt/role/reader',
        {
          role_type: 'jwt',
          user_claim: 'sub',
          bound_subject: 'vishpat',
          bound_audiences: ['a'],
          token_policies: ['reader'],
          token_ttl: 900,
          token_max_ttl: 3600,
        },
      ],
      ['POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } }],
    ];
    for (const [method, path, body] of byHand) await vault.request(method, path, body);
    for (const [address, id] of [
      ['vault_jwt_auth_backend.jwt', 'jwt'],
      ['vault_jwt_auth_backend_role.role-reader', 'auth/jwt/role/reader'],
      ['vault_policy.policy-reader', 'reader'],
      ['vault_mount.kv', 'kv'],
    ] as const) {
      expect(await terraform.run('import', address, id)).toMatchObject({ exitCode: 0 });
    }
    const plan = await terraform.run('plan', '-detailed-exitcode');
    expect(plan.all).not.toMatch(/will be (?:created|updated|destroyed|replaced)/);
  });
});
