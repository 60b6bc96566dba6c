import type { App, TerraformStack } from 'cdktf';
import { generateSigningKey } from 'vaultproof/issuer';
import { publicPem } from 'vaultproof/issuer/keys';
import { ConsulJwtStack, type ConsulJwtStackProps } from 'vaultproof/stacks/consul-jwt';
import { VaultConsulStack } from 'vaultproof/stacks/vault-consul';
import { VaultDeployerStack } from 'vaultproof/stacks/vault-deployer';
import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { beforeEach, expect, test } from 'vitest';
import { compareProvisioners } from '../../../harness/parity.js';
import { synthesise } from '../../../harness/provision/synth.js';
import { keySetProps, staticKeysProps } from '../../../stacks/examples/consul-parameters.js';
import { keyPerUserProps } from '../../../stacks/examples/key-per-user.js';
import { plainTokenProps } from '../../../stacks/examples/plain-token.js';
import { exampleProps } from '../../../stacks/examples/vault-login.js';
import { requires } from '../../support/requirement.js';
import { presetCases } from '../presets/preset-cases.js';

beforeEach(requires('terraform'));

const key = await generateSigningKey('RS256');
const [preset, ...presets] = presetCases.map(({ role }) => role);

/** All that a stack can declare. */
function whole(jwksUrl: string, boundIssuer: string): VaultJwtStackProps {
  return {
    jwksUrl,
    boundIssuer,
    path: 'whole',
    description: 'all of it',
    namespaceInState: true,
    disableRemount: true,
    providerConfig: { provider: 'secureauth' },
    oidcResponseMode: 'form_post',
    oidcResponseTypes: ['code', 'id_token'],
    tune: [{ defaultLeaseTtl: '1h', maxLeaseTtl: '2h', tokenType: 'default-service', listingVisibility: 'unauth' }],
    roles: [
      {
        roleName: 'all',
        boundSubject: 'vishpat',
        boundAudiences: ['a', 'b'],
        boundClaims: { team: ['red', 'blue'], level: '1*' },
        boundClaimsType: 'glob',
        claimMappings: { team: 'team' },
        groupsClaim: 'groups',
        clockSkewLeeway: 10,
        expirationLeeway: 20,
        notBeforeLeeway: 30,
        tokenPolicies: ['own', 'elsewhere'],
        tokenBoundCidrs: ['127.0.0.0/8'],
        tokenExplicitMaxTtl: 7200,
        tokenNoDefaultPolicy: true,
        tokenNumUses: 3,
        tokenType: 'service',
        userClaimJsonPointer: true,
        userClaim: '/sub',
        allowedRedirectUris: ['http://127.0.0.1/'],
        oidcScopes: ['groups'],
        maxAge: 60,
        verboseOidcLogging: true,
      },
      { roleName: 'commas', boundClaims: { regions: 'eu,us' }, tokenPolicies: ['own'], tokenPeriod: 60 },
    ],
    policies: [
      { name: 'own', rules: ({ name, metadata }) => [{ secrets: `${metadata('team')}/${name}/*`, access: ['read'] }] },
    ],
    groups: [{ name: 'dev', policies: ['own'] }],
    kv: [{ path: 'kv' }, { path: 'old', version: 1, description: 'of old' }],
  };
}

/** All that Consul's stack can declare. */
function wholeOfConsul(jwksUrl: string, boundIssuer: string): ConsulJwtStackProps {
  const selector = 'value.user == "vishpat" and "eng" in list.groups';
  return {
    jwksUrl,
    boundIssuer,
    name: 'whole',
    displayName: 'All of it',
    description: `for \${everybody}`,
    maxTokenTtl: '90m',
    tokenLocality: 'global',
    boundAudiences: ['a', 'b'],
    jwtSupportedAlgs: ['ES256', 'RS256'],
    claimMappings: { sub: 'user', '/kubernetes.io/namespace': 'namespace', 'a<b>&c': 'odd', [`\${d}`]: 'odder' },
    listClaimMappings: { groups: 'groups' },
    expirationLeeway: 10,
    notBeforeLeeway: 20,
    clockSkewLeeway: -1,
    policies: [
      { name: 'own', rules: 'key_prefix "app/" { policy = "read" }', description: 'their own', datacenters: ['dc1'] },
      { name: 'elsewhere', rules: '' },
    ],
    roles: [
      {
        name: 'ops',
        description: 'all that a role has',
        policies: ['own', 'elsewhere', 'global-management'],
        serviceIdentities: [{ serviceName: 'web', datacenters: ['dc1'] }],
        nodeIdentities: [{ nodeName: 'n1', datacenter: 'dc1' }],
        templatedPolicies: [
          { templateName: 'builtin/service', templateVariables: { name: 'web' }, datacenters: ['dc1'] },
          { templateName: 'builtin/dns' },
        ],
      },
    ],
    bindingRules: [
      { bindType: 'service', bindName: `\${value.namespace}-\${value.user}`, description: 'by claims' },
      { bindType: 'node', bindName: 'n1', selector },
      { bindType: 'role', bindName: 'ops', selector },
      { bindType: 'policy', bindName: 'own', selector },
      { bindType: 'policy', bindName: 'own', selector: 'value.user == "kan_soki"' },
      { bindType: 'templated-policy', bindName: 'builtin/node', bindVars: { name: `\${value.user}` } },
      { bindType: 'templated-policy', bindName: 'builtin/dns', selector },
    ],
  };
}

const cases: readonly [string, (app: App, jwksUrl: string, issuer: string) => unknown][] = [
  ['the bundled stack', (app, jwksUrl, boundIssuer) => stack(app, exampleProps({ jwksUrl, boundIssuer }))],
  ['seed 000', (app) => stack(app, keyPerUserProps([publicPem(key)]))],
  ['seed 001', (app, jwksUrl) => stack(app, plainTokenProps(jwksUrl))],
  ['seed 004 with static keys', (app) => consulStack(app, staticKeysProps([publicPem(key)]))],
  ['seed 004 with a key set', (app, jwksUrl) => consulStack(app, keySetProps(jwksUrl))],
  ["a stack of Consul's with all there is", (app, jwksUrl, issuer) => consulStack(app, wholeOfConsul(jwksUrl, issuer))],
  ['a stack with all there is', (app, jwksUrl, issuer) => stack(app, whole(jwksUrl, issuer))],
  [
    'several key sets',
    (app, jwksUrl, issuer) => {
      const {
        boundIssuer: _none,
        jwksUrl: _other,
        ...rest
      } = whole(jwksUrl, issuer) as VaultJwtStackProps & {
        jwksUrl: string;
      };
      const roles = rest.roles.map((role) => ({ ...role, boundClaims: { iss: issuer, team: 'red' } }));
      stack(app, { ...rest, roles, jwksPairs: [{ jwksUrl }, { jwksUrl: `${jwksUrl}?again` }] });
    },
  ],
  [
    "the deployer's stack",
    (app, jwksUrl, boundIssuer) =>
      new VaultDeployerStack(app, 'demo', {
        jwksUrl,
        boundIssuer,
        deploys: whole(jwksUrl, boundIssuer),
        role: { boundSubject: 'pipeline' },
      }),
  ],
  [
    "Vault's Consul secrets engine with all there is",
    (app) => {
      const made = new VaultConsulStack(app, 'demo', {
        path: 'tokens/consul',
        description: `for \${all}`,
        defaultLeaseTtlSeconds: 60,
        maxLeaseTtlSeconds: 7200,
        local: true,
        accessPolicy: 'engine',
        policies: [{ name: 'own', rules: 'key_prefix "app/" { policy = "read" }', datacenters: ['dc1'] }],
        roles: [
          { name: 'policies', consulPolicies: ['own', 'elsewhere'], ttl: 60, maxTtl: 120, local: true },
          { name: 'roles', consulRoles: ['ops', 'dev'] },
          {
            name: 'identities',
            serviceIdentities: [{ serviceName: 'web' }, { serviceName: 'api', datacenters: ['dc1', 'dc2'] }],
            nodeIdentities: [{ nodeName: 'n1', datacenter: 'dc1' }],
          },
        ],
      });
      anyConsulProvider(made);
    },
  ],
  [
    "every preset's role",
    (app, jwksUrl) => {
      if (preset === undefined) throw new Error('there are no presets');
      const allow = { 'no-bound-issuer': 'the vendors have one each' };
      stack(app, { jwksUrl, allow, roles: [preset, ...presets] });
    },
  ],
];

function consulStack(app: App, props: ConsulJwtStackProps): void {
  anyConsulProvider(new ConsulJwtStack(app, 'demo', props));
}

/** CDKTF's package asks for one version alone, and any that is at hand will do here. */
function anyConsulProvider(made: TerraformStack): void {
  made.addOverride('terraform.required_providers.consul.version', '~> 2.22');
}

function stack(app: App, props: VaultJwtStackProps): VaultJwtStack {
  return new VaultJwtStack(app, 'demo', props);
}

test.for(cases)('terraform and direct apply leave the same of %s', async ([, declare], { skip }) => {
  const result = await compareProvisioners({
    declare: ({ jwksUrl, url }) => synthesise((app) => declare(app, jwksUrl, url)),
  }).catch((error: { readonly code?: string; readonly message: string }) => {
    if (error.code !== 'provider_unavailable' || process.env['VAULTPROOF_REQUIRE']?.includes('terraform')) throw error;
    return skip(error.message);
  });
  expect(result).toMatchObject({ applied: ['demo'], differences: [], pending: [] });
});
