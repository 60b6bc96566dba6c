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
  const together = presetsTogether();
  expect(together.flat()).toHaveLength(consulCases.length);
  const common = { jwksUrl, boundIssuer: 'https://issuer.example', boundAudiences: ['a'], maxTokenTtl: '15m' };
  const declare = (app: App): void => {
    const stacks = [
      ...together.map((presets, index) => {
        const [rule, ...rules] = presets.flatMap(({ bindingRules }) => bindingRules);
        if (rule === undefined) throw new Error('a preset has no binding rule');
        return new ConsulJwtStack(app, `presets-${index}`, {
          ...common,
          name: `presets-${index}`,
          claimMappings: mappingsOf(presets),
          bindingRules: [rule, ...rules],
          // All of them bind it, and a Consul has one of each name.
          roles: index === 0 ? [{ name: 'deploy' }] : [],
        });
      }),
      new ConsulJwtStack(app, 'nomad', { ...consulNomad({ namespaces: 'all' }), jwksUrl }),
    ];
    // As docs/deploy.md has it.
    for (const stack of stacks) stack.addOverride('terraform.required_providers.consul.version', '>= 2.22.1, < 3.0.0');
  };
  const applied = await env.apply(declare, { provisioner: 'terraform' });
  expect(applied['nomad']).toMatchObject({ created: expect.arrayContaining(['consul_acl_auth_method.jwt']) });
  expect(Object.keys(applied)).toHaveLength(together.length + 1);
  for (const stack of Object.values(applied)) expect(stack).toMatchObject({ pending: [], differences: [] });
});

type Preset = (typeof consulCases)[number]['preset'];

function mappingsOf(presets: readonly Preset[]): Record<string, string> {
  return Object.assign({}, ...presets.map(({ claimMappings }) => claimMappings));
}

/** The presets in as few stacks as can be: two vendors may map different claims to one name, which one stack can't. */
function presetsTogether(): Preset[][] {
  const together: Preset[][] = [];
  for (const { preset } of consulCases) {
    const found = together.find((presets) => {
      const names = Object.values(mappingsOf([...presets, preset]));
      return new Set(names).size === names.length;
    });
    if (found) found.push(preset);
    else together.push([preset]);
  }
  return together;
}
