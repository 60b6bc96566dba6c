import { AclAuthMethod } from '@cdktf/provider-consul/lib/acl-auth-method/index.js';
import { AclBindingRule } from '@cdktf/provider-consul/lib/acl-binding-rule/index.js';
import { ConsulProvider } from '@cdktf/provider-consul/lib/provider/index.js';
import { Fn, type TerraformElement, TerraformOutput, TerraformStack, Testing } from 'cdktf';
import { generateSigningKey } from 'vaultproof/issuer';
import { publicPem } from 'vaultproof/issuer/keys';
import { lint } from 'vaultproof/lint';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { consulNomad } from 'vaultproof/stacks/presets/consul-nomad';
import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { describe, expect, test } from 'vitest';
import { synthesise } from '../../harness/provision/synth.js';
import { discoveryProps, keySetProps, staticKeysProps } from '../../stacks/examples/consul-parameters.js';
import { exampleProps } from '../../stacks/examples/vault-login.js';

const issuer = { jwksUrl: 'http://127.0.0.1:8080/.well-known/jwks.json', boundIssuer: 'http://127.0.0.1:8080' };
const renamed = { roleName: 'renamed', userClaim: 'email', boundSubject: 'a', tokenPolicies: ['default'] };

/** The stack's findings, after something was done to it. */
async function findings(props: Partial<VaultJwtStackProps>, change: (stack: VaultJwtStack) => void = () => {}) {
  const [stack] = await synthesise((app) => {
    change(new VaultJwtStack(app, 'demo', { kv: {}, ...exampleProps(issuer), ...props }));
  });
  return lint(stack?.json);
}

/** Has a resource of a stack carry an allowance, as a stack's author does it: with cdktf alone. */
function allow(id: string, reasons: Readonly<Record<string, string>>) {
  return (stack: VaultJwtStack): void => {
    (stack.node.findChild(id) as TerraformElement).addOverride('//.vaultproof.allow', reasons);
  };
}

test('the bundled stack has nothing to find', async () => {
  expect(await findings({})).toEqual([]);
});

test('the logins of Consul’s document have nothing to find: public keys are no secret, and what is meant says why', async () => {
  const pem = publicPem(await generateSigningKey('RS256'));
  const discovery = discoveryProps('https://my-corp-app-name.auth0.com/');
  for (const props of [staticKeysProps([pem]), keySetProps(issuer.jwksUrl), discovery]) {
    const [stack] = await synthesise((app) => new ConsulJwtStack(app, 'demo', props));
    expect(lint(stack?.json)).toEqual([]);
  }
});

test('a finding names the construct, the argument, the reason and what to do', async () => {
  expect(await findings({ roles: [renamed] })).toEqual([
    {
      code: 'mutable-user-claim',
      severity: 'warning',
      address: 'vault_jwt_auth_backend_role.role-renamed',
      constructPath: 'demo/role-renamed',
      attribute: 'user_claim',
      found: 'email',
      reason: expect.any(String),
      fix: expect.any(String),
    },
  ]);
});

test('a path without data/ is found where the engine is of version 2, the default', async () => {
  expect(await findings({ kv: {} })).toMatchObject([
    { code: 'kv-path-never-matches', constructPath: 'demo/policy-vishpat_keys_policy', found: 'kv/vishpat/*' },
  ]);
});

test('what cdktf’s jsonencode makes is looked at', async () => {
  const [stack] = await synthesise((app) => {
    const stack = new TerraformStack(app, 'demo');
    new ConsulProvider(stack, 'consul');
    const method = new AclAuthMethod(stack, 'method', {
      name: 'jwt',
      type: 'jwt',
      maxTokenTtl: '1h',
      configJson: Fn.jsonencode({ JWKSURL: issuer.jwksUrl, ClaimMappings: { '/a/user': 'user' } }),
    });
    new AclBindingRule(stack, 'rule', {
      authMethod: method.name,
      bindType: 'service',
      bindName: 'web',
      selector: 'value.other == "x"',
    });
  });
  expect(lint(stack?.json)).toMatchObject([
    { code: 'no-bound-issuer', constructPath: 'demo/method', attribute: 'config_json.BoundIssuer' },
    { code: 'unmapped-claim', constructPath: 'demo/rule', found: 'value.other == "x"' },
  ]);
});

describe('an allowance in the stack', () => {
  test('takes the finding away', async () => {
    const change = allow('role-renamed', { 'mutable-user-claim': 'nobody is renamed here' });
    expect(await findings({ roles: [renamed] }, change)).toEqual([]);
  });

  test('leaves the construct’s path in the JSON', async () => {
    const change = allow('role-renamed', { 'comma-split': 'two teams' });
    expect(await findings({ roles: [renamed] }, change)).toMatchObject([
      { code: 'mutable-user-claim', constructPath: 'demo/role-renamed' },
      { code: 'unused-allowance', constructPath: 'demo/role-renamed', found: 'comma-split' },
    ]);
  });

  test('without a reason is a finding itself', async () => {
    expect(await findings({ roles: [renamed] }, allow('role-renamed', { 'mutable-user-claim': ' ' }))).toMatchObject([
      { code: 'allowance-without-reason', constructPath: 'demo/role-renamed', found: 'mutable-user-claim' },
    ]);
  });

  test('of the stack itself holds for all of it', async () => {
    const change = (stack: VaultJwtStack) =>
      stack.addOverride('//.vaultproof.allow', { 'mutable-user-claim': 'seed 000 shows it so' });
    expect(await findings({ roles: [renamed, { ...renamed, roleName: 'more' }] }, change)).toEqual([]);
  });

  test('of an output holds for it', async () => {
    const output = (stack: VaultJwtStack) => new TerraformOutput(stack, 'login_token', { value: 'none' });
    expect(await findings({}, output)).toMatchObject([
      { code: 'secret-looking-output', address: 'output.login_token' },
    ]);
    const allowed = (stack: VaultJwtStack) =>
      output(stack).addOverride('//.vaultproof.allow', { 'secret-looking-output': 'it is the word "none"' });
    expect(await findings({}, allowed)).toEqual([]);
  });
});

test('allowances are in what a CDKTF unit test has of a stack, save for Testing.synth, which takes comments away', () => {
  const stack = new ConsulJwtStack(Testing.app(), 'nomad', consulNomad({ namespaces: ['prod'] }));
  expect(lint(stack.toTerraform())).toEqual([]);
  expect(lint(JSON.parse(Testing.synth(stack))).map(({ code }) => code)).toEqual([
    'no-bound-issuer',
    'no-max-token-ttl',
  ]);
});
