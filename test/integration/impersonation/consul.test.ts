import { type Environment, startEnvironment } from 'vaultproof';
import { nomadTask } from 'vaultproof/issuer/presets';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { madeKey } from '../../support/made-key.js';
import { changedToken } from '../presets/changed-token.js';
import { consulCases } from '../presets/consul-cases.js';

const spire = 'https://spire.example.org';
/** Of Entra's two versions, whose keys are at one host, that which is served. */
const cases = consulCases.filter(({ preset }) => !preset.boundIssuer.startsWith('https://sts.windows.net/'));
const urls = [...new Set(cases.map(({ preset }) => preset.boundIssuer))].filter((url) => url !== spire);
const nomad = 'https://nomad.acme.example';
let env: Environment;

beforeAll(async () => {
  env = await startEnvironment({ vault: false, consul: true, impersonate: [...urls, nomad] });
  // Consul takes the algorithms of the discovery document, as it is when the method is written.
  await env.impersonate(spire, { algorithms: ['ES256'] });
  await env.consul.request('PUT', 'acl/role', { Name: 'deploy' });
  for (const [index, { preset }] of cases.entries()) {
    const { jwksUrl, boundIssuer, ...method } = preset;
    const byKeys = { ...method, jwksUrl, boundIssuer, name: `keys-${index}` };
    const byDiscovery = { ...method, oidcDiscoveryUrl: boundIssuer, name: `discovery-${index}` };
    await env.apply((app) => new ConsulJwtStack(app, byKeys.name, byKeys));
    await env.apply((app) => new ConsulJwtStack(app, byDiscovery.name, byDiscovery));
  }
});
afterAll(() => env?.stop());

describe.each(cases.map((one, index) => ({ ...one, methods: [`keys-${index}`, `discovery-${index}`] })))(
  '$name',
  ({ methods, token, gets, preset, differing }) => {
    test.each(methods)("a token of the preset gets in by %s, whose URLs are the vendor's own", async (method) => {
      const jwt = await env.issuer.sign(token);
      expect(await env.consul.login({ jwt, method })).toMatchObject(gets);
    });

    test.each(methods)('a token of another subject is refused by %s', async (method) => {
      const [claim = '', value] = Object.entries(differing).find(([name]) => !name.startsWith('bound')) ?? [];
      const jwt = await env.issuer.sign(changedToken(token, claim, value));
      await expect(env.consul.login({ jwt, method })).rejects.toMatchObject({ code: 'no_binding_rule_matched' });
    });

    test.each(methods)(
      "a token that another key signed is refused by %s, with the vendor's key ids",
      async (method) => {
        const key = await madeKey(token.alg ?? 'ES256');
        const jwt = await env.issuer.sign(token, { key });
        const { keys } = await env.impersonate(preset.boundIssuer);
        await expect(env.consul.login({ jwt, method })).rejects.toMatchObject({
          code: 'unknown_key',
          expected: keys.published().map(({ kid }) => kid),
        });
      },
    );
  },
);

test("Nomad's own path has the keys where the servers have an oidc_issuer", async () => {
  const bindingRules = [{ bindType: 'service', bindName: 'web', selector: 'value.nomad_task == "web"' }] as const;
  const method = {
    name: 'nomad',
    jwksUrl: `${nomad}/.well-known/jwks.json`,
    boundIssuer: nomad,
    boundAudiences: ['consul.io'],
    claimMappings: { nomad_task: 'nomad_task' },
    bindingRules,
  };
  await env.apply((app) => new ConsulJwtStack(app, 'nomad', method));
  const jwt = await env.issuer.sign(nomadTask({ job: 'web', task: 'web', issuer: nomad }));
  await using session = await env.consul.login({ jwt, method: 'nomad' });
  expect(session).toMatchObject({ serviceIdentities: [{ serviceName: 'web' }] });
});

test('Consul asked no other host', () => {
  expect(env.proxy.refused).toEqual([]);
});
