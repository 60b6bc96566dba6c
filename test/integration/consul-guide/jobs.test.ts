import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { github as githubJob, githubRunner, gitlabIdTokens } from 'vaultproof/issuer/presets';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { expect, test } from 'vaultproof/vitest';
import { parse } from 'yaml';
import type { Environment } from '../../../harness/index.js';
import { npxIn } from '../../support/cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { github, gitlab } from './logins.js';

const runner = githubRunner();
test.override({
  services: {
    vault: false,
    consul: { engine: 'process' },
    issuer: { algorithms: ['RS256'], dialects: [runner.dialect] },
  },
});

/** The blocks of docs/consul-login.md in a language. */
async function blocks(language: string): Promise<string[]> {
  const text = await readFile(new URL('../../../docs/consul-login.md', import.meta.url), 'utf8');
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, code = '']) =>
    name === language ? [code] : [],
  );
}

interface Workflow {
  readonly jobs: {
    readonly deploy: { readonly environment: string; readonly steps: readonly { readonly run: string }[] };
  };
}

interface Pipeline {
  readonly deploy: { readonly script: readonly string[]; readonly after_script: readonly string[] };
}

/** The logins of the guide with the test's keys, and a shell of a job with `consul`, and `vaultproof` behind `npx`. */
async function runnerOf({ apply, consul, issuer }: Environment) {
  const jwksUrl = issuer.jwksUrlFor(consul);
  for (const login of [github, gitlab]) {
    await apply((app) => new ConsulJwtStack(app, login.name, { ...login, jwksUrl }));
  }
  const cwd = await temporaryFolder();
  const bin = await npxIn(cwd);
  const shell = (script: string, variables: Readonly<Record<string, string>>) =>
    execa('bash', ['-eo', 'pipefail', '-c', script], {
      cwd,
      extendEnv: false,
      reject: false,
      env: {
        PATH: [bin, consul.binFolder, process.env['PATH']].join(delimiter),
        HOME: cwd,
        CONSUL_HTTP_ADDR: consul.address,
        ...variables,
      },
    });
  return { cwd, shell };
}

test('the workflow for GitHub Actions logs in, writes and logs out, and a fork gets 403', async ({ env, skip }) => {
  for (const name of ['bash', 'curl', 'jq']) {
    if ((await execa('which', [name], { reject: false })).failed) skip(`needs ${name} on PATH`);
  }
  const [workflow = ''] = await blocks('yaml');
  const { environment, steps } = (parse(workflow) as Workflow).jobs.deploy;
  const [logIn = '', write = '', logOut = ''] = steps.map(({ run }) => run);
  const { cwd, shell } = await runnerOf(env);
  const job = { repository: 'acme/app', repositoryId: '74', environment };
  const variables = { RUNNER_TEMP: cwd, GITHUB_RUN_ID: '7', GITHUB_SHA: 'abc123' };

  const running = { ...variables, ...runner.startJob(env.issuer, job).env };
  expect(await shell(logIn, running)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  const token = await readFile(join(cwd, 'consul'), 'utf8');
  expect(await env.consul.request('GET', 'acl/tokens')).toContainEqual(
    expect.objectContaining({ AuthMethod: 'github', Description: 'token created via login: {"run":"7"}' }),
  );
  expect(await shell(write, variables)).toMatchObject({ exitCode: 0 });
  expect(await env.consul.kv.read('app/version')).toBe('abc123');
  expect(await shell(logOut, variables)).toMatchObject({ exitCode: 0 });
  const headers = { 'X-Consul-Token': token };
  expect((await fetch(`${env.consul.address}/v1/acl/token/self`, { headers })).status).toBe(403);

  const fork = runner.startJob(env.issuer, { ...job, repository: 'mallory/app', repositoryId: '666' });
  const refused = await shell(logIn, { ...variables, ...fork.env });
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('403 (Permission denied)') });
});

test('the pipeline of GitLab CI/CD logs in, looks around and logs out, and an unprotected branch gets 403', async ({
  env,
}) => {
  const [, pipeline = ''] = await blocks('yaml');
  const { script, after_script: after } = (parse(pipeline) as Pipeline).deploy;
  const { shell } = await runnerOf(env);
  const audience = { CONSUL_ID_TOKEN: 'https://consul.acme.example' };
  const job = { project: 'acme/app', projectId: '20' };
  const variables = { CI_JOB_ID: '7', ...(await gitlabIdTokens(env.issuer, job, audience)) };
  expect(await shell(script.join('\n'), variables)).toMatchObject({ exitCode: 0 });
  const tokens = () => env.consul.request('GET', 'acl/tokens?authmethod=gitlab');
  expect(await tokens()).toMatchObject([{ Description: 'token created via login: {"job":"7"}' }]);
  expect(await shell(after.join('\n'), variables)).toMatchObject({ exitCode: 0 });
  expect(await tokens()).toEqual([]);

  const branch = await gitlabIdTokens(env.issuer, { ...job, refProtected: false }, audience);
  expect(await shell(script.join('\n'), { ...variables, ...branch })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('403 (Permission denied)'),
  });
});

test('vaultproof says which rule refused the token, and prints none', async ({ env }) => {
  const [explain = ''] = await blocks('bash');
  const { cwd, shell } = await runnerOf(env);
  await env.consul.request('PUT', 'acl/policy', { Name: 'acl-read', Rules: 'acl = "read"' });
  const reader = await env.consul.request('PUT', 'acl/token', { Policies: [{ Name: 'acl-read' }] });
  await writeFile(join(cwd, 'acl-read-token'), (reader as { SecretID: string }).SecretID);
  const job = { repository: 'acme/app', repositoryId: '74', audience: 'https://consul.acme.example' };
  const JWT = await env.issuer.sign(githubJob(job));
  const { exitCode, stdout, stderr } = await shell(explain, { JWT });
  expect(exitCode).toBe(1);
  const [told = ''] = await blocks('text');
  expect(stderr).toBe(told.trim().replaceAll('\n', ' '));
  for (const part of JWT.split('.')) expect(stdout + stderr).not.toContain(part);
});
