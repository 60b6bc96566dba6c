import { describe, expect, test } from 'vitest';
import { lint } from '../../../harness/lint/index.js';
import { readConfiguration } from '../../../harness/terraform/configuration.js';
import { readTerraformJson } from '../../../harness/terraform-json/configuration.js';

const advice =
  'pass what "cdktf synth" writes to cdktf.out/stacks/<stack>/cdk.tf.json (or, to lint, what "terraform show -json" prints of a plan)';

/** A policy whose document has as many objects in each other as are asked for. */
function nested(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 4; level < levels; level++) value = { a: value };
  return { resource: { vault_policy: { a: { name: value } } } };
}

describe.each([
  ['direct apply', readTerraformJson],
  ['terraform', readConfiguration],
  ['lint', lint],
] as const)('%s', (_who, read) => {
  test.each([
    ['a list', [], 'the document is not an object'],
    ['a document of 101 levels', nested(101), 'it is nested deeper than 100 levels'],
    ['an empty list of resources', { resource: [] }, '"resource" is an empty list'],
    ['resources that are null', { resource: null }, '"resource" is not an object'],
    [
      'a resource that is null',
      { resource: { vault_policy: { a: null } } },
      '"resource.vault_policy.a" is not an object',
    ],
    ['a list in a list', { resource: [[{ vault_policy: {} }]] }, '"resource" is not an object'],
    ['a state', { format_version: '1.0', values: {} }, 'it is a state'],
  ])('refuses %s with the same sentence', (_what, json, reason) => {
    const start = `this is not terraform's json: ${reason}`;
    expect(() => read(json)).toThrow(
      expect.objectContaining({ code: 'not_terraform_json', message: expect.stringContaining(start) }),
    );
    expect(() => read(json)).toThrow(advice);
  });

  test('reads a document of 100 levels', () => {
    expect(() => read(nested(100))).not.toThrow();
  });

  test('reads resources beside a comment', () => {
    expect(() => read({ resource: { '//': 'ours', vault_policy: { a: { name: 'a', policy: '' } } } })).not.toThrow();
  });
});

test('a block that Terraform knows and direct apply does not is not refused as another document', () => {
  expect(readTerraformJson({ ephemeral: { vault_kv_secret_v2: { a: {} } } }).otherBlocks).toEqual(['ephemeral']);
});
