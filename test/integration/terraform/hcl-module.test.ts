import { resolve } from 'node:path';
import { github } from 'vaultproof/issuer/presets';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach } from 'vitest';
import { requiresProviders } from '../../support/terraform-provider.js';

const audience = 'https://vault.acme.example';
const payments = { repository: 'acme/payments', repositoryId: '74', audience };

beforeEach(requiresProviders('vault'));

test('a login that is declared in HCL lets in its repository and refuses a fork', async ({ env }) => {
  const source = resolve('test/fixtures/hcl');
  const jwks_url = env.issuer.jwksUrlFor(env.vault);
  await env.terraform.apply('login', { module: { login: { source, jwks_url } } });

  const job = await env.issuer.sign(github(payments));
  const fork = await env.issuer.sign(github({ repository: 'mallory/payments', audience }));
  await expect(env.vault).toLetIn(job, { mount: 'github', role: 'payments-ci' });
  await expect(env.vault).toRefuse(fork, { mount: 'github', role: 'payments-ci', code: 'claim_mismatch' });
});
