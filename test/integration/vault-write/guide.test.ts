import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Environment, readVaultState, startEnvironment, stateDifferences } from 'vaultproof';
import { gitlab } from 'vaultproof/issuer/presets';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { afterAll, beforeAll } from 'vitest';
import { vaultCommand } from '../../support/vault-command.js';

// docs/vault-write.md as it stands, in a project with commands.sh and infra/vault/main.tf.

const before = process.cwd();
const path = process.env['PATH'] ?? '';
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'vaultproof-guide-'));
  const fixtures = fileURLToPath(new URL('../../fixtures/vault-write/', import.meta.url));
  await cp(join(fixtures, 'commands.sh'), join(project, 'commands.sh'));
  for (const file of ['main.tf', 'site-read.hcl'])
    await cp(join(fixtures, file), join(project, 'infra', 'vault', file));
  process.chdir(project);
});
afterAll(async () => {
  process.chdir(before);
  process.env['PATH'] = path;
  await rm(project, { recursive: true, force: true });
});

test.override({ services: { vault: { engine: 'process' }, impersonate: ['https://gitlab.com'] } });
test.beforeEach(async ({ env }) => {
  process.env['PATH'] = [await vaultCommand(env.vault), path].join(delimiter);
});

/** Types the commands on a test's server. */
async function runCommands({ vault }: Environment): Promise<void> {
  const variables = { VAULT_ADDR: vault.address, VAULT_TOKEN: vault.token };
  await execa('bash', ['-eu', 'commands.sh'], { env: variables });
}

test('by the commands, a pipeline of a protected branch gets in, and another project does not', async ({ env }) => {
  await runCommands(env);
  const login = { mount: 'gitlab', role: 'site-deploy' };
  const job = { project: 'acme/site', projectId: '20', ref: 'main', audience: 'https://vault.acme.example' };

  await expect(env.vault).toLetIn(await env.issuer.sign(gitlab(job)), { ...login, policies: ['default', 'site-read'] });

  const other = await env.issuer.sign(gitlab({ ...job, project: 'mallory/site', projectId: '99' }));
  await expect(env.vault).toRefuse(other, { ...login, code: 'claim_mismatch', claim: 'project_id' });
  const unprotected = await env.issuer.sign(gitlab({ ...job, refProtected: false }));
  await expect(env.vault).toRefuse(unprotected, { ...login, code: 'claim_mismatch', claim: 'ref_protected' });
});

test('the HCL makes what the commands made', async ({ env }) => {
  await using byHand = await startEnvironment({ impersonate: ['https://gitlab.com'] });
  await runCommands(byHand);
  await env.applyTerraform('infra/vault');
  expect(stateDifferences(await readVaultState(byHand.vault), await readVaultState(env.vault))).toEqual([]);
});

test('so does the stack', async ({ env }) => {
  const policy = readFileSync('infra/vault/site-read.hcl', 'utf8');
  await using byHand = await startEnvironment({ impersonate: ['https://gitlab.com'] });
  await runCommands(byHand);
  await env.apply(
    (app) =>
      new VaultJwtStack(app, 'gitlab', {
        path: 'gitlab',
        description: 'Pipelines of GitLab',
        oidcDiscoveryUrl: 'https://gitlab.com',
        boundIssuer: 'https://gitlab.com',
        jwtSupportedAlgs: ['RS256'],
        tune: [{ defaultLeaseTtl: '10m', maxLeaseTtl: '1h' }],
        roles: [
          {
            roleName: 'site-deploy',
            userClaim: 'project_id',
            boundAudiences: ['https://vault.acme.example'],
            boundClaims: { project_id: '20', ref_type: 'branch', ref: ['main', 'release'], ref_protected: 'true' },
            claimMappings: { project_path: 'project' },
            tokenPolicies: ['site-read'],
            tokenTtl: 300,
            tokenMaxTtl: 900,
          },
        ],
        policies: [{ name: 'site-read', policy }],
        kv: {},
      }),
  );
  expect(stateDifferences(await readVaultState(byHand.vault), await readVaultState(env.vault))).toEqual([]);
});

test('a value that is forgotten is told by its place', async ({ env }) => {
  await using byHand = await startEnvironment({ impersonate: ['https://gitlab.com'] });
  await runCommands(byHand);
  await env.applyTerraform('infra/vault');
  const role = 'auth/gitlab/role/site-deploy';
  await env.vault.request('POST', role, { role_type: 'jwt', token_max_ttl: '1h' });
  expect(stateDifferences(await readVaultState(byHand.vault), await readVaultState(env.vault))).toEqual([
    { path: role, field: 'token_max_ttl', left: 900, right: 3600 },
  ]);
});
