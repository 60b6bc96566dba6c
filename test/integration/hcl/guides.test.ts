import { fileURLToPath } from 'node:url';
import { type Environment, startEnvironment } from 'vaultproof';
import { gitlab, nomadTask, terraformRun } from 'vaultproof/issuer/presets';
import { expect } from 'vaultproof/vitest';
import { afterAll, beforeEach, describe, test } from 'vitest';
import { engines, requiresEngine, runOn } from '../../support/engines.js';
import { requiresProviders } from '../../support/terraform-provider.js';

// The folders of docs/hcp-terraform-and-nomad.md and docs/vault-write.md, on both engines and by both provisioners.

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const organizationId = 'org-8RcX2bQ5vTzK1mNd';
const run = { organization: 'acme', organizationId, workspace: 'network' };
const task = { job: 'shop', task: 'server', identity: 'vault_default', audience: 'vault.io' };
const pipeline = { project: 'acme/site', projectId: '20', refProtected: true, audience: 'https://vault.acme.example' };

const guides = [
  {
    folder: 'hcl/guides/hcp-terraform',
    variables: () => ({ organization_id: organizationId }),
    login: { mount: 'hcp-terraform', role: 'network-apply' },
    token: terraformRun({ ...run, runPhase: 'apply' }),
    other: terraformRun({ ...run, runPhase: 'plan' }),
    claim: 'sub',
  },
  {
    folder: 'hcl/guides/nomad',
    variables: ({ issuer, vault }: Environment) => ({ nomad_jwks_url: issuer.jwksUrlFor(vault) }),
    login: { mount: 'jwt-nomad', role: 'nomad-workloads' },
    token: nomadTask({ ...task, namespace: 'prod' }),
    other: nomadTask({ ...task, namespace: 'staging' }),
    claim: 'nomad_namespace',
  },
  {
    folder: 'vault-write',
    variables: () => ({}),
    login: { mount: 'gitlab', role: 'site-deploy' },
    token: gitlab(pipeline),
    other: gitlab({ ...pipeline, project: 'mallory/site', projectId: '99' }),
    claim: 'project_id',
  },
] as const;

describe.each(engines)('on %s', (engine) => {
  let env: Environment;
  beforeEach(async (context) => {
    await requiresEngine(engine)(context);
    const impersonate = ['https://app.terraform.io', 'https://gitlab.com'];
    env ??= await startEnvironment({ vault: runOn(engine, 'vault'), impersonate });
  });
  afterAll(() => env?.stop());

  describe.each(['direct', 'terraform'] as const)('by the %s provisioner', (provisioner) => {
    beforeEach(async (context) => {
      if (provisioner === 'terraform') await requiresProviders('vault')(context);
    });

    test.each(guides)('the login of $folder lets in whom it is for, and no one else', async (guide) => {
      const folder = fixtures + guide.folder;
      const variables = guide.variables(env);
      if (provisioner === 'terraform') await env.applyTerraform(folder, { provisioner, variables });
      else await env.applyTerraform(folder, { variables });
      await expect(env.vault).toLetIn(await env.issuer.sign(guide.token), guide.login);
      const refused = { ...guide.login, code: 'claim_mismatch', claim: guide.claim } as const;
      await expect(env.vault).toRefuse(await env.issuer.sign(guide.other), refused);

      if (provisioner === 'terraform') await env.terraform.destroy(folder);
      else await env.applyJson({ output: { none: { value: 0 } } }, folder);
    });
  });
});
