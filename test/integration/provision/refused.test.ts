import { TerraformStack } from 'cdktf';
import { directProvisioner, type Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const policy = 'path "kv/*" { capabilities = ["read"] }';

async function refusal(json: unknown): Promise<unknown> {
  const before = await env.vault.request('GET', 'sys/policies/acl?list=true');
  const error = await directProvisioner({ vault: env.vault.request })
    .apply('demo', json)
    .catch((reason: unknown) => reason);
  expect((await env.vault.request('GET', 'sys/policies/acl?list=true'))['data']).toEqual(before['data']);
  return error;
}

describe.each([
  ['null', null],
  ['a string', '{}'],
  ['a list', []],
  ['an empty object', {}],
  ['a package.json', { name: 'demo', version: '1.0.0' }],
  ['a resource that is a list', { resource: [] }],
  ['a resource whose body is text', { resource: { vault_policy: { reader: 'text' } } }],
  ['depends_on that is text', { resource: { vault_policy: { reader: { name: 'a', policy, depends_on: 'b' } } } }],
])('%s', (_what, json) => {
  test('is not terraform’s json', async () => {
    expect(await refusal(json)).toMatchObject({ code: 'not_terraform_json' });
  });
});

test('everything that is not known is named at once, and nothing is written', async () => {
  const error = await refusal({
    variable: { name: {} },
    data: { vault_policy_document: { reader: { rules: [] } }, vault_kv_secret: { secret: { path: 'kv/a' } } },
    resource: {
      vault_policy: {
        reader: { name: 'reader', policy, color: 'red' },
        writer: { name: `\${lower("WRITER")}`, policy },
        other: { name: `\${vault_policy.reader.nothing}`, policy: `\${vault_policy.nobody.name}` },
      },
      aws_instance: { server: { ami: 'ami-1' } },
      vault_token: { root: { policies: ['root'] } },
    },
    output: { name: { value: `\${upper(vault_policy.reader.name)}` } },
  });
  expect(error).toMatchObject({
    code: 'unsupported_resource',
    details: {
      problems: [
        'block "variable"',
        'argument "rules" of "data.vault_policy_document.reader" (did you mean "rule"?)',
        'data source "data.vault_kv_secret.secret"',
        'argument "color" of "vault_policy.reader"',
        `"\${lower("...")}" in "vault_policy.writer"`,
        `"\${vault_policy.reader.nothing}" in "vault_policy.other"`,
        `"\${vault_policy.nobody.name}" in "vault_policy.other" (nothing declares that)`,
        'resource "aws_instance.server"',
        'resource "vault_token.root"',
        `"\${upper(vault_policy.reader.name)}" in "output.name"`,
      ],
    },
  });
});

test('an argument alone that is not known is refused as such', async () => {
  expect(
    await refusal({ resource: { vault_policy: { reader: { name: 'reader', policy, color: 'red' } } } }),
  ).toMatchObject({ code: 'unsupported_attribute', message: expect.stringContaining('"color"') });
});

test.each([
  `\${var.name}`,
  `\${local.name}`,
  `\${data.vault_policy_document.reader}`,
  `\${vault_policy.reader["name"]}`,
  `\${vault_policy.reader.name[0]}`,
  `\${"text"}`,
  '%{if true}a%{endif}',
])('the expression "%s" is refused as such', async (name) => {
  expect(await refusal({ resource: { vault_policy: { reader: { name, policy } } } })).toMatchObject({
    code: 'unsupported_expression',
  });
});

test.each([`\${data.vault_policy_document.reader.hcl}`, `\${vault_policy.other.name}`])(
  'the expression "%s", which refers to nothing that is declared, is what Terraform refuses, too',
  async (name) => {
    expect(await refusal({ resource: { vault_policy: { reader: { name, policy } } } })).toMatchObject({
      code: 'declaration_invalid',
      message: expect.stringContaining('(nothing declares that); correct the declaration'),
    });
  },
);

test('resources that wait for each other are refused', async () => {
  const error = await refusal({
    resource: {
      vault_policy: {
        reader: { name: `\${vault_policy.writer.name}`, policy },
        writer: { name: 'writer', policy, depends_on: ['vault_policy.reader'] },
        free: { name: 'free', policy },
      },
    },
  });
  expect(error).toMatchObject({
    code: 'dependency_cycle',
    details: { addresses: ['vault_policy.reader', 'vault_policy.writer'] },
  });
});

test('a resource that waits for itself is refused', async () => {
  const reader = { name: 'reader', policy, depends_on: ['vault_policy.reader'] };
  const waits = { name: 'waits', policy, depends_on: ['vault_policy.reader'] };
  expect(await refusal({ resource: { vault_policy: { reader, waits } } })).toMatchObject({
    code: 'dependency_cycle',
    details: { addresses: ['vault_policy.reader'] },
  });
});

test('an argument of the wrong type is refused', async () => {
  expect(await refusal({ resource: { vault_policy: { reader: { name: [7], policy } } } })).toMatchObject({
    code: 'declaration_invalid',
    message: expect.stringContaining('"name"'),
  });
});

test('an argument that is missing is refused', async () => {
  expect(await refusal({ resource: { vault_policy: { reader: { name: 'reader' } } } })).toMatchObject({
    code: 'declaration_invalid',
    message: expect.stringContaining('"policy"'),
  });
});

test('a declaration without a stack is wrong use, and one that makes it later is waited for', async () => {
  await expect(env.apply(() => {})).rejects.toThrow('nothing was declared');
  const results = await env.apply(async (app) => {
    await Promise.resolve();
    return new TerraformStack(app, 'later');
  });
  expect(Object.keys(results)).toEqual(['later']);
});

test('a server that is no function is wrong use', () => {
  const { address, token } = env.vault;
  expect(() => directProvisioner({ vault: { address, token } as never })).toThrow('such as env.vault.request');
});
