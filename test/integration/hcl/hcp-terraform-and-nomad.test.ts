import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nomadService, nomadTask, terraformRun } from 'vaultproof/issuer/presets';
import { expect, test } from 'vaultproof/vitest';
import { afterAll, beforeAll, describe } from 'vitest';

// docs/hcp-terraform-and-nomad.md as it stands, in a project with its three folders below infra/.

const before = process.cwd();
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'vaultproof-guide-'));
  await cp(fileURLToPath(new URL('../../fixtures/hcl/guides', import.meta.url)), join(project, 'infra'), {
    recursive: true,
  });
  process.chdir(project);
});
afterAll(async () => {
  process.chdir(before);
  await rm(project, { recursive: true, force: true });
});

test.override({ services: { vault: true, impersonate: ['https://app.terraform.io'] } });

test('an apply of the network workspace writes, its plan reads, and no other workspace gets in', async ({ env }) => {
  const organizationId = 'org-8RcX2bQ5vTzK1mNd';
  await env.applyTerraform('infra/hcp-terraform', { variables: { organization_id: organizationId } });
  const acme = { organization: 'acme', organizationId };
  const login = { mount: 'hcp-terraform', role: 'network-apply' };

  const apply = terraformRun({ ...acme, workspace: 'network', runPhase: 'apply' });
  await expect(env.vault).toLetIn(await env.issuer.sign(apply), { ...login, policies: ['default', 'network-apply'] });

  const plan = await env.issuer.sign(terraformRun({ ...acme, workspace: 'network', runPhase: 'plan' }));
  await expect(env.vault).toRefuse(plan, { ...login, code: 'claim_mismatch', claim: 'sub' });
  await expect(env.vault).toLetIn(plan, { ...login, role: 'network-plan', policies: ['default', 'network-plan'] });

  const other = await env.issuer.sign(terraformRun({ ...acme, workspace: 'sandbox' }));
  await expect(env.vault).toRefuse(other, { ...login, code: 'claim_mismatch', claim: 'sub' });

  const namesake = terraformRun({ organization: 'acme', organizationId: 'org-mallory', workspace: 'network' });
  await expect(env.vault).toRefuse(await env.issuer.sign(namesake), {
    ...login,
    code: 'claim_mismatch',
    claim: 'terraform_organization_id',
  });
});

const vaultIdentity = { identity: 'vault_default', audience: 'vault.io' };

test("a task reads the secrets of its job, and no other job's", async ({ env }) => {
  await env.applyTerraform('infra/nomad', { variables: { nomad_jwks_url: env.issuer.jwksUrlFor(env.vault) } });
  await env.vault.request('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  await env.vault.seed('secret/prod/shop/db', { password: 'correct horse' });

  const task = nomadTask({ namespace: 'prod', job: 'shop', task: 'server', ...vaultIdentity });
  const session = await env.vault.login({ jwt: await env.issuer.sign(task), mount: 'jwt-nomad' });
  expect(await session.read('secret/prod/shop/db')).toEqual({ password: 'correct horse' });

  const neighbour = nomadTask({ namespace: 'prod', job: 'blog', task: 'server', ...vaultIdentity });
  const another = await env.vault.login({ jwt: await env.issuer.sign(neighbour), mount: 'jwt-nomad' });
  await expect(another.read('secret/prod/shop/db')).rejects.toMatchObject({ code: 'permission_denied' });
});

test('a job of another namespace, and an identity for another server, are refused', async ({ env }) => {
  await env.applyTerraform('infra/nomad', { variables: { nomad_jwks_url: env.issuer.jwksUrlFor(env.vault) } });
  const login = { mount: 'jwt-nomad', role: 'nomad-workloads' };
  const shop = { job: 'shop', task: 'server', ...vaultIdentity };

  const staging = await env.issuer.sign(nomadTask({ ...shop, namespace: 'staging' }));
  await expect(env.vault).toRefuse(staging, { ...login, code: 'claim_mismatch', claim: 'nomad_namespace' });

  const forConsul = await env.issuer.sign(nomadTask({ ...shop, namespace: 'prod', audience: 'consul.io' }));
  await expect(env.vault).toRefuse(forConsul, { ...login, code: 'audience_mismatch' });
});

test('without a bound namespace, a job has the secrets of its namesake that logged in last', async ({ env }) => {
  const deployed = await readFile('infra/nomad/main.tf', 'utf8');
  const loose = deployed.replace(/^ *bound_claims .*\n/m, '');
  expect(loose).not.toBe(deployed);
  await cp('infra/nomad', 'infra/nomad-loose', { recursive: true });
  await writeFile('infra/nomad-loose/main.tf', loose);
  await env.applyTerraform('infra/nomad-loose', { variables: { nomad_jwks_url: env.issuer.jwksUrlFor(env.vault) } });
  await env.vault.request('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  await env.vault.seed('secret/prod/shop/db', { password: 'correct horse' });
  const logIn = async (namespace: string) => {
    const task = nomadTask({ namespace, job: 'shop', task: 'server', ...vaultIdentity });
    return env.vault.login({ jwt: await env.issuer.sign(task), mount: 'jwt-nomad' });
  };

  const staging = await logIn('staging');
  await expect(staging.read('secret/prod/shop/db')).rejects.toMatchObject({ code: 'permission_denied' });
  await logIn('prod');
  expect(await staging.read('secret/prod/shop/db')).toEqual({ password: 'correct horse' });
});

test('the URL of servers that have an oidc_issuer is answered for', async ({ env }) => {
  const issuer = 'https://nomad.acme.example';
  await env.impersonate(issuer);
  await env.applyTerraform('infra/nomad', { variables: { nomad_jwks_url: `${issuer}/.well-known/jwks.json` } });
  const task = nomadTask({ namespace: 'prod', job: 'shop', task: 'server', issuer, ...vaultIdentity });
  await expect(env.vault).toLetIn(await env.issuer.sign(task), { mount: 'jwt-nomad', role: 'nomad-workloads' });
});

describe('at Consul', () => {
  test.override({ services: { vault: false, consul: true } });

  test('in Consul a service has its own identity, a task the role of its namespace', async ({ env }) => {
    await env.applyTerraform('infra/nomad-consul', {
      variables: { nomad_jwks_url: env.issuer.jwksUrlFor(env.consul) },
    });
    const cart = await env.issuer.sign(nomadService({ namespace: 'prod', job: 'shop', service: 'cart' }));
    await using service = await env.consul.login({ jwt: cart, method: 'nomad-workloads' });
    expect(service.serviceIdentities).toMatchObject([{ serviceName: 'cart' }]);

    const server = await env.issuer.sign(nomadTask({ namespace: 'prod', job: 'shop', task: 'server' }));
    await using task = await env.consul.login({ jwt: server, method: 'nomad-workloads' });
    expect(task.roles).toEqual(['nomad-tasks-prod']);

    const staging = await env.issuer.sign(nomadTask({ namespace: 'staging', job: 'shop', task: 'server' }));
    await expect(env.consul).toRefuse(staging, { method: 'nomad-workloads', code: 'no_binding_rule_matched' });
  });
});
