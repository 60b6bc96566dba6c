import { expect, test } from 'vitest';
import { readSource } from '../../../harness/hcl/index.js';
import { folderWith } from '../../support/temporary-folder.js';

type Files = Readonly<Record<string, string>>;

async function read(files: Files, ignore: readonly string[] = []) {
  const folder = await folderWith(files);
  const [document] = await readSource(folder, { ignore });
  const addresses = [...(document?.addresses.values() ?? [])];
  return { addresses, outputs: document?.json['output'], passedOver: document?.passedOver };
}

const me = 'data "aws_caller_identity" "me" {}\n';
const policy = (meta: string): string => `resource "vault_policy" "p" {\n  ${meta}\n  name = "p"\n}\n`;
const unknown = [
  ['count', 'count = data.aws_caller_identity.me.account_id == "1" ? 1 : 0'],
  ['for_each', 'for_each = toset(data.aws_caller_identity.me.names)'],
  ['for_each over unknown keys', 'for_each = { (data.aws_caller_identity.me.account_id) = 1 }'],
] as const;

test.each(unknown)('a %s that is not known is refused by name', async (_, meta) => {
  await expect(read({ 'main.tf': me + policy(meta) })).rejects.toMatchObject({
    code: 'value_unknown',
    message: expect.stringContaining('"data.aws_caller_identity.me.'),
  });
});

test.each(unknown)(
  'what has a %s that needs something ignored is passed over, and what needs that',
  async (_, meta) => {
    const more = `
resource "vault_identity_group" "g" {
  name     = "g"
  policies = [for p in vault_policy.p : upper(p.name)]
}
resource "vault_policy" "kept" {
  name = "kept"
}
output "p" {
  value = length(vault_policy.p)
}
`;
    expect(await read({ 'main.tf': me + policy(meta) + more }, ['data.aws_*'])).toEqual({
      addresses: ['vault_policy.kept'],
      outputs: {},
      passedOver: [
        { address: 'data.aws_caller_identity.me', reason: 'its type or address is ignored' },
        { address: 'vault_policy.p', reason: 'it needs "data.aws_caller_identity.me"' },
        { address: 'vault_identity_group.g', reason: 'it needs "data.aws_caller_identity.me"' },
        { address: 'output.p', reason: '"data.aws_caller_identity.me" is known only after an apply' },
      ],
    });
  },
);

test.each(unknown)('so is a module with a %s that needs something ignored', async (_, meta) => {
  const main = `${me}module "m" {\n  source = "./m"\n  ${meta}\n}\nresource "vault_policy" "q" {\n  name = values(module.m)[0].name\n}\n`;
  const files = { 'main.tf': main, 'm/main.tf': `${policy('')}output "name" {\n  value = vault_policy.p.name\n}\n` };
  const { addresses, passedOver } = await read(files, ['data.aws_*']);
  expect({ addresses, passedOver: passedOver?.map((one) => one.address) }).toEqual({
    addresses: [],
    passedOver: ['data.aws_caller_identity.me', 'module.m', 'vault_policy.q'],
  });
});

test('a count is passed over by what is ignored alone', async () => {
  const files = {
    'main.tf': `${me}resource "vault_identity_group" "g" {\n}\n${policy('count = length(vault_identity_group.g.id)')}`,
  };
  await expect(read(files, ['data.aws_*'])).rejects.toMatchObject({ code: 'value_unknown' });
});
