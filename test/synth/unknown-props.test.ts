import type { App } from 'cdktf';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { ConsulUsersStack } from 'vaultproof/stacks/consul-users';
import { policyOf } from 'vaultproof/stacks/policy';
import { VaultConsulStack } from 'vaultproof/stacks/vault-consul';
import { VaultDeployerStack } from 'vaultproof/stacks/vault-deployer';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { VaultOidcStack } from 'vaultproof/stacks/vault-oidc';
import { describe, expect, test } from 'vitest';
import { synthStack } from './synth-stack.js';

type Json = Readonly<Record<string, unknown>>;

const keys = { jwksUrl: 'http://127.0.0.1:8080/jwks.json', boundIssuer: 'https://issuer.example' };
const role = { roleName: 'ci', boundSubject: 'ci', boundAudiences: ['vault'], tokenPolicies: [] };
const bindingRule = { bindType: 'service', bindName: 'web', selector: 'value.sub == "ci"' };
const consulMethod = { ...keys, boundAudiences: ['consul'], claimMappings: { sub: 'sub' } };

/** Declares as a caller does for whom no compiler looks. */
const declare = {
  vault: (props: unknown) => (app: App) => new VaultJwtStack(app, 'login', props as never),
  people: (props: unknown) => (app: App) => new VaultOidcStack(app, 'login', props as never),
  deployer: (props: unknown) => (app: App) => new VaultDeployerStack(app, 'login', props as never),
  consul: (props: unknown) => (app: App) => new ConsulJwtStack(app, 'login', props as never),
  consulUsers: (props: unknown) => (app: App) => new ConsulUsersStack(app, 'login', props as never),
  vaultConsul: (props: unknown) => (app: App) => new VaultConsulStack(app, 'login', props as never),
};

const vault = (more: Json = {}) => declare.vault({ ...keys, roles: [role], ...more });
const consul = (more: Json = {}) => declare.consul({ ...consulMethod, bindingRules: [bindingRule], ...more });
const engineRole = { name: 'web', consulPolicies: ['web'] };

test('the stacks that the others differ from are accepted', async () => {
  for (const stack of [vault(), consul(), declare.consulUsers({}), declare.vaultConsul({ roles: [engineRole] })]) {
    await expect(synthStack(stack)).resolves.toBeDefined();
  }
});

describe('what is mistyped, and would let in more than is written, is refused', () => {
  test.each([
    [
      'a bound of a role',
      vault({ roles: [{ ...role, boundClaim: { ref: 'main' } }] }),
      '"boundClaim" of role "ci": did you mean "boundClaims"?',
    ],
    ['a property of a stack', vault({ kvv: {} }), '"kvv" of stack "login": did you mean "kv"?'],
    ['a property of an engine', vault({ kv: { existng: true } }), '"existng" of "kv"'],
    ['a property of a policy', vault({ policies: [{ name: 'a', rules: [], alow: {} }] }), '"alow" of policy "a"'],
    ['a property of a group', vault({ groups: [{ name: 'a', policy: [] }] }), '"policy" of group "a"'],
    [
      'a key source',
      declare.vault({ jwksPairs: [{ jwksUrl: '', jwksCaPm: '' }], roles: [role] }),
      '"jwksCaPm" of "jwks',
    ],
    [
      'a parameter that a rule denies',
      vault({ policies: [{ name: 'a', rules: [{ path: 'a', capabilities: [], deniedParameter: {} }] }] }),
      '"deniedParameter" of the rule for "a"',
    ],
    [
      'a setting of an auth method',
      vault({ tune: [{ maxLeaseTTL: '1h' }] }),
      '"maxLeaseTTL" of "tune": did you mean "maxLeaseTtl"?',
    ],
    ['a property of a login in a browser', declare.people({ oidcClientID: 'a' }), '"oidcClientID" of stack "login"'],
    [
      'a redirect URI of a role',
      declare.people({
        oidcDiscoveryUrl: 'https://issuer.example',
        oidcClientId: 'vault',
        roles: [{ ...role, allowedRedirectUrls: [] }],
      }),
      '"allowedRedirectUrls" of role "ci": did you mean "allowedRedirectUris"?',
    ],
    ["a deployer's bound", declare.deployer({ ...keys, deploys: {}, roles: [role] }), '"roles" of stack "login"'],
    ["a bound of Consul's method", consul({ boundAudience: ['a'] }), '"boundAudience" of stack "login"'],
    [
      "a policy of Consul's",
      consul({ policies: [{ name: 'a', rules: '', datacenter: [] }] }),
      '"datacenter" of policy',
    ],
    ["a role of Consul's", consul({ roles: [{ name: 'a', policy: [] }] }), '"policy" of role "a"'],
    [
      "the datacenters of a role's service",
      consul({ roles: [{ name: 'a', serviceIdentities: [{ serviceName: 'web', datacenter: ['dc1'] }] }] }),
      '"datacenter" of a service identity of role "a": did you mean "datacenters"?',
    ],
    [
      "the datacenter of a role's node",
      consul({ roles: [{ name: 'a', nodeIdentities: [{ nodeName: 'n', datacenters: ['dc1'] }] }] }),
      '"datacenters" of a node identity of role "a": did you mean "datacenter"?',
    ],
    [
      'a policy template of a role',
      consul({ roles: [{ name: 'a', templatedPolicies: [{ template: 'builtin/service' }] }] }),
      '"template" of a templated policy of role "a": did you mean "templateName"?',
    ],
    [
      'a variable of a policy template',
      consul({ roles: [{ name: 'a', templatedPolicies: [{ templateName: 'a', templateVariables: { nme: 'x' } }] }] }),
      '"nme" of the variables of a templated policy of role "a": did you mean "name"?',
    ],
    [
      'a variable of a binding rule',
      consul({
        bindingRules: [
          { ...bindingRule, bindType: 'templated-policy', bindName: 'builtin/service', bindVars: { nme: 'web' } },
        ],
      }),
      '"nme" of "bindVars" of the binding rule for the templated-policy "builtin/service": did you mean "name"?',
    ],
    [
      'a selector',
      consul({ bindingRules: [{ ...bindingRule, selectr: 'a' }] }),
      '"selectr" of the binding rule for the service "web"',
    ],
    ['a key of users', declare.consulUsers({ userKey: 'a' }), '"userKey" of stack "login"'],
    ['a property of the engine', declare.vaultConsul({ roles: [engineRole], pth: 'a' }), '"pth" of stack "login"'],
    ['a lifetime', declare.vaultConsul({ roles: [{ ...engineRole, maxTTL: 5 }] }), '"maxTTL" of role "web"'],
    [
      'the datacenters of a service of the engine',
      declare.vaultConsul({
        roles: [{ name: 'web', serviceIdentities: [{ serviceName: 'web', datacenter: ['dc1'] }] }],
      }),
      '"datacenter" of a service identity of role "web": did you mean "datacenters"?',
    ],
    [
      'the datacenter of a node of the engine',
      declare.vaultConsul({ roles: [{ name: 'web', nodeIdentities: [{ nodeName: 'n', dataCenter: 'dc1' }] }] }),
      '"dataCenter" of a node identity of role "web": did you mean "datacenter"?',
    ],
    [
      'what goes with the other access',
      declare.vaultConsul({ access: 'bootstrap', address: 'c:8500', policies: [], roles: [engineRole] }),
      '"policies" of stack "login"',
    ],
  ])('%s', async (_, stack, named) => {
    await expect(synthStack(stack)).rejects.toThrow(`unknown option ${named}`);
  });

  test('a property of a rule, where the policy is made by itself', () => {
    const rules = [{ secrets: 'a/*', access: ['read'], kvv: 'kv' }] as never;
    expect(() => policyOf(rules, [{ path: 'kv', version: 2 }])).toThrow('unknown option "kvv" of the rule for "a/*"');
  });
});

describe('what is missing is named', () => {
  test.each([
    ['no roles', declare.vault(keys), 'a login without a role accepts no one: add a role'],
    [
      'a role outside of a list',
      declare.vault({ ...keys, roles: role }),
      '"roles" of stack "login" is no list; expected',
    ],
    ['no props of a login in a browser', declare.people(undefined), 'the options of stack "login" are "undefined"'],
    ['no props', declare.vault(undefined), 'the options of stack "login" are "undefined"; expected an object'],
    ['no binding rules', declare.consul(consulMethod), 'a login without a binding rule accepts no one'],
    ['no roles of an engine', declare.vaultConsul({}), '"roles" of stack "login" is missing; expected a list'],
  ])('%s', async (_, stack, message) => {
    await expect(synthStack(stack)).rejects.toThrow(message);
  });
});
