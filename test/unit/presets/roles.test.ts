import { aws, awsRole } from 'vaultproof/stacks/presets/aws';
import { azureDevops, azureDevopsRole } from 'vaultproof/stacks/presets/azure-devops';
import { bitbucket, bitbucketRole } from 'vaultproof/stacks/presets/bitbucket';
import { buildkite, buildkiteRole } from 'vaultproof/stacks/presets/buildkite';
import { circleci, circleciRole } from 'vaultproof/stacks/presets/circleci';
import { entra, entraRole } from 'vaultproof/stacks/presets/entra';
import { type GitHubActionsProps, githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';
import { gitlabCi, gitlabCiRole } from 'vaultproof/stacks/presets/gitlab-ci';
import { google, googleRole } from 'vaultproof/stacks/presets/google';
import { hcpTerraform, hcpTerraformRole } from 'vaultproof/stacks/presets/hcp-terraform';
import { kubernetes, kubernetesRole } from 'vaultproof/stacks/presets/kubernetes';
import { spiffe, spiffeRole } from 'vaultproof/stacks/presets/spiffe';
import { describe, expect, test } from 'vitest';

const common = { roleName: 'deploy', audience: 'https://vault.example', tokenPolicies: ['deploy'] };
const times = { tokenTtl: 300, tokenMaxTtl: 900 };
const github = { ...common, repositoryId: '74', ref: 'refs/heads/main' };
const gitlab = { ...common, projectId: '20', ref: 'main' };
const terraform = { ...common, organizationId: 'org-1', workspaceId: 'ws-1', runPhase: 'apply' as const };
const pipeline = {
  ...common,
  organizationId: '0184990a-477b-4fa8-9968-496074483c77',
  pipelineId: '0184990a-4782-42b5-afc1-16715b10b1b0',
};
const circle = {
  ...common,
  projectId: 'c2a3b1de-8f0b-4d0f-9b8d-5f1e2a3b4c5d',
  vcsOrigin: 'github.com/acme/app',
  vcsRef: 'refs/heads/main',
};
const robot = { ...common, serviceAccountId: '112010400000000710080' };
const tenantId = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
const principal = { ...common, objectId: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb' };
const connection = {
  roleName: 'deploy',
  tokenPolicies: ['deploy'],
  organization: 'acme',
  project: 'shop',
  serviceConnection: 'vault',
};
const step = { ...common, repositoryUuid: '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}', branch: 'main' };
const principalArn = 'arn:aws:iam::123456789012:role/deploy';
const pod = { ...common, namespace: 'prod', serviceAccount: 'app' };
const workload = { ...common, trustDomain: 'example.org', path: '/ns/prod/sa/app' };

describe('the backend', () => {
  test.each<[GitHubActionsProps, string]>([
    [{}, 'https://token.actions.githubusercontent.com'],
    [{ enterprise: 'octocat-inc' }, 'https://token.actions.githubusercontent.com/octocat-inc'],
    [{ subdomain: 'octocorp' }, 'https://token.actions.octocorp.ghe.com'],
    [{ subdomain: 'octocorp', enterprise: 'octocorp' }, 'https://token.actions.octocorp.ghe.com/octocorp'],
    [{ host: 'github.example' }, 'https://github.example/_services/token'],
  ])('of GitHub with %j is %s', (props, boundIssuer) => {
    expect(githubActions(props)).toEqual({
      boundIssuer,
      jwksUrl: `${boundIssuer}/.well-known/jwks`,
      jwtSupportedAlgs: ['RS256'],
    });
  });

  test('of a GitHub server has no enterprise', () => {
    expect(() => githubActions({ host: 'github.example', enterprise: 'acme' })).toThrow(TypeError);
  });

  test('of GitLab is gitlab.com, or an instance without a slash at its end', () => {
    expect(gitlabCi()).toEqual({
      boundIssuer: 'https://gitlab.com',
      jwksUrl: 'https://gitlab.com/oauth/discovery/keys',
      jwtSupportedAlgs: ['RS256'],
    });
    expect(gitlabCi({ url: 'https://gitlab.example' }).boundIssuer).toBe('https://gitlab.example');
    expect(() => gitlabCi({ url: 'https://gitlab.example/' })).toThrow(TypeError);
  });

  test('of HCP Terraform is app.terraform.io, or another host', () => {
    expect(hcpTerraform()).toEqual({
      boundIssuer: 'https://app.terraform.io',
      jwksUrl: 'https://app.terraform.io/.well-known/jwks',
      jwtSupportedAlgs: ['RS256'],
    });
    expect(hcpTerraform({ host: 'tfe.example' }).boundIssuer).toBe('https://tfe.example');
  });

  test('of Buildkite is the one that all organizations share', () => {
    expect(buildkite()).toEqual({
      boundIssuer: 'https://agent.buildkite.com',
      jwksUrl: 'https://agent.buildkite.com/.well-known/jwks',
      jwtSupportedAlgs: ['RS256'],
    });
  });

  test('of CircleCI is the organization’s', () => {
    const boundIssuer = 'https://oidc.circleci.com/org/8e7ac8b4-d29c-4c3a-8d9f-2b5f2f1a1a11';
    expect(circleci({ organizationId: '8e7ac8b4-d29c-4c3a-8d9f-2b5f2f1a1a11' })).toEqual({
      boundIssuer,
      jwksUrl: `${boundIssuer}/.well-known/jwks-pub.json`,
      jwtSupportedAlgs: ['RS256'],
    });
  });

  test('of Google has its keys at another host', () => {
    expect(google()).toEqual({
      boundIssuer: 'https://accounts.google.com',
      jwksUrl: 'https://www.googleapis.com/oauth2/v3/certs',
      jwtSupportedAlgs: ['RS256'],
    });
  });

  test('of Microsoft Entra is the tenant’s, one for each version of its tokens', () => {
    expect(entra({ tenantId })).toEqual({
      boundIssuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
      jwksUrl: `https://login.microsoftonline.com/${tenantId}/discovery/v2.0/keys`,
      jwtSupportedAlgs: ['RS256'],
    });
    expect(entra({ tenantId, version: '1.0' })).toEqual({
      boundIssuer: `https://sts.windows.net/${tenantId}/`,
      jwksUrl: 'https://login.microsoftonline.com/common/discovery/keys',
      jwtSupportedAlgs: ['RS256'],
    });
  });

  test('of Azure DevOps is the organization’s, with the keys of all', () => {
    expect(azureDevops({ organizationId: tenantId })).toEqual({
      boundIssuer: `https://vstoken.dev.azure.com/${tenantId}`,
      jwksUrl: 'https://vstoken.dev.azure.com/.well-known/jwks',
      jwtSupportedAlgs: ['RS256'],
    });
  });

  test('of Bitbucket is the workspace’s', () => {
    const boundIssuer = 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc';
    expect(bitbucket({ workspace: 'acme' })).toEqual({
      boundIssuer,
      jwksUrl: `${boundIssuer}/keys.json`,
      jwtSupportedAlgs: ['RS256'],
    });
  });

  test('of AWS is the account’s, with both algorithms that a call may ask for', () => {
    const boundIssuer = 'https://abc123-def456.tokens.sts.global.api.aws';
    expect(aws({ issuer: boundIssuer })).toEqual({
      boundIssuer,
      jwksUrl: `${boundIssuer}/.well-known/jwks.json`,
      jwtSupportedAlgs: ['RS256', 'ES384'],
    });
  });

  test('of Kubernetes is the cluster’s issuer', () => {
    expect(kubernetes()).toEqual({
      boundIssuer: 'https://kubernetes.default.svc.cluster.local',
      jwksUrl: 'https://kubernetes.default.svc.cluster.local/openid/v1/jwks',
      jwtSupportedAlgs: ['RS256'],
    });
    const hosted = { issuer: 'https://oidc.example/1', jwksUrl: 'https://oidc.example/1/keys', algorithms: ['ES256'] };
    expect(kubernetes(hosted)).toEqual({
      boundIssuer: 'https://oidc.example/1',
      jwksUrl: 'https://oidc.example/1/keys',
      jwtSupportedAlgs: ['ES256'],
    });
  });

  test('of SPIFFE is SPIRE’s, which has to be named', () => {
    expect(spiffe({ issuer: 'https://spire.example' })).toEqual({
      boundIssuer: 'https://spire.example',
      jwksUrl: 'https://spire.example/keys',
      jwtSupportedAlgs: ['ES256', 'ES384', 'RS256'],
    });
    expect(() => spiffe({ issuer: '' })).toThrow(TypeError);
  });
});

describe('the role', () => {
  test('of GitHub has the ids, the ref and the events that nobody else causes', () => {
    expect(githubActionsRole({ ...github, ownerId: '65', repository: 'acme/app' })).toEqual({
      roleName: 'deploy',
      boundAudiences: ['https://vault.example'],
      boundClaims: {
        repository: 'acme/app',
        repository_id: '74',
        repository_owner_id: '65',
        ref: 'refs/heads/main',
        event_name: ['push', 'release', 'schedule', 'workflow_dispatch'],
      },
      userClaim: 'repository_id',
      tokenPolicies: ['deploy'],
      ...times,
    });
  });

  test('of GitHub for pull requests has the beginning of their refs', () => {
    const pulls = { ...common, repositoryId: '74', ref: { below: 'refs/pull/' }, event: 'pull_request' };
    expect(githubActionsRole(pulls)).toMatchObject({
      boundClaims: { repository_id: '74', ref: 'refs/pull/*', event_name: 'pull_request' },
      boundClaimsType: 'glob',
    });
  });

  test('of GitLab has the project, the ref, its type and its protection', () => {
    expect(gitlabCiRole(gitlab)).toMatchObject({
      boundClaims: { project_id: '20', ref: 'main', ref_type: 'branch', ref_protected: 'true' },
      userClaim: 'project_id',
      ...times,
    });
    expect(gitlabCiRole({ ...common, namespaceId: '72', environment: { below: 'review/' } })).toMatchObject({
      boundClaims: {
        namespace_id: '72',
        environment: 'review/*',
        environment_protected: 'true',
        ref_protected: 'true',
      },
      boundClaimsType: 'glob',
    });
    const open = { ...gitlab, environment: 'dev', refProtected: false, environmentProtected: false };
    expect(gitlabCiRole(open).boundClaims).toEqual({
      project_id: '20',
      ref: 'main',
      ref_type: 'branch',
      environment: 'dev',
    });
  });

  test('of HCP Terraform has the organization, the workspace and the phase, for 20 minutes', () => {
    const { audience: _audience, ...rest } = terraform;
    expect(hcpTerraformRole(rest)).toEqual({
      roleName: 'deploy',
      boundAudiences: ['vault.workload.identity'],
      boundClaims: {
        terraform_organization_id: 'org-1',
        terraform_workspace_id: 'ws-1',
        terraform_run_phase: 'apply',
      },
      userClaim: 'terraform_workspace_id',
      tokenPolicies: ['deploy'],
      tokenTtl: 1200,
      tokenMaxTtl: 1200,
    });
  });

  test('of Azure DevOps has the connection’s full name, and the one audience that there is', () => {
    expect(azureDevopsRole(connection)).toMatchObject({
      boundAudiences: ['api://AzureADTokenExchange'],
      boundSubject: 'sc://acme/shop/vault',
      userClaim: 'sub',
      ...times,
    });
  });

  test('of Kubernetes has the account’s full name and its parts', () => {
    expect(kubernetesRole(pod)).toMatchObject({
      boundSubject: 'system:serviceaccount:prod:app',
      boundClaims: { '/kubernetes.io/namespace': 'prod', '/kubernetes.io/serviceaccount/name': 'app' },
      userClaim: 'sub',
      ...times,
    });
  });

  test('of SPIFFE has one id, or all that are below one', () => {
    const one = spiffeRole(workload);
    expect(one).toMatchObject({ boundSubject: 'spiffe://example.org/ns/prod/sa/app', userClaim: 'sub' });
    expect(one).not.toHaveProperty('boundClaims');
    const several = spiffeRole({ ...workload, path: { below: '/ns/prod/' } });
    expect(several).toMatchObject({ boundClaims: { sub: 'spiffe://example.org/ns/prod/*' }, boundClaimsType: 'glob' });
    expect(several).not.toHaveProperty('boundSubject');
  });

  test('can live longer, and its longest time follows', () => {
    expect(githubActionsRole({ ...github, tokenTtl: 3600 })).toMatchObject({ tokenTtl: 3600, tokenMaxTtl: 3600 });
    expect(hcpTerraformRole({ ...terraform, tokenMaxTtl: 900 })).toMatchObject({ tokenTtl: 900, tokenMaxTtl: 900 });
    expect(githubActionsRole({ ...github, tokenMaxTtl: 60 })).toMatchObject({ tokenTtl: 60, tokenMaxTtl: 60 });
    expect(githubActionsRole({ ...github, tokenMaxTtl: 7200 })).toMatchObject({ tokenTtl: 300, tokenMaxTtl: 7200 });
  });
});

describe('bounds that let strangers in are refused, with what to add', () => {
  const cases: [string, () => unknown, string][] = [
    ['GitHub without a tenant', () => githubActionsRole({ ...common, ref: 'refs/heads/main' }), 'repositoryId'],
    [
      'GitHub by a name alone',
      () => githubActionsRole({ ...common, repository: 'acme/app', ref: 'refs/heads/main' }),
      'repositoryId',
    ],
    [
      'an owner’s repositories',
      () => githubActionsRole({ ...common, ownerId: '65', ref: 'refs/heads/main' }),
      'jobWorkflowRef',
    ],
    ['every branch of a repository', () => githubActionsRole({ ...common, repositoryId: '74' }), 'environment'],
    ['every push', () => githubActionsRole({ ...common, repositoryId: '74', event: 'push' }), 'environment'],
    ['GitLab without a tenant', () => gitlabCiRole({ ...common, ref: 'main' }), 'projectId'],
    ['every branch of a project', () => gitlabCiRole({ ...common, projectId: '20' }), 'environment'],
    [
      'HCP Terraform without a tenant',
      () => hcpTerraformRole({ ...terraform, organizationId: undefined as never }),
      'organizationId',
    ],
    [
      'a whole organization',
      () => hcpTerraformRole({ ...common, organizationId: 'org-1', runPhase: 'apply' }),
      'workspaceId',
    ],
    ['any phase', () => hcpTerraformRole({ ...terraform, runPhase: undefined as never }), 'runPhase'],
    [
      'Buildkite without a tenant',
      () => buildkiteRole({ ...pipeline, organizationId: undefined as never, branch: 'main' }),
      'organizationId',
    ],
    [
      'every pipeline of an organization',
      () => buildkiteRole({ ...pipeline, pipelineId: undefined as never, branch: 'main' }),
      'pipelineId',
    ],
    ['every branch of a pipeline', () => buildkiteRole(pipeline), 'branch or tag'],
    ['every project of CircleCI', () => circleciRole({ ...circle, projectId: undefined as never }), 'projectId'],
    ['builds of forks', () => circleciRole({ ...circle, vcsOrigin: undefined as never }), 'vcsOrigin'],
    ['every ref of a repository', () => circleciRole({ ...circle, vcsRef: undefined as never }), 'vcsRef'],
    [
      'every account of Google',
      () => googleRole({ ...robot, serviceAccountId: undefined as never }),
      'serviceAccountId',
    ],
    ['every principal of a tenant', () => entraRole({ ...common, clientId: tenantId }), 'objectId or groupId'],
    ...['organization', 'project', 'serviceConnection'].map((name): [string, () => unknown, string] => [
      `any ${name} of Azure DevOps`,
      () => azureDevopsRole({ ...connection, [name]: undefined as never }),
      name,
    ]),
    [
      'every repository of a workspace',
      () => bitbucketRole({ ...step, repositoryUuid: undefined as never }),
      'repositoryUuid',
    ],
    [
      'every branch of a repository at Bitbucket',
      () => bitbucketRole({ ...common, repositoryUuid: step.repositoryUuid }),
      'branch or deploymentEnvironmentUuid',
    ],
    ['every role of an account', () => awsRole({ ...common, organizationId: 'o-1' } as never), 'principalArn'],
    ['any namespace', () => kubernetesRole({ ...pod, namespace: undefined as never }), 'namespace'],
    ['any account', () => kubernetesRole({ ...pod, serviceAccount: undefined as never }), 'serviceAccount'],
    ['any trust domain', () => spiffeRole({ ...workload, trustDomain: undefined as never }), 'trustDomain'],
    ['a whole trust domain', () => spiffeRole({ ...workload, path: undefined as never }), 'path'],
    ['any audience', () => githubActionsRole({ ...github, audience: [] }), 'audience'],
    ['no audience', () => gitlabCiRole({ ...gitlab, audience: undefined as never }), 'audience'],
  ];

  test.each(cases)('%s', (_what, declare, add) => {
    expect(declare).toThrow(TypeError);
    expect(declare).toThrow(new RegExp(`add .*${add}`));
  });
});

describe('a value that would mean something else is refused', () => {
  const cases: [string, () => unknown][] = [
    ['a comma, where the provider splits', () => githubActionsRole({ ...github, environment: 'eu,us' })],
    ['several values of a property', () => githubActionsRole({ ...github, properties: { regions: 'eu,us' } })],
    ['a comma in an audience', () => githubActionsRole({ ...github, audience: 'a,b' })],
    ['a star', () => githubActionsRole({ ...github, ref: 'refs/heads/*' })],
    ['a star in a beginning', () => githubActionsRole({ ...github, ref: { below: 'refs/*/' } })],
    ['a beginning that ends in a name', () => githubActionsRole({ ...github, ref: { below: 'refs/heads/rel' } })],
    ['an empty beginning', () => githubActionsRole({ ...github, ref: { below: '' } })],
    ['a star in a list', () => githubActionsRole({ ...github, event: ['push', '*'] })],
    ['an empty list', () => githubActionsRole({ ...github, event: [] })],
    ['an expression of Terraform', () => githubActionsRole({ ...github, environment: '$' + '{var.x}' })],
    ['a directive of Terraform', () => githubActionsRole({ ...github, environment: '%' + '{if x}' })],
    ['a space at the end', () => githubActionsRole({ ...github, environment: 'prod ' })],
    ['nothing', () => githubActionsRole({ ...github, environment: '' })],
    ['a newline', () => githubActionsRole({ ...github, environment: 'a\nb' })],
    ['a number', () => githubActionsRole({ ...github, environment: 1 as never })],
    ['an id that is a number', () => githubActionsRole({ ...github, repositoryId: 74 as never })],
    ['an id that is a name', () => gitlabCiRole({ ...gitlab, projectId: 'acme/app' })],
    ['a branch’s short name at GitHub', () => githubActionsRole({ ...github, ref: 'main' })],
    ['a long one at GitLab', () => gitlabCiRole({ ...gitlab, ref: 'refs/heads/main' })],
    ['a workflow without a ref', () => githubActionsRole({ ...github, jobWorkflowRef: 'acme/shared/deploy.yml' })],
    [
      'all workflows of a repository',
      () => githubActionsRole({ ...github, jobWorkflowRef: { below: 'acme/shared/' } }),
    ],
    ...['x.yml@', 'acme/shared/x.yml@', '@refs/heads/main', 'shared/x.yml@refs/heads/main'].map(
      (jobWorkflowRef): [string, () => unknown] => [
        `the workflow ${jobWorkflowRef}`,
        () => githubActionsRole({ ...github, jobWorkflowRef }),
      ],
    ),
    ...['x.yml@', '@', 'acme/shared/x.yml@', 'acme/shared/x.yml@refs/', 'acme/shared/x.yml@refs/pull/', 'a/b/:'].map(
      (below): [string, () => unknown] => [
        `workflows below ${below}`,
        () => githubActionsRole({ ...github, jobWorkflowRef: { below } }),
      ],
    ),
    ['a life beyond its end', () => githubActionsRole({ ...github, tokenTtl: 600, tokenMaxTtl: 300 })],
    ['a pipeline’s slug', () => buildkiteRole({ ...pipeline, pipelineId: 'app', branch: 'main' })],
    ['an organization’s name', () => circleci({ organizationId: 'acme' })],
    ['a branch that is not a ref', () => circleciRole({ ...circle, vcsRef: 'main' })],
    ['a service account’s address', () => googleRole({ ...robot, serviceAccountId: 'a@b.iam.gserviceaccount.com' })],
    ['an instance’s name', () => googleRole({ ...robot, instanceId: 'builder' })],
    ['a tenant’s domain', () => entra({ tenantId: 'acme.onmicrosoft.com' })],
    ['every tenant', () => entra({ tenantId: 'common' })],
    ['an unknown version', () => entra({ tenantId, version: 2 as never })],
    ['a group’s name', () => entraRole({ ...principal, groupId: 'deployers' })],
    ['a UUID in upper case', () => entraRole({ ...common, objectId: principal.objectId.toUpperCase() })],
    ['an organization’s name at Azure DevOps', () => azureDevops({ organizationId: 'acme' })],
    ['a project with a slash', () => azureDevopsRole({ ...connection, project: 'shop/vault' })],
    ['an empty project', () => azureDevopsRole({ ...connection, project: '' })],
    ['a workspace with a slash', () => bitbucket({ workspace: 'acme/app' })],
    ['a UUID without braces', () => bitbucketRole({ ...step, repositoryUuid: '2e9e429c-7b8b-404f-8648-8c40c27c9ebd' })],
    ['a slug in braces', () => bitbucketRole({ ...step, repositoryUuid: '{app}' })],
    ['a long ref at Bitbucket', () => bitbucketRole({ ...step, branch: 'refs/heads/main' })],
    ['the API of STS', () => aws({ issuer: 'https://sts.amazonaws.com' })],
    ['an issuer with a slash at its end', () => aws({ issuer: 'https://abc123.tokens.sts.global.api.aws/' })],
    ['a role’s name', () => awsRole({ ...common, principalArn: 'deploy' })],
    [
      'a session’s ARN',
      () => awsRole({ ...common, principalArn: 'arn:aws:sts::123456789012:assumed-role/deploy/session' }),
    ],
    ['every role by a star', () => awsRole({ ...common, principalArn: 'arn:aws:iam::123456789012:role/*' })],
    ['a workspace’s name', () => hcpTerraformRole({ ...terraform, workspaceId: 'app' })],
    ['a namespace with a colon', () => kubernetesRole({ ...pod, namespace: 'prod:app' })],
    ['a trust domain with a path', () => spiffeRole({ ...workload, trustDomain: 'example.org/ns' })],
    ['a path without a slash', () => spiffeRole({ ...workload, path: 'ns/prod' })],
    ['a path with one at the end', () => spiffeRole({ ...workload, path: '/ns/prod/' })],
    ['a path that climbs', () => spiffeRole({ ...workload, path: '/ns/../prod' })],
    ['an empty path', () => spiffeRole({ ...workload, path: '/' })],
    ['a beginning of a path’s part', () => spiffeRole({ ...workload, path: { below: '/ns/prod' } })],
    ['no time', () => githubActionsRole({ ...github, tokenTtl: 0 })],
    ['no end', () => githubActionsRole({ ...github, tokenMaxTtl: 0 })],
    ['half a second', () => githubActionsRole({ ...github, tokenTtl: 0.5 })],
  ];

  test.each(cases)('%s', (_what, declare) => {
    expect(declare).toThrow(TypeError);
  });
});

describe('an option that a preset does not know is refused, since it would bind nothing', () => {
  const mistyped = (props: object, name: string): never => ({ ...props, [name]: 'x' }) as never;

  test.each<[string, () => unknown]>([
    ['ownerID', () => githubActionsRole(mistyped(github, 'ownerID'))],
    ['hostname', () => githubActions(mistyped({}, 'hostname'))],
    ['enviroment', () => gitlabCiRole(mistyped(gitlab, 'enviroment'))],
    ['URL', () => gitlabCi(mistyped({}, 'URL'))],
    ['workspace', () => hcpTerraformRole(mistyped(terraform, 'workspace'))],
    ['hosts', () => hcpTerraform(mistyped({}, 'hosts'))],
    ['project', () => googleRole(mistyped(robot, 'project'))],
    ['oid', () => entraRole(mistyped(principal, 'oid'))],
    ['tenant', () => entra(mistyped({ tenantId }, 'tenant'))],
    ['branch', () => azureDevopsRole(mistyped(connection, 'branch'))],
    ['organization', () => azureDevops(mistyped({ organizationId: tenantId }, 'organization'))],
    ['environment', () => bitbucketRole(mistyped(step, 'environment'))],
    ['workspaceId', () => bitbucket(mistyped({ workspace: 'acme' }, 'workspaceId'))],
    ['requestTags', () => awsRole(mistyped({ ...common, principalArn }, 'requestTags'))],
    ['accountId', () => aws(mistyped({ issuer: 'https://a.tokens.sts.global.api.aws' }, 'accountId'))],
    ['uid', () => kubernetesRole(mistyped(pod, 'uid'))],
    ['algorithm', () => kubernetes(mistyped({}, 'algorithm'))],
    ['below', () => spiffeRole(mistyped(workload, 'below'))],
    ['jwksURL', () => spiffe(mistyped({ issuer: 'https://spire.example' }, 'jwksURL'))],
  ])('%s', (name, declare) => {
    expect(declare).toThrow(TypeError);
    expect(declare).toThrow(new RegExp(`^unknown option "${name}" of .+(?:; expected one of: |: did you mean ")`));
  });
});
