import { describe, expect, test } from 'vitest';
import { readTerraformJson } from '../../../harness/terraform-json/configuration.js';

describe('terraform’s json', () => {
  test('gives its resources with their construct paths, arguments and dependencies', () => {
    const json = {
      '//': { metadata: { version: '0.21.0' } },
      terraform: { backend: {} },
      provider: { vault: [{}] },
      resource: {
        vault_policy: {
          reader: {
            '//': { metadata: { path: 'demo/policy-reader', uniqueId: 'policy-reader' } },
            depends_on: ['vault_mount.kv'],
            name: 'reader',
            policy: '',
          },
        },
        vault_mount: { kv: { path: 'kv', type: 'kv' } },
      },
      output: { kv_path: { value: 'kv' } },
    };
    expect(readTerraformJson(json)).toEqual({
      resources: [
        {
          mode: 'managed',
          address: 'vault_policy.reader',
          constructPath: 'demo/policy-reader',
          type: 'vault_policy',
          attributes: { name: 'reader', policy: '' },
          providerNamespace: '',
          dependsOn: ['vault_mount.kv'],
        },
        {
          mode: 'managed',
          address: 'vault_mount.kv',
          constructPath: 'vault_mount.kv',
          type: 'vault_mount',
          attributes: { path: 'kv', type: 'kv' },
          providerNamespace: '',
          dependsOn: [],
        },
      ],
      outputs: { kv_path: 'kv' },
      otherBlocks: [],
    });
  });

  test('may declare nothing', () => {
    expect(readTerraformJson({ terraform: {} })).toEqual({ resources: [], outputs: {}, otherBlocks: [] });
  });

  test('has data sources, too', () => {
    const json = { data: { vault_policy_document: { reader: { rule: [], depends_on: ['vault_mount.kv'] } } } };
    expect(readTerraformJson(json).resources).toEqual([
      {
        mode: 'data',
        address: 'data.vault_policy_document.reader',
        constructPath: 'data.vault_policy_document.reader',
        type: 'vault_policy_document',
        attributes: { rule: [] },
        providerNamespace: '',
        dependsOn: ['vault_mount.kv'],
      },
    ]);
  });

  test('has no argument that is null', () => {
    const json = { resource: { vault_mount: { kv: { path: 'kv', type: 'kv', description: null } } } };
    expect(readTerraformJson(json).resources[0]?.attributes).toEqual({ path: 'kv', type: 'kv' });
  });

  test('may have its blocks in lists, at any label', () => {
    const policy = { name: 'p', policy: '' };
    const [address, value] = ['vault_policy.p', 'v'];
    for (const json of [
      { resource: [{ vault_policy: { p: policy } }], output: [{ o: { value } }] },
      { resource: { vault_policy: [{ p: policy }] }, output: [{ o: [{ value }] }] },
      { resource: { vault_policy: { p: [policy] } }, output: { o: [{ value }] } },
      { resource: [{ vault_policy: [{ p: [policy] }] }, {}], output: { o: { value } } },
    ]) {
      const { resources, outputs } = readTerraformJson(json);
      expect(resources).toEqual([expect.objectContaining({ address, attributes: policy })]);
      expect(outputs).toEqual({ o: value });
    }
    expect(readTerraformJson({ data: { vault_auth_backend: { jwt: [{ path: 'jwt' }] } } }).resources).toEqual([
      expect.objectContaining({ address: 'data.vault_auth_backend.jwt', attributes: { path: 'jwt' } }),
    ]);
  });

  test('has every string in Normalization Form C, names of members and outputs too', () => {
    const [decomposed, composed] = ['Jose\u0301', 'Jos\u00e9'];
    const metadata = { [decomposed]: [decomposed, 1, `x\${vault_mount.kv.path}`] };
    const { resources, outputs } = readTerraformJson({
      resource: { vault_identity_entity: { e: { metadata } } },
      output: { name: { value: decomposed } },
    });
    expect(resources[0]?.attributes).toEqual({
      metadata: { [composed]: [composed, 1, `x\${vault_mount.kv.path}`] },
    });
    expect(outputs).toEqual({ name: composed });
  });

  test('names the blocks that are not applied here, unless they are empty', () => {
    const json = { module: { x: {} }, locals: {}, variable: { name: {} }, moved: [{}] };
    expect(readTerraformJson(json).otherBlocks).toEqual(['module', 'moved', 'variable']);
  });
});

describe.each([
  ['null', null, 'the document is not an object'],
  ['a list', [], 'the document is not an object'],
  ['text', 'resource', 'the document is not an object'],
  ['an empty object', {}, 'it is empty'],
  ['another document', { resource: {}, version: 4 }, 'it has a block "version"'],
  ['a resource of text', { resource: 'x' }, '"resource" is not an object'],
  ['a type of text', { resource: { vault_policy: 'x' } }, '"resource.vault_policy" is not an object'],
  ['a body of text', { resource: { vault_policy: { a: 'x' } } }, '"resource.vault_policy.a" is not an object'],
  ['an output of text', { output: { a: 'x' } }, '"output.a" is not an object'],
  [
    'a list of text as a body',
    { resource: { vault_policy: { a: ['x'] } } },
    '"resource.vault_policy.a" is not an object',
  ],
  ['an empty list', { resource: { vault_policy: [] } }, '"resource.vault_policy" is an empty list'],
  ['a plan', { format_version: '1.2', planned_values: {}, variables: {} }, 'it is a plan, which only "lint" accepts'],
  ['a state as it is shown', { format_version: '1.0', values: {} }, 'it is a state'],
  ['a state', { version: 4, terraform_version: '1.11.0', resources: [] }, 'it is a state'],
])('%s', (_what, json, reason) => {
  test('is refused with the reason', () => {
    expect(() => readTerraformJson(json)).toThrow(
      expect.objectContaining({ code: 'not_terraform_json', message: expect.stringContaining(reason) }),
    );
  });
});

test.each([
  { resource: { vault_policy: { p: [{ name: 'a' }, { name: 'b' }] } } },
  { resource: { vault_policy: [{ p: { name: 'a' } }, { p: { name: 'b' } }] } },
  { output: { p: [{ value: 'a' }, { value: 'b' }] } },
])('what is declared twice is refused: %j', (json) => {
  expect(() => readTerraformJson(json)).toThrow(
    expect.objectContaining({
      code: 'declaration_invalid',
      message: expect.stringMatching(/"\w+\.p" is declared twice/),
    }),
  );
});
