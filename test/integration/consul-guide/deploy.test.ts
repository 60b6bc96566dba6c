import { TerraformStack } from 'cdktf';
import { github as githubJob } from 'vaultproof/issuer/presets';
import { lint } from 'vaultproof/lint';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach } from 'vitest';
import { synthesise } from '../../../harness/provision/synth.js';
import { requiresProviders } from '../../support/terraform-provider.js';
import { declare } from './logins.js';

test.override({ services: { vault: false, consul: true, issuer: { algorithms: ['RS256'] } } });
beforeEach(requiresProviders('consul'));

test('both logins are deployed by terraform as they are, lints find nothing, and a second plan is empty', async ({
  env,
}) => {
  const { issuer, consul, terraform } = env;
  const keySets = /https:\/\/(?:token\.actions\.githubusercontent|gitlab)\.com\/[\w./-]+/g;
  const stacks = await synthesise((app) => {
    declare(app);
    // CDKTF's package asks for one version alone, and any that is at hand will do here.
    const consulVersion = 'terraform.required_providers.consul.version';
    for (const made of app.node.children) if (TerraformStack.isStack(made)) made.addOverride(consulVersion, '~> 2.22');
  });
  expect(stacks.map(({ name }) => name)).toEqual(['github', 'gitlab']);
  for (const { name, json } of stacks) {
    expect(lint(json)).toEqual([]);
    // With the test's keys in the place of the vendors'.
    const text = JSON.stringify(json).replaceAll(keySets, issuer.jwksUrlFor(consul));
    expect(await terraform.apply(name, JSON.parse(text))).toMatchObject({ pending: [] });
  }
  expect(await consul.request('GET', 'acl/auth-method/gitlab')).toMatchObject({
    MaxTokenTTL: '15m0s',
    Config: { BoundIssuer: 'https://gitlab.com', BoundAudiences: ['https://consul.acme.example'] },
  });
  const job = { repository: 'acme/app', repositoryId: '74', environment: 'production' };
  const jwt = await issuer.sign(githubJob({ ...job, audience: 'https://consul.acme.example' }));
  await using session = await consul.login({ jwt, method: 'github' });
  expect(session.policies).toEqual(['app-deploy']);
});
