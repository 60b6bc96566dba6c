import { join } from 'node:path';
import { execa } from 'execa';
import { type Environment, startEnvironment } from 'vaultproof';
import {
  githubRunner,
  gitlabIdTokens,
  jwtSvid,
  keepTokenFile,
  serviceAccount,
  terraformRunVariables,
} from 'vaultproof/issuer/presets';
import { githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';
import { gitlabCi, gitlabCiRole } from 'vaultproof/stacks/presets/gitlab-ci';
import { hcpTerraform, hcpTerraformRole } from 'vaultproof/stacks/presets/hcp-terraform';
import { kubernetes, kubernetesRole } from 'vaultproof/stacks/presets/kubernetes';
import { spiffe, spiffeRole } from 'vaultproof/stacks/presets/spiffe';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { requiresOfVault } from '../../support/vault-of-tests.js';

const audience = 'https://vault.acme.example';
const common = { roleName: 'deploy', audience, tokenPolicies: ['deploy'] };
const policies = [{ name: 'deploy', policy: 'path "+/data/app" { capabilities = ["read"] }' }];
const presets = {
  github: [githubActions(), githubActionsRole({ ...common, repositoryId: '74', ref: 'refs/heads/main' })],
  gitlab: [gitlabCi(), gitlabCiRole({ ...common, projectId: '20', ref: 'main' })],
  terraform: [
    hcpTerraform(),
    hcpTerraformRole({ ...common, organizationId: 'org-1', workspaceId: 'ws-1', runPhase: 'apply' }),
  ],
  kubernetes: [kubernetes(), kubernetesRole({ ...common, namespace: 'prod', serviceAccount: 'app' })],
  spiffe: [
    spiffe({ issuer: 'https://spire.example.org' }),
    spiffeRole({ ...common, trustDomain: 'example.org', path: '/app' }),
  ],
} as const;

const runner = githubRunner();
let env: Environment;

beforeAll(async () => {
  env = await startEnvironment({
    vault: { engine: 'process' },
    issuer: { algorithms: ['RS256', 'ES256'], dialects: [runner.dialect] },
  });
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  for (const [path, [backend, role]] of Object.entries(presets)) {
    const kv = { path: `kv-${path}` };
    await env.apply((app) => new VaultJwtStack(app, path, { ...backend, path, kv, jwksUrl, roles: [role], policies }));
    await env.vault.seed(`kv-${path}/app`, { password: `of ${path}` });
  }
});
afterAll(() => env?.stop());
beforeEach(requiresOfVault('command/vault'));

/** Runs what a job would run, with the vault command and a home of its own; the output is the secret. */
async function job(script: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await execa('bash', ['-euo', 'pipefail', '-c', script], {
    extendEnv: false,
    env: {
      PATH: `${env.vault.binFolder}:${process.env['PATH']}`,
      HOME: await temporaryFolder(),
      VAULT_ADDR: env.vault.address,
      ...variables,
    },
  });
  return stdout;
}

const logIn = (mount: string, jwt: string): string =>
  `VAULT_TOKEN=$(vault write -field=token auth/${mount}/login role=deploy jwt=${jwt}) vault kv get -field=password kv-${mount}/app`;

test('a job of GitHub Actions asks for its token with curl and logs in with the vault command', async () => {
  const running = runner.startJob(env.issuer, { repository: 'acme/app', repositoryId: '74' });
  const ask = `curl -sSf -H "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=${audience}"`;
  const value = `sed -E 's/.*"value":"([^"]+)".*/\\1/'`;
  const script = `JWT=$(${ask} | ${value}); ${logIn('github', '$JWT')}`;
  expect(await job(script, running.env)).toBe('of github');
  running.end();
  await expect(job(script, running.env)).rejects.toThrow('401');
});

test('a job of GitLab CI/CD logs in with its variable, as GitLab’s page has it', async () => {
  const project = { project: 'acme/app', projectId: '20' };
  const variables = await gitlabIdTokens(env.issuer, project, { VAULT_ID_TOKEN: audience });
  expect(await job(logIn('gitlab', '$VAULT_ID_TOKEN'), variables)).toBe('of gitlab');
});

test('a run of HCP Terraform logs in with its variable', async () => {
  const run = { organization: 'acme', organizationId: 'org-1', workspace: 'app', workspaceId: 'ws-1', audience };
  const variables = await terraformRunVariables(env.issuer, run);
  expect(await job(logIn('terraform', '$TFC_WORKLOAD_IDENTITY_TOKEN'), variables)).toBe('of terraform');
});

test.each([
  ['kubernetes', serviceAccount({ namespace: 'prod', serviceAccount: 'app', audience })],
  ['spiffe', jwtSvid({ trustDomain: 'example.org', path: '/app', audience, issuer: 'https://spire.example.org' })],
])('a workload of %s logs in with its token file', async (mount, token) => {
  await using file = await keepTokenFile(env.issuer, token, join(await temporaryFolder(), 'token'));
  expect(await job(logIn(mount, '@"$TOKEN_FILE"'), { TOKEN_FILE: file.path })).toBe(`of ${mount}`);
});
