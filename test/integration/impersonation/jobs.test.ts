import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { type Environment, startEnvironment } from 'vaultproof';
import type { TokenBuilder } from 'vaultproof/issuer';
import {
  bitbucket as bitbucketStep,
  circleci as circleciJob,
  githubRunner,
  gitlab as gitlabJob,
  serviceAccount,
  terraformRun,
} from 'vaultproof/issuer/presets';
import { bitbucket, bitbucketRole } from 'vaultproof/stacks/presets/bitbucket';
import { circleci, circleciRole } from 'vaultproof/stacks/presets/circleci';
import { githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';
import { gitlabCi, gitlabCiRole } from 'vaultproof/stacks/presets/gitlab-ci';
import { hcpTerraform, hcpTerraformRole } from 'vaultproof/stacks/presets/hcp-terraform';
import { kubernetes, kubernetesRole } from 'vaultproof/stacks/presets/kubernetes';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { vaultCommand } from '../../support/vault-command.js';

// What a job runs, by its vendor's documentation, at a login that names the vendor's own URL.

const audience = 'https://vault.acme.example';
const common = { roleName: 'deploy', audience, tokenPolicies: ['deploy'] };
const policies = [{ name: 'deploy', policy: 'path "kv/data/app" { capabilities = ["read"] }' }];
const kv = { path: 'kv', existing: true };
const organizationId = 'c6e40f70-2a4f-4d2e-bd07-2b8bbf1a8d7e';
const circleciProject = { projectId: '7f3b5d1c-9f0a-4a55-8d39-5cb02b1a4f10', vcsRef: 'refs/heads/main' };
const repositoryUuid = '{2e9e429c-7b8b-404f-8648-8c40c27c9ebd}';

const logins = {
  github: [githubActions(), githubActionsRole({ ...common, repositoryId: '74', ref: 'refs/heads/main' })],
  gitlab: [gitlabCi(), gitlabCiRole({ ...common, projectId: '20', ref: 'main' })],
  terraform: [
    hcpTerraform(),
    hcpTerraformRole({ ...common, organizationId: 'org-1', workspaceId: 'ws-1', runPhase: 'apply' }),
  ],
  circleci: [
    circleci({ organizationId }),
    circleciRole({ ...common, ...circleciProject, vcsOrigin: 'github.com/acme/app' }),
  ],
  bitbucket: [bitbucket({ workspace: 'acme' }), bitbucketRole({ ...common, repositoryUuid, branch: 'main' })],
  kubernetes: [kubernetes(), kubernetesRole({ ...common, namespace: 'prod', serviceAccount: 'app' })],
} as const;

const runner = githubRunner();
let env: Environment;

beforeAll(async () => {
  env = await startEnvironment({
    vault: { engine: 'process' },
    issuer: { dialects: [runner.dialect] },
    impersonate: Object.values(logins).map(([{ boundIssuer }]) => boundIssuer),
  });
  await env.vault.request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } });
  for (const [name, [backend, role]] of Object.entries(logins)) {
    const { jwksUrl, ...method } = backend;
    const login = { ...method, kv, policies, roles: [role] };
    const byKeys = { ...login, jwksUrl, path: `${name}-keys` };
    const byDiscovery = { ...login, oidcDiscoveryUrl: backend.boundIssuer, path: `${name}-discovery` };
    await env.apply((app) => new VaultJwtStack(app, byKeys.path, byKeys));
    await env.apply((app) => new VaultJwtStack(app, byDiscovery.path, byDiscovery));
  }
  await env.vault.seed('kv/app', { password: 'correct horse' });
});
afterAll(() => env?.stop());

/** Runs a job's commands, and reads the secret with the token that they leave in VAULT_TOKEN. */
async function job(script: string, variables: Readonly<Record<string, string>>) {
  const read = 'vault kv get -field=password kv/app';
  return execa('bash', ['--norc', '-euo', 'pipefail', '-c', `${script}\n${read}`], {
    extendEnv: false,
    reject: false,
    env: {
      PATH: [await vaultCommand(env.vault), process.env['PATH']].join(delimiter),
      HOME: await temporaryFolder(),
      VAULT_ADDR: env.vault.address,
      ...variables,
    },
  });
}

const vaultWrite = (jwt: string): string =>
  `export VAULT_TOKEN="$(vault write -field=token "auth/$MOUNT/login" role=deploy jwt=${jwt})"`;

const githubAsks = [
  `ANSWER="$(curl -sSf -H "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=${audience}")"`,
  `JWT="$(sed -E 's/.*"value":"([^"]+)".*/\\1/' <<< "$ANSWER")"`,
  vaultWrite('$JWT'),
].join('\n');

const curlLogsIn = [
  `ANSWER="$(curl --silent --show-error --fail --request POST --header "X-Vault-Request: true" --data '{"jwt":"'"$(cat "$TOKEN_FILE")"'","role":"deploy"}' "$VAULT_ADDR/v1/auth/$MOUNT/login")"`,
  `export VAULT_TOKEN="$(sed -E 's/.*"client_token":"([^"]+)".*/\\1/' <<< "$ANSWER")"`,
].join('\n');

async function tokenFile(jwt: string): Promise<string> {
  const path = join(await temporaryFolder(), 'token');
  await writeFile(path, jwt);
  return path;
}

const variable = (name: string, token: TokenBuilder) => async () => ({ [name]: await env.issuer.sign(token) });
const file = (token: TokenBuilder) => async () => ({ TOKEN_FILE: await tokenFile(await env.issuer.sign(token)) });
const running = (repository: string, repositoryId: string) => async () =>
  runner.startJob(env.issuer, { repository, repositoryId }).env;

const pipeline = { project: 'acme/app', refProtected: true, audience };
const run = { organization: 'acme', organizationId: 'org-1', workspace: 'app', workspaceId: 'ws-1', audience };
const build = { organizationId, ...circleciProject, audience };
const step = { workspace: 'acme', repositoryUuid, audiences: [audience] };
const pod = { namespace: 'prod', audience };

/** The login, what the job runs, its variables, and those of a job of someone else's. */
const jobs = [
  ['github', githubAsks, running('acme/app', '74'), running('mallory/app', '99')],
  [
    'gitlab',
    vaultWrite('$VAULT_ID_TOKEN'),
    variable('VAULT_ID_TOKEN', gitlabJob({ ...pipeline, projectId: '20' })),
    variable('VAULT_ID_TOKEN', gitlabJob({ ...pipeline, projectId: '21' })),
  ],
  [
    'terraform',
    vaultWrite('$TFC_WORKLOAD_IDENTITY_TOKEN'),
    variable('TFC_WORKLOAD_IDENTITY_TOKEN', terraformRun(run)),
    variable('TFC_WORKLOAD_IDENTITY_TOKEN', terraformRun({ ...run, runPhase: 'plan' })),
  ],
  [
    'circleci',
    vaultWrite('$CIRCLE_OIDC_TOKEN_V2'),
    variable('CIRCLE_OIDC_TOKEN_V2', circleciJob({ ...build, vcsOrigin: 'github.com/acme/app' })),
    variable('CIRCLE_OIDC_TOKEN_V2', circleciJob({ ...build, vcsOrigin: 'github.com/mallory/app' })),
  ],
  [
    'bitbucket',
    vaultWrite('$BITBUCKET_STEP_OIDC_TOKEN'),
    variable('BITBUCKET_STEP_OIDC_TOKEN', bitbucketStep({ ...step, branch: 'main' })),
    variable('BITBUCKET_STEP_OIDC_TOKEN', bitbucketStep({ ...step, branch: 'feature' })),
  ],
  [
    'kubernetes',
    curlLogsIn,
    file(serviceAccount({ ...pod, serviceAccount: 'app' })),
    file(serviceAccount({ ...pod, serviceAccount: 'other' })),
  ],
] as const;

describe.each(jobs)('a job of %s', (name, script, its, others) => {
  test.each(['keys', 'discovery'])('logs in by its own commands, by %s', async (mode) => {
    const MOUNT = `${name}-${mode}`;
    expect(await job(script, { ...(await its()), MOUNT })).toMatchObject({ exitCode: 0, stdout: 'correct horse' });
    const refused = await job(script, { ...(await others()), MOUNT });
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toMatch(/does not match any associated bound claim values|returned error: 400/);
  });
});
