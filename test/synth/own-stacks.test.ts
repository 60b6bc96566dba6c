import type { App } from 'cdktf';
import { lint } from 'vaultproof';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { exampleProps } from 'vaultproof/stacks/example';
import { exampleConsulProps, exampleConsulTokens } from 'vaultproof/stacks/example-consul';
import { consulNomad } from 'vaultproof/stacks/presets/consul-nomad';
import { VaultConsulStack } from 'vaultproof/stacks/vault-consul';
import { VaultDeployerStack } from 'vaultproof/stacks/vault-deployer';
import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vitest';
import { synthesise } from '../../harness/provision/synth.js';
import { consulCases } from '../integration/presets/consul-cases.js';
import { presetCases } from '../integration/presets/preset-cases.js';
import { declare as declareGuide } from '../integration/stacks/guide-app.js';

const cases: readonly [string, (app: App) => unknown][] = [
  [
    'the bundled stack',
    (app) =>
      new VaultJwtStack(app, 'example', exampleProps({ jwksUrl: 'https://a.example', boundIssuer: 'https://a' })),
  ],
  ['the stacks of the guide', declareGuide],
  [
    'the pipeline of a stack with groups',
    (app) => {
      const issuer = { jwksUrl: 'https://a.example', boundIssuer: 'https://a' };
      const role = { roleName: 'dev', boundSubject: 'a', groupsClaim: 'groups', tokenPolicies: [] };
      const deploys: VaultJwtStackProps = {
        ...issuer,
        roles: [role],
        groups: [{ name: 'dev', policies: ['default'] }],
      };
      new VaultDeployerStack(app, 'deployer', { ...issuer, deploys, role: { boundSubject: 'pipeline' } });
    },
  ],
  [
    'the bundled stacks of Consul',
    (app) => {
      const issuer = { jwksUrl: 'https://a.example', boundIssuer: 'https://a' };
      new ConsulJwtStack(app, 'login', exampleConsulProps(issuer));
      new VaultConsulStack(app, 'tokens', exampleConsulTokens);
    },
  ],
  [
    "Vault's Consul secrets engine that bootstraps Consul",
    (app) =>
      new VaultConsulStack(app, 'tokens', {
        access: 'bootstrap',
        address: 'consul.example:8501',
        scheme: 'https',
        roles: [{ name: 'app', consulPolicies: ['app-reader'] }],
      }),
  ],
  ...presetCases.map(({ name, backend, role }): [string, (app: App) => unknown] => [
    `the preset ${name}`,
    (app) =>
      new VaultJwtStack(app, 'preset', {
        ...backend,
        roles: [role],
        policies: [{ name: 'deploy', rules: [{ secrets: 'app/*', access: ['read'] }] }],
      }),
  ]),
  ...consulCases.map(({ name, preset }): [string, (app: App) => unknown] => [
    `the preset for Consul ${name}`,
    (app) => new ConsulJwtStack(app, 'preset', { ...preset, roles: [{ name: 'deploy' }] }),
  ]),
  [
    'the preset for Nomad at Consul',
    (app) => {
      const rules = [{ namespace: 'prod', job: 'api', bindType: 'policy', bindName: 'extra' }] as const;
      const policies = [{ name: 'extra', rules: 'key_prefix "api/" { policy = "read" }' }];
      new ConsulJwtStack(app, 'preset', { ...consulNomad({ namespaces: 'all', rules }), policies });
    },
  ],
];

test.each(cases)('lints find nothing in %s', async (_name, declare) => {
  const findings = (await synthesise(declare)).flatMap(({ json }) => lint(json));
  expect(findings).toEqual([]);
});
