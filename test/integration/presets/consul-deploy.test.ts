import type { App } from 'cdktf';
import { startEnvironment } from 'vaultproof';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { consulNomad } from 'vaultproof/stacks/presets/consul-nomad';
import { beforeEach, expect, test } from 'vitest';
import { requiresProviders } from '../../support/terraform-provider.js';
import { consulCases } from './consul-cases.js';

beforeEach(requiresProviders('consul'));

test('terraform and the real provider take every preset, and would change nothing afterwards', async () => {
  await using env = await startEnvironment({ vault: false, consul: true, issuer: { algorithms: ['RS256'] } });
  const jwksUrl = env.issuer.jwksUrlFor(env.consul);
  const [rule, ...rules] = consulCases.flatMap(({ preset }) => preset.bindingRules);
  if (rule === undefined) throw new Error('there are no presets');
  const claimMappings: Record<string, string> = {};
  for (const { preset } of consulCases) Object.assign(claimMappings, preset.claimMappings);
  const declare = (app: App): void => {
    const stacks = [
      new ConsulJwtStack(app, 'all', {
        ...{ jwksUrl, boundIssuer: 'https://issuer.example', boundAudiences: ['a'], claimMappings, maxTokenTtl: '15m' },
        bindingRules: [rule, ...rules],
        roles: [{ name: 'deploy' }],
      }),
      new ConsulJwtStack(app, 'nomad', { ...consulNomad({ namespaces: 'all' }), jwksUrl }),
    ];
    // As docs/deploy.md has it.
    for (const stack of stacks) stack.addOverride('terraform.required_providers.consul.version', '>= 2.22.1, < 3.0.0');
  };
  const applied = await env.apply(declare, { provisioner: 'terraform' });
  expect(applied['nomad']).toMatchObject({ created: expect.arrayContaining(['consul_acl_auth_method.jwt']) });
  for (const stack of ['all', 'nomad']) expect(applied[stack]).toMatchObject({ pending: [], differences: [] });
});
