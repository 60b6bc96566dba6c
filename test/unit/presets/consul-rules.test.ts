import { consulAws } from 'vaultproof/stacks/presets/consul-aws';
import { consulAzureDevops } from 'vaultproof/stacks/presets/consul-azure-devops';
import { consulBitbucket } from 'vaultproof/stacks/presets/consul-bitbucket';
import { consulBuildkite } from 'vaultproof/stacks/presets/consul-buildkite';
import { consulCircleci } from 'vaultproof/stacks/presets/consul-circleci';
import { consulEntra } from 'vaultproof/stacks/presets/consul-entra';
import { consulGithubActions } from 'vaultproof/stacks/presets/consul-github-actions';
import { consulGitlabCi } from 'vaultproof/stacks/presets/consul-gitlab-ci';
import { consulGoogle } from 'vaultproof/stacks/presets/consul-google';
import { consulHcpTerraform } from 'vaultproof/stacks/presets/consul-hcp-terraform';
import { consulKubernetes } from 'vaultproof/stacks/presets/consul-kubernetes';
import { consulNomad } from 'vaultproof/stacks/presets/consul-nomad';
import { consulSpiffe } from 'vaultproof/stacks/presets/consul-spiffe';
import { describe, expect, test } from 'vitest';

const audience = 'https://consul.example';
const deploy = { bindType: 'role', bindName: 'deploy' } as const;
const github = { repositoryId: '74', ref: 'refs/heads/main', ...deploy };
const pod = { namespace: 'prod', serviceAccount: 'app', ...deploy };

const organizationId = 'c6e40f70-2a4f-4d2e-bd07-2b8bbf1a8d7e';
const circleci = { projectId: organizationId, vcsOrigin: 'github.com/acme/app', vcsRef: 'refs/heads/main', ...deploy };
const buildkite = { organizationId, pipelineId: organizationId, branch: 'main', ...deploy };
const bitbucket = { repositoryUuid: `{${organizationId}}`, branch: 'main', ...deploy };
const spire = { issuer: 'https://spire.acme.example', audience };
const run = { organizationId: 'org-1', workspaceId: 'ws-1', runPhase: 'apply', ...deploy } as const;

const awsIssuer = 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws';
const principalArn = 'arn:aws:iam::123456789012:role/deploy';
const connection = { organization: 'acme', project: 'shop', serviceConnection: 'consul', ...deploy };

describe('the auth method', () => {
  test('for AWS calls each claim by the last part of its pointer, and a tag by its key', () => {
    const rule = { principalArn, sourceRegion: 'eu-central-1', principalTags: { 'team/name': 'payments' }, ...deploy };
    expect(consulAws({ issuer: awsIssuer, audience, rules: [rule] })).toMatchObject({
      jwksUrl: `${awsIssuer}/.well-known/jwks.json`,
      claimMappings: {
        sub: 'sub',
        '/https:~1~1sts.amazonaws.com~1/source_region': 'source_region',
        '/https:~1~1sts.amazonaws.com~1/principal_tags/team~1name': 'team_1name',
      },
      bindingRules: [
        {
          selector: `value.sub == "${principalArn}" and value.source_region == "eu-central-1" and value.team_1name == "payments"`,
        },
      ],
      maxTokenTtl: '1h',
    });
  });

  test('for Azure DevOps has its one audience and the subject of the service connection', () => {
    expect(consulAzureDevops({ organizationId, rules: [connection] })).toEqual({
      name: 'azure-devops',
      jwksUrl: 'https://vstoken.dev.azure.com/.well-known/jwks',
      boundIssuer: `https://vstoken.dev.azure.com/${organizationId}`,
      boundAudiences: ['api://AzureADTokenExchange'],
      claimMappings: { sub: 'sub' },
      bindingRules: [{ ...deploy, selector: 'value.sub == "sc://acme/shop/consul"' }],
      maxTokenTtl: '15m',
    });
  });

  test('for CircleCI has short names for claims whose own a name can not have', () => {
    expect(consulCircleci({ organizationId, audience, rules: [circleci] })).toEqual({
      name: 'circleci',
      jwksUrl: `https://oidc.circleci.com/org/${organizationId}/.well-known/jwks-pub.json`,
      boundIssuer: `https://oidc.circleci.com/org/${organizationId}`,
      boundAudiences: [audience],
      claimMappings: {
        'oidc.circleci.com/project-id': 'project_id',
        'oidc.circleci.com/vcs-origin': 'vcs_origin',
        'oidc.circleci.com/vcs-ref': 'vcs_ref',
      },
      bindingRules: [
        {
          ...deploy,
          selector: `value.project_id == "${organizationId}" and value.vcs_origin == "github.com/acme/app" and value.vcs_ref == "refs/heads/main"`,
        },
      ],
      maxTokenTtl: '15m',
    });
  });

  test('for GitHub has the issuer, the audience, and each bound as a condition of its rule', () => {
    expect(consulGithubActions({ audience, rules: [github] })).toEqual({
      name: 'github-actions',
      jwksUrl: 'https://token.actions.githubusercontent.com/.well-known/jwks',
      boundIssuer: 'https://token.actions.githubusercontent.com',
      boundAudiences: [audience],
      claimMappings: {
        repository: 'repository',
        repository_id: 'repository_id',
        repository_owner_id: 'repository_owner_id',
        enterprise_id: 'enterprise_id',
        ref: 'ref',
        environment: 'environment',
        job_workflow_ref: 'job_workflow_ref',
        event_name: 'event_name',
        repository_visibility: 'repository_visibility',
        runner_environment: 'runner_environment',
      },
      bindingRules: [
        {
          ...deploy,
          selector:
            'value.repository_id == "74" and value.ref == "refs/heads/main" and (value.event_name == "push" or value.event_name == "release" or value.event_name == "schedule" or value.event_name == "workflow_dispatch")',
        },
      ],
      maxTokenTtl: '15m',
    });
  });

  test('for GitLab takes several rules, with a description each', () => {
    const review = { projectId: '20', environment: { below: 'review/' }, refProtected: false, description: 'review' };
    const { bindingRules, name } = consulGitlabCi({
      audience: [audience, 'b'],
      rules: [
        { projectId: '20', ref: 'main', ...deploy },
        { ...review, bindType: 'templated-policy', bindName: 'builtin/service', bindVars: { name: `x\${value.ref}` } },
      ],
    });
    expect(name).toBe('gitlab-ci');
    expect(bindingRules.map(({ selector }) => selector)).toEqual([
      'value.project_id == "20" and value.ref == "main" and value.ref_type == "branch" and value.ref_protected == "true"',
      'value.project_id == "20" and "environment" in value and value.environment matches "^review/" and value.environment_protected == "true" and "ref" in value',
    ]);
    expect(bindingRules[1]).toMatchObject({ bindVars: { name: `x\${value.ref}` }, description: 'review' });
  });

  test('for Kubernetes takes every account but the default one where its name is in what it gets', () => {
    const rule = { namespace: 'prod', bindType: 'service', bindName: `\${value.service_account}` } as const;
    const { bindingRules } = consulKubernetes({ audience, issuer: 'https://k8s.example', rules: [rule] });
    expect(bindingRules).toEqual([
      {
        bindType: 'service',
        bindName: `\${value.service_account}`,
        selector: 'value.namespace == "prod" and "service_account" in value and value.service_account != "default"',
      },
    ]);
  });

  test('for Nomad is what its guide has, with what must be there in every selector', () => {
    expect(consulNomad({ namespaces: 'all' })).toEqual({
      name: 'nomad-workloads',
      jwksUrl: 'http://127.0.0.1:4646/.well-known/jwks.json',
      boundAudiences: ['consul.io'],
      claimMappings: {
        nomad_namespace: 'nomad_namespace',
        nomad_job_id: 'nomad_job_id',
        nomad_task: 'nomad_task',
        nomad_service: 'nomad_service',
      },
      bindingRules: [
        { bindType: 'service', bindName: `\${value.nomad_service}`, selector: '"nomad_service" in value' },
        {
          bindType: 'role',
          bindName: `nomad-tasks-\${value.nomad_namespace}`,
          selector: '"nomad_namespace" in value and "nomad_task" in value',
        },
      ],
      maxTokenTtl: '0s',
      allow: { 'no-max-token-ttl': expect.any(String), 'no-bound-issuer': expect.any(String) },
    });
    expect(consulNomad({ namespaces: ['prod'], issuer: 'https://nomad.example' })).toMatchObject({
      boundIssuer: 'https://nomad.example',
      allow: { 'no-max-token-ttl': expect.any(String) },
    });
  });
});

describe('bounds that let strangers in are refused, with what to add', () => {
  const cases: [string, () => unknown, string][] = [
    [
      'GitHub without a tenant',
      () => consulGithubActions({ audience, rules: [{ ref: 'refs/heads/main', ...deploy }] }),
      'repositoryId',
    ],
    ['GitHub for any audience', () => consulGithubActions({ audience: [], rules: [github] }), 'audience'],
    ['GitLab without a tenant', () => consulGitlabCi({ audience, rules: [{ ref: 'main', ...deploy }] }), 'projectId'],
    ['any account', () => consulKubernetes({ audience, rules: [{ namespace: 'prod', ...deploy }] }), 'serviceAccount'],
    [
      'any namespace',
      () => consulKubernetes({ audience, rules: [{ ...pod, namespace: undefined as never }] }),
      'namespace',
    ],
    [
      'HCP Terraform without a tenant',
      () => consulHcpTerraform({ audience, rules: [{ ...run, organizationId: undefined as never }] }),
      'organizationId',
    ],
    [
      'plans of HCP Terraform',
      () => consulHcpTerraform({ audience, rules: [{ ...run, runPhase: undefined as never }] }),
      'runPhase',
    ],
    [
      'Buildkite without a tenant',
      () => consulBuildkite({ audience, rules: [{ ...buildkite, organizationId: undefined as never }] }),
      'organizationId',
    ],
    [
      'any branch of Buildkite',
      () => consulBuildkite({ audience, rules: [{ ...buildkite, branch: undefined as never }] }),
      'branch or tag',
    ],
    [
      'forks at CircleCI',
      () => consulCircleci({ organizationId, audience, rules: [{ ...circleci, vcsOrigin: undefined as never }] }),
      'vcsOrigin',
    ],
    [
      'any repository of Bitbucket',
      () =>
        consulBitbucket({ workspace: 'acme', audience, rules: [{ ...bitbucket, repositoryUuid: undefined as never }] }),
      'repositoryUuid',
    ],
    [
      'Bitbucket for any audience',
      () => consulBitbucket({ workspace: 'acme', audience: [], rules: [bitbucket] }),
      'audience',
    ],
    [
      'any workload of a trust domain',
      () => consulSpiffe({ ...spire, rules: [{ trustDomain: 'acme.example', path: undefined as never, ...deploy }] }),
      'path',
    ],
    [
      'any trust domain',
      () => consulSpiffe({ ...spire, rules: [{ trustDomain: undefined as never, path: '/cart', ...deploy }] }),
      'trustDomain',
    ],
    [
      'every account of Google',
      () => consulGoogle({ audience, rules: [{ serviceAccountId: undefined as never, ...deploy }] }),
      'serviceAccountId',
    ],
    [
      'every role of an account of AWS',
      () => consulAws({ issuer: awsIssuer, audience, rules: [{ principalArn: undefined as never, ...deploy }] }),
      'principalArn',
    ],
    [
      'every workload of a tenant of Entra',
      () => consulEntra({ tenantId: organizationId, audience, rules: [{ objectId: undefined as never, ...deploy }] }),
      'objectId',
    ],
    [
      'every service connection of Azure DevOps',
      () => consulAzureDevops({ organizationId, rules: [{ ...connection, serviceConnection: undefined as never }] }),
      'serviceConnection',
    ],
    ['any namespace of Nomad', () => consulNomad({ namespaces: [] as never }), 'namespaces'],
    [
      'any job of Nomad',
      () => consulNomad({ namespaces: 'all', rules: [{ namespace: 'prod', job: undefined as never, ...deploy }] }),
      'job',
    ],
  ];

  test.each(cases)('%s', (_what, declare, add) => {
    expect(declare).toThrow(TypeError);
    expect(declare).toThrow(new RegExp(`add .*${add}`));
  });
});

describe('a value that a selector can’t have in it is refused', () => {
  test.each([
    ['a quotation mark', 'a"b'],
    ['a backslash', 'a\\b'],
    ['a newline', 'a\nb'],
    ['nothing', ''],
    ['a space at the end', 'prod '],
    ['a number', 1 as never],
    ['an empty list', [] as never],
    ['a beginning that ends in a name', { below: 'prod' }],
    ['a beginning with a caret', { below: 'a^/' }],
  ])('%s', (_what, environment) => {
    expect(() => consulGithubActions({ audience, rules: [{ ...github, environment }] })).toThrow(TypeError);
  });

  test('a service account with a colon', () => {
    expect(() => consulKubernetes({ audience, rules: [{ ...pod, serviceAccount: 'a:b' }] })).toThrow(TypeError);
  });
});

describe('an option that a preset does not know is refused, since it would bind nothing', () => {
  const mistyped = (props: object, name: string): never => ({ ...props, [name]: 'x' }) as never;

  test.each<[string, () => unknown]>([
    ['enviroment', () => consulGithubActions({ audience, rules: [mistyped(github, 'enviroment')] })],
    ['hostname', () => consulGithubActions(mistyped({ audience, rules: [github] }, 'hostname'))],
    ['uid', () => consulKubernetes({ audience, rules: [mistyped(pod, 'uid')] })],
    ['audiences', () => consulKubernetes(mistyped({ audience, rules: [pod] }, 'audiences'))],
  ])('%s', (name, declare) => {
    expect(declare).toThrow(TypeError);
    expect(declare).toThrow(new RegExp(`^unknown option "${name}" of .+(?:; expected one of: |: did you mean ")`));
  });
});

describe('two claims that a selector would call by one name are refused', () => {
  test('as a tag of AWS with the name of a claim', () => {
    const rule = { principalArn, principalTags: { org_id: 'o-abc1234567' }, ...deploy };
    expect(() => consulAws({ issuer: awsIssuer, audience, rules: [rule] })).toThrow(
      new TypeError(
        '"/https:~1~1sts.amazonaws.com~1/principal_tags/org_id" and "/https:~1~1sts.amazonaws.com~1/org_id" would both be called "org_id" in a selector: bind one of them',
      ),
    );
  });

  test('as two properties of GitHub that differ in a sign', () => {
    const rule = { ...github, properties: { 'cost-center': 'a', cost_center: 'b' } };
    expect(() => consulGithubActions({ audience, rules: [rule] })).toThrow(
      new TypeError(
        '"repo_property_cost_center" and "repo_property_cost-center" would both be called "repo_property_cost_center" in a selector: bind one of them',
      ),
    );
  });
});
