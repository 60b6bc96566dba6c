import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment, ErrorCode } from 'vaultproof';
import type { TokenBuilder } from 'vaultproof/issuer';
import {
  aws,
  azureServiceConnection,
  bitbucket,
  buildkite,
  circleci,
  entra,
  github,
  gitlab,
  google,
  serviceAccount,
  terraformRun,
} from 'vaultproof/issuer/presets';
import { expect, test } from 'vaultproof/vitest';
import { afterEach } from 'vitest';

// Folders of HCL that name the vendors' own URLs, applied as they stand, without a variable.

const folders = fileURLToPath(new URL('../../fixtures/hcl/vendors/', import.meta.url));

interface VendorFolder {
  readonly vendor: string;
  readonly login: { readonly mount: string; readonly role: string } | { readonly method: string };
  readonly token: TokenBuilder;
  /** A token of someone else's at the same vendor, and why it is refused. */
  readonly other: TokenBuilder;
  readonly refusal: { readonly code: ErrorCode; readonly claim?: string };
}

const mismatch = (claim: string) => ({ code: 'claim_mismatch', claim }) as const;
const otherSubject = { code: 'subject_mismatch' } as const;
const noRule = { code: 'no_binding_rule_matched' } as const;

const audience = 'https://vault.acme.example';
const githubJob = { repository: 'acme/payments', repositoryId: '74', audience };
const workflowRef = 'acme/workflows/.github/workflows/deploy.yml@refs/heads/main';
const reusing = { ...githubJob, ownerId: '65', jobWorkflowRef: workflowRef, environment: 'prod' };
const pipeline = { project: 'acme/site', projectId: '20', namespaceId: '72', audience };
const release = { ...pipeline, ref: 'release/1', refProtected: true };
const production = { ...pipeline, environment: 'production', environmentProtected: true };
const run = { organization: 'acme', organizationId: 'org-8RcX2bQ5vTzK1mNd', workspace: 'vpc' };
const circleciOrganization = 'c6e40f70-2a4f-4d2e-bd07-2b8bbf1a8d7e';
const circleciJob = {
  organizationId: circleciOrganization,
  projectId: '7f3b5d1c-9f0a-4a55-8d39-5cb02b1a4f10',
  audience: circleciOrganization,
};
const step = {
  organization: 'acme',
  organizationId: '0184990a-477b-4fa8-9968-496074483cee',
  pipeline: 'deploy',
  pipelineId: '0184990a-477b-4fa8-9968-496074483a01',
  optionalClaims: ['organization_id', 'pipeline_id'] as const,
  audience,
};
const bitbucketStep = {
  workspace: 'acme',
  workspaceUuid: '{7baee083-4f25-4a97-8a9a-0fde1b623b45}',
  repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}',
};
const account = {
  email: 'deploy@acme-prod.iam.gserviceaccount.com',
  serviceAccountId: '112010400000000710080',
  audience,
};
const tenantId = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
const workload = { tenantId, audience: '00001111-aaaa-2222-bbbb-3333cccc4444' };
const connection = {
  organizationId: '6804a3a0-e94c-41ae-9343-c5676fd58375',
  organization: 'acme',
  project: 'The Shop',
  serviceConnection: 'vault',
};
const awsIssuer = 'https://0b1c2d3e-4f50-4a61-8b72-9c83ad94be05.tokens.sts.global.api.aws';
const atConsul = { audience: 'https://consul.acme.example' };

const cases: Readonly<Record<string, VendorFolder>> = {
  'github-repositories': {
    vendor: 'https://token.actions.githubusercontent.com',
    login: { mount: 'github', role: 'payments' },
    token: github(githubJob),
    other: github({ ...githubJob, repository: 'mallory/payments', repositoryId: '99' }),
    refusal: mismatch('repository_id'),
  },
  'github-reusable-workflow': {
    vendor: 'https://token.actions.githubusercontent.com',
    login: { mount: 'github-workflows', role: 'deploy' },
    token: github(reusing),
    other: github({ ...reusing, jobWorkflowRef: workflowRef.replace('main', 'feature') }),
    refusal: mismatch('job_workflow_ref'),
  },
  'gitlab-projects': {
    vendor: 'https://gitlab.com',
    login: { mount: 'gitlab', role: 'protected' },
    token: gitlab(release),
    other: gitlab({ ...release, refProtected: false }),
    refusal: mismatch('ref_protected'),
  },
  'gitlab-environments-keys': {
    vendor: 'https://gitlab.com',
    login: { mount: 'jwt-gitlab', role: 'deploy-production' },
    token: gitlab(production),
    other: gitlab({ ...production, environmentProtected: false }),
    refusal: mismatch('environment_protected'),
  },
  'hcp-terraform-projects': {
    vendor: 'https://app.terraform.io',
    login: { mount: 'hcp-terraform', role: 'network-apply' },
    token: terraformRun({ ...run, projectId: 'prj-3kWbqhGkPzZ1yQnA' }),
    other: terraformRun({ ...run, projectId: 'prj-9mYdrjHmRaB2zSpC' }),
    refusal: mismatch('terraform_project_id'),
  },
  'circleci-contexts': {
    vendor: `https://oidc.circleci.com/org/${circleciOrganization}`,
    login: { mount: 'circleci', role: 'deploy' },
    token: circleci({ ...circleciJob, vcsOrigin: 'github.com/acme/app', vcsRef: 'refs/heads/main' }),
    other: circleci({ ...circleciJob, vcsOrigin: 'github.com/mallory/app', vcsRef: 'refs/heads/main' }),
    refusal: mismatch('oidc.circleci.com/vcs-origin'),
  },
  'buildkite-pipelines': {
    vendor: 'https://agent.buildkite.com',
    login: { mount: 'buildkite', role: 'deploy' },
    token: buildkite({ ...step, branch: 'main' }),
    other: buildkite({ ...step, branch: 'feature' }),
    refusal: mismatch('build_branch'),
  },
  'bitbucket-repositories': {
    vendor: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
    login: { mount: 'bitbucket', role: 'site' },
    token: bitbucket({ ...bitbucketStep, branch: 'main' }),
    other: bitbucket({ ...bitbucketStep, branch: 'feature' }),
    refusal: mismatch('branchName'),
  },
  'google-service-accounts': {
    vendor: 'https://accounts.google.com',
    login: { mount: 'google', role: 'deploy' },
    token: google(account),
    other: google({ ...account, serviceAccountId: '112010400000000710081' }),
    refusal: otherSubject,
  },
  'entra-workloads': {
    vendor: `https://login.microsoftonline.com/${tenantId}/v2.0`,
    login: { mount: 'entra', role: 'api' },
    token: entra({ ...workload, objectId: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb' }),
    other: entra({ ...workload, objectId: 'aaaaaaaa-0000-1111-2222-cccccccccccc' }),
    refusal: mismatch('oid'),
  },
  'azure-devops-connections': {
    vendor: 'https://vstoken.dev.azure.com/6804a3a0-e94c-41ae-9343-c5676fd58375',
    login: { mount: 'azure-devops', role: 'shop' },
    token: azureServiceConnection(connection),
    other: azureServiceConnection({ ...connection, serviceConnection: 'registry' }),
    refusal: otherSubject,
  },
  'aws-roles': {
    vendor: awsIssuer,
    login: { mount: 'aws-jwt', role: 'deploy' },
    token: aws({ issuer: awsIssuer, principalArn: 'arn:aws:iam::123456789012:role/deploy', audience }),
    other: aws({ issuer: awsIssuer, principalArn: 'arn:aws:iam::123456789012:role/build', audience }),
    refusal: otherSubject,
  },
  'kubernetes-cluster': {
    vendor: 'https://kubernetes.default.svc.cluster.local',
    login: { mount: 'kubernetes', role: 'payments-api' },
    token: serviceAccount({ namespace: 'payments', serviceAccount: 'api', audience: 'vault' }),
    other: serviceAccount({ namespace: 'payments', serviceAccount: 'worker', audience: 'vault' }),
    refusal: otherSubject,
  },
  'consul-github-deployers': {
    vendor: 'https://token.actions.githubusercontent.com',
    login: { method: 'github' },
    token: github({ ...githubJob, ...atConsul }),
    other: github({ ...githubJob, ...atConsul, ref: 'refs/heads/feature' }),
    refusal: noRule,
  },
  'consul-gitlab-services': {
    vendor: 'https://gitlab.com',
    login: { method: 'gitlab' },
    token: gitlab({ ...pipeline, ...atConsul, refProtected: true }),
    other: gitlab({ ...pipeline, ...atConsul, projectId: '22', refProtected: true }),
    refusal: noRule,
  },
};

test.override({ fileServices: { vault: true, consul: true, impersonate: [] } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

let applied: string | undefined;
afterEach(async () => {
  if (applied !== undefined) await env.applyJson({ output: { none: { value: 0 } } }, resolve(applied));
  applied = undefined;
});

test('each folder of the fixtures is tried', () => {
  expect(readdirSync(folders).sort()).toEqual(Object.keys(cases).sort());
});

test.each(Object.entries(cases))(
  "%s lets its vendor's token in, and not another of the same vendor",
  async (name, { vendor, login, token, other, refusal }) => {
    await env.impersonate(vendor);
    applied = `${folders}${name}`;
    const { created, passedOver } = await env.applyTerraform(applied);
    expect(created).not.toEqual([]);
    expect(passedOver).toEqual([]);

    const server = 'method' in login ? env.consul : env.vault;
    await expect(server).toLetIn(await env.issuer.sign(token), login);
    await expect(server).toRefuse(await env.issuer.sign(other), { ...login, ...refusal });
  },
);

test('no server asked for another host', () => {
  expect(env.proxy.refused).toEqual([]);
});
