import { terraformProvisioner } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach, onTestFinished } from 'vitest';
import { jwtConfiguration, requiresProviders } from '../../support/terraform-provider.js';

beforeEach(requiresProviders('vault'));

const ROLE = { address: 'vault_jwt_auth_backend_role.reader', constructPath: 'demo/reader' };
const BACKEND = { address: 'vault_jwt_auth_backend.jwt', constructPath: 'demo/jwt' };

/** What stays in Vault when it is no longer declared, sorted as a plan has it. */
const STAYING = ['allowed_redirect_uris', 'claim_mappings', 'max_age', 'oidc_scopes'];

/** Fields that are declared at first and then no more. */
const declared = {
  claim_mappings: { department: 'department' },
  oidc_scopes: ['groups'],
  allowed_redirect_uris: ['http://127.0.0.1/'],
  max_age: 5,
  bound_claims: { ref: 'main,release' },
  bound_subject: 'vishpat',
  groups_claim: 'groups',
  token_ttl: 60,
  token_bound_cidrs: ['127.0.0.1/32'],
};

test('fields that are taken away and stay in vault are named, and so is the plan that is never empty', async ({
  env,
}) => {
  await env.terraform.apply('demo', jwtConfiguration(env, { role: declared }));
  const failure = env.terraform.apply('demo', jwtConfiguration(env));
  await expect(failure).rejects.toMatchObject({
    code: 'plan_not_empty',
    message: expect.stringContaining('terraform apply -replace=vault_jwt_auth_backend_role.reader'),
    details: {
      replace: ['vault_jwt_auth_backend_role.reader'],
      changes: [{ ...ROLE, action: 'update', attributes: STAYING }],
      differences: [
        { ...ROLE, field: 'allowed_redirect_uris', declared: undefined, found: ['http://127.0.0.1/'] },
        { ...ROLE, field: 'claim_mappings', declared: undefined, found: { department: 'department' } },
        { ...ROLE, field: 'max_age', declared: undefined, found: 5 },
        { ...ROLE, field: 'oidc_scopes', declared: undefined, found: ['groups'] },
      ],
    },
  });
  const { data } = await env.vault.request('GET', 'auth/jwt/role/reader');
  expect(data).toMatchObject({ claim_mappings: { department: 'department' }, bound_subject: '', token_ttl: 0 });
});

test('what the plan does not notice is read back: a changed description, a tuning that is taken away', async ({
  env,
}) => {
  const first = { description: 'one', tune: [tuning({ default_lease_ttl: '10m', max_lease_ttl: '1h' })] };
  expect(await env.terraform.apply('demo', jwtConfiguration(env, { backend: first }))).toMatchObject({
    pending: [],
    differences: [],
  });
  const { pending, differences } = await env.terraform.apply(
    'demo',
    jwtConfiguration(env, { backend: { description: 'two' } }),
  );
  expect(pending).toEqual([]);
  expect(differences).toEqual([
    { ...BACKEND, field: 'description', declared: 'two', found: 'one' },
    { ...BACKEND, field: 'tune.default_lease_ttl', declared: undefined, found: 600 },
    { ...BACKEND, field: 'tune.max_lease_ttl', declared: undefined, found: 3600 },
  ]);
});

test('what somebody else changes behind terraform is found, and put right by the next apply', async ({ env }) => {
  const terraform = terraformProvisioner({ vault: env.vault, onPendingChanges: 'report' });
  onTestFinished(() => terraform.stop());
  await terraform.apply('demo', jwtConfiguration(env, { role: { bound_subject: 'vishpat' } }));
  await env.vault.request('POST', 'auth/jwt/role/reader', {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_subject: 'mallory',
  });
  const found = await terraform.plan('demo', jwtConfiguration(env, { role: { bound_subject: 'vishpat' } }));
  expect(found).toEqual([{ ...ROLE, action: 'update', attributes: ['bound_subject'] }]);
  const again = await terraform.apply('demo', jwtConfiguration(env, { role: { bound_subject: 'vishpat' } }));
  expect(again).toMatchObject({ updated: [ROLE.address], pending: [], differences: [] });
});

test('differences and changes that are left are reported or thrown, as one likes', async ({ env }) => {
  const reporting = terraformProvisioner({ vault: env.vault, onPendingChanges: 'report' });
  onTestFinished(() => reporting.stop());
  await reporting.apply('demo', jwtConfiguration(env, { role: declared }));
  expect(await reporting.apply('demo', jwtConfiguration(env))).toMatchObject({
    pending: [{ ...ROLE, action: 'update', attributes: STAYING }],
    differences: STAYING.map((field) => ({ ...ROLE, field })),
  });
});

test('a field that vault does not have as declared is an error where that is asked for', async ({ env }) => {
  const strict = terraformProvisioner({ vault: env.vault, onDifferences: 'throw' });
  onTestFinished(() => strict.stop());
  await strict.apply('demo', jwtConfiguration(env, { backend: { description: 'one' } }));
  await expect(strict.apply('demo', jwtConfiguration(env, { backend: { description: 'two' } }))).rejects.toMatchObject({
    code: 'read_back_differs',
    details: { differences: [{ ...BACKEND, field: 'description', declared: 'two' }] },
  });
});

/** The provider wants every argument of the block, if only to be null. */
function tuning(values: Readonly<Record<string, unknown>>) {
  return {
    default_lease_ttl: null,
    max_lease_ttl: null,
    token_type: null,
    listing_visibility: null,
    allowed_response_headers: null,
    audit_non_hmac_request_keys: null,
    audit_non_hmac_response_keys: null,
    passthrough_request_headers: null,
    ...values,
  };
}
