import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createIssuer, type Issuer, type TokenBuilder } from 'vaultproof/issuer';
import {
  jwtSvid,
  serviceAccount,
  terraformModuleTest,
  terraformRun,
  terraformRunVariables,
} from 'vaultproof/issuer/presets';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

let issuer: Issuer;

beforeAll(async () => {
  // A clock that stands still.
  vi.useFakeTimers({ toFake: ['Date'], now: 1_650_486_122_000 });
  issuer = await createIssuer('http://127.0.0.1:1', { algorithms: ['RS256', 'ES256'] });
});
afterAll(() => {
  vi.useRealTimers();
});

const claimsOf = async (token: TokenBuilder): Promise<unknown> => decodeJwt(await issuer.sign(token));
const headerOf = async (token: TokenBuilder): Promise<unknown> => decodeProtectedHeader(await issuer.sign(token));

test('the token of a run has HCP Terraform’s claims, and lives until the phase’s timeout', async () => {
  const token = terraformRun({ organization: 'my-org', workspace: 'my-workspace' });
  expect(await claimsOf(token)).toEqual({
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    iss: 'https://app.terraform.io',
    aud: 'vault.workload.identity',
    iat: 1_650_486_122,
    nbf: 1_650_486_117,
    exp: 1_650_572_522,
    sub: 'organization:my-org:project:Default Project:workspace:my-workspace:run_phase:apply',
    terraform_organization_id: expect.stringMatching(/^org-[0-9A-Za-z]{16}$/),
    terraform_organization_name: 'my-org',
    terraform_project_id: expect.stringMatching(/^prj-[0-9A-Za-z]{16}$/),
    terraform_project_name: 'Default Project',
    terraform_workspace_id: expect.stringMatching(/^ws-[0-9A-Za-z]{16}$/),
    terraform_workspace_name: 'my-workspace',
    terraform_full_workspace: 'organization:my-org:project:Default Project:workspace:my-workspace',
    terraform_run_id: expect.stringMatching(/^run-[0-9A-Za-z]{16}$/),
    terraform_run_phase: 'apply',
  });
  expect(await headerOf(token)).toEqual({ alg: 'RS256', kid: issuer.keys.active('RS256').kid, typ: 'JWT' });
});

test('a plan has its own subject and a shorter life', async () => {
  expect(await claimsOf(terraformRun({ organization: 'o', workspace: 'w', runPhase: 'plan' }))).toMatchObject({
    sub: 'organization:o:project:Default Project:workspace:w:run_phase:plan',
    terraform_run_phase: 'plan',
    exp: 1_650_493_322,
  });
});

test('the token of a module’s test has no workspace and no project', async () => {
  expect(await claimsOf(terraformModuleTest({ organization: 'my-org', module: 'terraform-aws-vpc' }))).toEqual({
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    iss: 'https://app.terraform.io',
    aud: 'vault.workload.identity',
    iat: 1_650_486_122,
    nbf: 1_650_486_092,
    exp: 1_650_486_722,
    sub: 'organization:my-org:module:terraform-aws-vpc:operation:test_run',
    terraform_run_phase: 'plan',
    terraform_organization_id: expect.stringMatching(/^org-/),
    terraform_organization_name: 'my-org',
    terraform_run_id: expect.stringMatching(/^trun-/),
  });
});

test('a run’s variables have a token, and one more for each tag', async () => {
  const variables = await terraformRunVariables(
    issuer,
    { organization: 'o', workspace: 'w' },
    { EU: 'vault-eu.workload.identity' },
  );
  expect(Object.entries(variables).map(([name, jwt]) => [name, decodeJwt(jwt).aud])).toEqual([
    ['TFC_WORKLOAD_IDENTITY_TOKEN', 'vault.workload.identity'],
    ['TFC_WORKLOAD_IDENTITY_TOKEN_EU', 'vault-eu.workload.identity'],
  ]);
});

test('the token of a service account has a list for aud, its object inside, and no typ', async () => {
  const token = serviceAccount({ namespace: 'prod', serviceAccount: 'app' });
  const uid = expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(await claimsOf(token)).toEqual({
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    iss: 'https://kubernetes.default.svc.cluster.local',
    aud: ['vault'],
    iat: 1_650_486_122,
    nbf: 1_650_486_122,
    exp: 1_650_489_722,
    sub: 'system:serviceaccount:prod:app',
    'kubernetes.io': {
      namespace: 'prod',
      node: { name: 'node-0', uid },
      pod: { name: 'app-0', uid },
      serviceaccount: { name: 'app', uid },
    },
  });
  expect(await headerOf(token)).toEqual({ alg: 'RS256', kid: issuer.keys.active('RS256').kid });
});

test('a JWT-SVID has sub, aud as a list, iat, exp and SPIRE’s iss, and nothing else', async () => {
  const svid = { trustDomain: 'example.org', path: '/ns/prod/sa/app', audience: 'vault' };
  expect(await claimsOf(jwtSvid({ ...svid, issuer: 'https://spire.example.org' }))).toEqual({
    sub: 'spiffe://example.org/ns/prod/sa/app',
    aud: ['vault'],
    iss: 'https://spire.example.org',
    iat: 1_650_486_122,
    exp: 1_650_486_422,
  });
  expect(await claimsOf(jwtSvid({ ...svid, issuer: null }))).not.toHaveProperty('iss');
  expect(await headerOf(jwtSvid({ ...svid, issuer: null }))).toMatchObject({ alg: 'ES256', typ: 'JWT' });
  expect(await headerOf(jwtSvid({ ...svid, issuer: null, alg: 'RS256' }))).toMatchObject({ alg: 'RS256' });
});

test('a header and an algorithm that are given take the place of a vendor’s', async () => {
  const token = serviceAccount({ namespace: 'prod', serviceAccount: 'app' });
  const jwt = await issuer.sign(token, { alg: 'ES256', header: { typ: 'at+jwt' } });
  expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
});
