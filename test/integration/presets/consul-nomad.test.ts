import { join } from 'node:path';
import { execa } from 'execa';
import type { Environment } from 'vaultproof';
import type { TokenBuilder } from 'vaultproof/issuer';
import { keepTokenFile, nomadService, nomadTask, nomadTaskToken } from 'vaultproof/issuer/presets';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { type ConsulNomadProps, consulNomad } from 'vaultproof/stacks/presets/consul-nomad';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { type ConsulAcl, consulAcl } from '../../support/consul-jwt.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { changedToken } from './changed-token.js';

test.override({
  fileServices: {
    vault: false,
    consul: { engine: 'process' },
    issuer: { algorithms: ['RS256'] },
  },
});

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
let acl: ConsulAcl;

const issuer = 'https://nomad.acme.example';
const methods: Readonly<Record<string, ConsulNomadProps>> = {
  some: {
    namespaces: ['default', 'prod'],
    issuer,
    rules: [{ namespace: 'prod', job: 'api', task: 'server', bindType: 'policy', bindName: 'extra' }],
  },
  all: { namespaces: 'all' },
};

beforeAll(async () => {
  acl = consulAcl(env.consul);
  for (const namespace of ['default', 'prod']) await acl.put('/v1/acl/role', { Name: `nomad-tasks-${namespace}` });
  await acl.put('/v1/acl/policy', { Name: 'extra', Rules: 'key_prefix "api/" { policy = "write" }' });
  const jwksUrl = env.issuer.jwksUrlFor(env.consul);
  for (const [name, props] of Object.entries(methods)) {
    await env.apply((app) => new ConsulJwtStack(app, name, { ...consulNomad(props), name, jwksUrl }));
  }
  return () => acl.close();
});

/** What a login gets, or the code of its refusal. */
async function outcome(token: TokenBuilder, method = 'some'): Promise<unknown> {
  const jwt = await env.issuer.sign(token);
  return env.consul.login({ jwt, method }).then(
    ({ roles, policies, serviceIdentities }) => ({
      roles,
      policies,
      services: serviceIdentities.map(({ serviceName }) => serviceName),
    }),
    (error: { readonly code: string }) => error.code,
  );
}

const task = { job: 'api', namespace: 'prod', task: 'server', issuer };
const service = { job: 'api', namespace: 'prod', service: 'cache', issuer };
const role = { roles: ['nomad-tasks-prod'], policies: [], services: [] };

test('a service gets the identity of its own name, and nothing else, for ever', async () => {
  expect(await outcome(nomadService(service))).toEqual({ roles: [], policies: [], services: ['cache'] });
  const session = await env.consul.login({ jwt: await env.issuer.sign(nomadService(service)), method: 'some' });
  expect(session.expirationTime).toBeUndefined();
});

test('a task gets the role of its namespace, and what its job gets besides', async () => {
  expect(await outcome(nomadTask(task))).toEqual({ ...role, policies: ['extra'] });
  expect(await outcome(nomadTask({ ...task, namespace: 'default' }))).toEqual({
    ...role,
    roles: ['nomad-tasks-default'],
  });
});

describe.each([
  ['a task', nomadTask(task)],
  ['a service', nomadService(service)],
])('%s', (_who, token) => {
  test.each([
    ['iss', 'https://nomad.example', 'issuer_mismatch'],
    ['iss', undefined, 'issuer_mismatch'],
    ['aud', 'nomadproject.io', 'audience_mismatch'],
    ['nomad_namespace', 'dev', 'no_binding_rule_matched'],
    ['nomad_namespace', 'Prod', 'no_binding_rule_matched'],
    ['nomad_namespace', undefined, 'no_binding_rule_matched'],
  ])('that differs in %s alone, with %s, is refused for it', async (claim, value, code) => {
    expect(await outcome(changedToken(token, claim, value))).toBe(code);
  });
});

test.each([
  ['nomad_job_id', 'other'],
  ['nomad_job_id', undefined],
  ['nomad_task', 'sidecar'],
])('a task that differs in %s, with %s, gets nothing of the job’s own', async (claim, value) => {
  expect(await outcome(changedToken(nomadTask(task), claim, value))).toEqual(role);
});

test('a token of neither a task nor a service is refused, which the guide’s selector takes', async () => {
  const neither = changedToken(nomadTask({ ...task, job: 'other' }), 'nomad_task', undefined);
  expect(await outcome(neither)).toBe('no_binding_rule_matched');
  await acl.writeMethod('guide', {
    JWKSURL: env.issuer.jwksUrlFor(env.consul),
    JWTSupportedAlgs: ['RS256'],
    BoundAudiences: ['consul.io'],
    ClaimMappings: { nomad_namespace: 'nomad_namespace', nomad_service: 'nomad_service' },
  });
  await acl.put('/v1/acl/binding-rule', {
    AuthMethod: 'guide',
    BindType: 'role',
    BindName: `nomad-tasks-\${value.nomad_namespace}`,
    Selector: '"nomad_service" not in value',
  });
  expect(await outcome(neither, 'guide')).toEqual(role);
});

test('with all namespaces, those that differ in case have one role: Consul writes claims in lowercase', async () => {
  expect(await outcome(nomadTask({ job: 'x', task: 'x', namespace: 'PROD' }), 'all')).toEqual(role);
  expect(await outcome(nomadTask({ job: 'x', task: 'x', namespace: 'elsewhere' }), 'all')).toBe('bound_name_not_found');
});

test('a task logs in with its file, and with its variable, by Consul’s own command', async () => {
  const folder = await temporaryFolder();
  const { path, variables } = await nomadTaskToken(env.issuer, task);
  await using file = await keepTokenFile(env.issuer, nomadTask(task), join(folder, path));
  const login = 'consul login -type=jwt -method=some -token-sink-file="$1" -bearer-token-file=';
  const run = (script: string, sink: string) =>
    execa(
      'bash',
      ['-euo', 'pipefail', '-c', `${script} && CONSUL_HTTP_TOKEN_FILE="$1" consul acl token read -self`, '-', sink],
      {
        cwd: folder,
        extendEnv: false,
        env: {
          PATH: `${env.consul.binFolder}:${process.env['PATH']}`,
          HOME: folder,
          CONSUL_HTTP_ADDR: env.consul.address,
          FILE: file.path,
          ...variables,
        },
      },
    );
  const byFile = await run(`${login}"$FILE"`, join(folder, 'one'));
  expect(byFile.stdout).toContain('nomad-tasks-prod');
  const byVariable = await run(`${login}<(printf %s "$NOMAD_TOKEN_consul_default")`, join(folder, 'two'));
  expect(byVariable.stdout).toContain('nomad-tasks-prod');
});
