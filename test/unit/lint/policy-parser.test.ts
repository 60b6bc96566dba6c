import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../../harness/lint/policy/parse-policy.js';
import { canMatchKvV2, covers } from '../../../harness/lint/policy/vault-policy.js';

// What is a policy and what is none is held against Vault in test/integration/lint/policy-parser.test.ts.

describe('a policy', () => {
  test('gives its paths and what they grant, in their order', () => {
    const text = `
      # reads
      path "kv/data/team/*" {
        capabilities = ["read", "list",] // and lists
        allowed_parameters = { "*" = [] }
      }
      name = "x"
      path "/kv/metadata" { capabilities = [] }
      path "kv/data/{{identity.entity.id}}" {
        comment = <<-EOF
          path "not/this" { capabilities = ["sudo"] }
          EOF
        capabilities = ["update", "deny"]
      } /* path "nor/this" {} */
    `;
    expect(parsePolicy(text)).toMatchObject([
      { path: 'kv/data/team/*', capabilities: ['read', 'list'] },
      { path: 'kv/metadata', capabilities: [] },
      { path: 'kv/data/{{identity.entity.id}}', capabilities: ['deny'] },
    ]);
  });

  test('a policy in JSON is read like one in HCL', () => {
    expect(parsePolicy('{"path": {"a": {"capabilities": ["read"]}, "b": {"policy": "write"}}}')).toMatchObject([
      { path: 'a', capabilities: ['read'] },
      { path: 'b', capabilities: ['create', 'read', 'update', 'delete', 'list'] },
    ]);
  });

  test('has its escapes undone, outside of interpolations', () => {
    expect(parsePolicy(`path "a\\"\\u0062\\x63\\144\${"\\n"}" {}`)).toMatchObject([
      { path: `a"bcd\${"\\n"}`, capabilities: [] },
    ]);
  });

  test.each([
    ['path "a" {\n\n  capabilities = [read]\n}', 'line 3: a value is missing'],
    ['# \npath "a" {\r\n  comment = "x\n"}', 'line 3: a string does not end'],
    ['path "a" { comment = <<EOF\n\n\n', 'line 1: a heredoc does not end'],
    ['path "a" {}\n/* \n', 'line 2: there is an illegal character'],
    ['path "a" { capabilities = ["read"] }\n}', 'line 2: a key is missing'],
    ['paths "a" {}', '"paths" is neither "path" nor "name"'],
  ])('%j is none: %s', (text, reason) => {
    expect(() => parsePolicy(text)).toThrow(reason);
  });
});

test.each([
  ['*', 'a/b', true],
  ['a', 'a', true],
  ['a', 'a/b', false],
  ['a*', 'a/b', true],
  ['a/+/c', 'a/b/c', true],
  ['a/+/c', 'a/b/b/c', false],
  ['+/b*', 'a/bc', true],
  ['a.b', 'aXb', false],
])('%s covers %s: %s', (pattern, path, expected) => {
  expect(covers(pattern, path)).toBe(expected);
});

test.each([
  ['kv/data/x', true],
  ['kv/x', false],
  ['kv/d*', true],
  ['kv/x*', false],
  ['kv/data', true],
  ['kv2/x', true],
])('%s can match in kv/: %s', (pattern, expected) => {
  expect(canMatchKvV2('kv', pattern)).toBe(expected);
});
