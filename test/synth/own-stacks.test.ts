import type { App } from 'cdktf';
import { lint, lintCoverage } from 'vaultproof/lint';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { consulNomad } from 'vaultproof/stacks/presets/consul-nomad';
import { VaultConsulStack } from 'vaultproof/stacks/vault-consul';
import { VaultDeployerStack } from 'vaultproof/stacks/vault-deployer';
import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { VaultOidcStack } from 'vaultproof/stacks/vault-oidc';
import { expect, test } from 'vitest';
import { synthesise } from '../../harness/provision/synth.js';
import { exampleConsulProps, exampleConsulTokens } from '../../stacks/examples/consul-login.js';
import { discoveryProps, keySetProps } from '../../stacks/examples/consul-parameters.js';
import { keyPerUserProps } from '../../stacks/examples/key-per-user.js';
import { plainTokenProps } from '../../stacks/examples/plain-token.js';
import { exampleProps } from '../../stacks/examples/vault-login.js';
import { people } from '../integration/oidc/people.js';
import { consulCases } from '../integration/presets/consul-cases.js';
import { presetCases } from '../integration/presets/preset-cases.js';
import { declare as declareGuide } from '../integration/stacks/guide-app.js';
import { planOf } from '../support/plan-of.js';

const cases: readonly [string, (app: App) => unknown][] = [
  [
    'the bundled stack',
    (app) =>
      new VaultJwtStack(app, 'example', exampleProps({ jwksUrl: 'https://a.example', boundIssuer: 'https://a' })),
  ],
  ['the stacks of the guide', declareGuide],
  [
    'the documented logins',
    (app) => {
      const issuer = { jwksUrl: 'https://a.example', boundIssuer: 'https://a' };
      new VaultJwtStack(app, 'seed-000', keyPerUserProps(['-----BEGIN PUBLIC KEY-----']));
      new VaultJwtStack(app, 'seed-001', plainTokenProps(issuer.jwksUrl));
      new ConsulJwtStack(app, 'seed-004', keySetProps(issuer.jwksUrl));
      new ConsulJwtStack(app, 'seed-004-discovery', discoveryProps('https://a.auth0.com/'));
    },
  ],
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
  ['a login in a browser', (app) => new VaultOidcStack(app, 'people', people)],
  [
    'a login in a browser for everyone',
    (app) =>
      new VaultOidcStack(app, 'people', {
        oidcDiscoveryUrl: 'https://acme.okta.com',
        oidcClientId: '0oa1b2c3',
        roles: [
          {
            roleName: 'everyone',
            allowedRedirectUris: ['http://localhost:8250/oidc/callback'],
            tokenPolicies: ['default'],
            allow: { 'audience-only': 'all of Acme may read the menu' },
          },
        ],
      }),
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
        kv: {},
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

test.each(cases)('lints find nothing in %s, and pass nothing over', async (_name, declare) => {
  for (const { json } of await synthesise(declare)) {
    expect(lint(json)).toEqual([]);
    expect(lintCoverage(json).passedOver).toEqual([]);
  }
});

test.each(cases)('lints find nothing in a plan of %s but what the stack allows', async (_name, declare) => {
  for (const { json } of await synthesise(declare)) {
    // A plan has no comments.
    const allowed = [...JSON.stringify(json).matchAll(/"allow":(\{[^}]*\})/g)].flatMap(([, allow = '']) =>
      Object.keys(JSON.parse(allow)),
    );
    const allow = [...new Set(allowed)].map((code) => ({ code, reason: 'the stack says why' }));
    expect(lint(planOf(json), { allow })).toEqual([]);
  }
});
