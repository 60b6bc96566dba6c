import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { parsePolicy } from '../../../harness/lint/policy/parse-policy.js';
import { ofProduct } from '../../support/vault-of-tests.js';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

const read = '{ capabilities = ["read"] }';

const taken: readonly string[] = [
  '',
  '# nothing',
  'name = "x"',
  `path "kv/*" ${read}`,
  `path "/kv/*" ${read}`,
  `path "a" ${read}\npath "b" ${read}`,
  `path "a" ${read} path "b" ${read}`,
  `path "a" ${read}, path "b" ${read}`,
  `path "a" ${read}\npath "a" { capabilities = ["list"] }`,
  `"path" "a" ${read}`,
  `path a ${read}`,
  `path "a" "b" ${read}`,
  `path ${read}`,
  `path = ${read}`,
  'path "a" {}',
  'path "a" { capabilities = [] }',
  'path "a" { capabilities = ["read",] }',
  'path "a" { capabilities = ["read",,"list"] }',
  'path "a" { capabilities = [,"read"] }',
  'path "a" { "capabilities" = ["read"] }',
  'path "a" { capabilities = ["deny", "nonsense"] }',
  'path "a" { capabilities = ["read", "read"] }',
  'path "a" { policy = "write" }',
  'path "a" { policy = "" }',
  'path "a" { comment = "x", capabilities = ["read"] }',
  'path "a" {\n  # why\n  // why\n  /* why */\n  capabilities = ["read", # why\n "list" /* why */ ]\n}',
  'path "a" { comment = <<EOF\nsome "text" {\nEOF\ncapabilities = ["read"] }',
  'path "a" { comment = <<-EOF\n  text\n  EOF\n  capabilities = ["read"] }',
  'path "a" { allowed_parameters = { "*" = [] "ttl" = ["1h", 2, true] } capabilities = ["update"] }',
  'path "a" { allowed_parameters { ttl = ["1h"] } capabilities = ["update"] }',
  'path "a" { required_parameters = ["x"] min_wrapping_ttl = "1s" max_wrapping_ttl = 90 }',
  'path "a\\u0062\\"c" { capabilities = ["read"] }',
  'path "a\\141" { capabilities = ["read"] }',
  'path "a" { allowed_parameters { a = ["x"] } allowed_parameters { a = ["y"] "b" = [] } }',
  'path "a" { capabilities = ["deny"] min_wrapping_ttl = "soon" }',
  'path "a" { min_wrapping_ttl = "1h" max_wrapping_ttl = "1d" }',
  'path "a" { max_wrapping_ttl = "" }',
  `path "a\${x "y"}/b" ${read}`,
  `path "kv/{{identity.entity.id}}/*" ${read}`,
  `path "kv/{{}}/*" ${read}`,
  `path "kv/{{identity.\\nentity.id}}/*" ${read}`,
  `path "kv/+/x" ${read}`,
  'path "a" {\r\n  capabilities = ["read"]\r\n}\r\n',
  '{"path": {"a": {"capabilities": ["read"]}}}',
  ' {"path": [{"a": {"capabilities": ["read"]}}, {"b": {"capabilities": ["list"]}}]}',
  '{"name": "x"}',
];

const refused: readonly string[] = [
  'path',
  'path "a"',
  `path "a" = ${read}`,
  'path "a" {',
  'path "a" }',
  'path "a" {}}',
  '{{}}',
  'nonsense',
  'foo "a" {}',
  'foo = 1',
  'path "a {}',
  'path "a\\q" {}',
  'path "a" { capabilities = ["read" "list"] }',
  'path "a" { capabilities = ["read"',
  'path "a" { capabilities = [read] }',
  'path "a" { capabilities = read }',
  'path "a" { capabilities = "read" }',
  'path "a" { capabilities = ["write"] }',
  'path "a" { capabilities = ["Read"] }',
  'path "a" { capabilities = ["nonsense", "deny"] }',
  'path "a" { capabilities = [{}] }',
  'path "a" { capabilities = }',
  'path "a" { capability = ["read"] }',
  'path "a" { allowed_parameters = { a = "x" } }',
  'path "a" { allowed_parameters = ["a"] }',
  'path "a" { denied_parameters = "a" }',
  'path "a" { required_parameters = "a" }',
  'path "a" { min_wrapping_ttl = "soon" }',
  'path "a" { min_wrapping_ttl = true }',
  'path "a" { min_wrapping_ttl = "1h" max_wrapping_ttl = "1m" }',
  'path "a" { policy = "nonsense" }',
  'path "a" { comment = <<EOF\nx\nEOF }',
  'path "a" { comment = <<\nx\n }',
  'path "a" { /* capabilities = ["read"] }',
  'path "a" { - }',
  "path 'a' {}",
  'path "a" { capabilities = ["read"]; }',
  `path "kv/+*" ${read}`,
  `path "kv/{{identity.entity.id/*" ${read}`,
  '{"path": {"a": {"capabilities": ["write"]}}}',
  '{"path": {"a": {"capability": ["read"]}}}',
  '{"path": {"a": [{"capabilities": ["read"]}]}}',
  '{"foo": {}}',
];

async function vaultTakes(policy: string): Promise<boolean> {
  // A policy that is empty is refused for being none, before it is parsed.
  const body = { policy: `${policy}\n` };
  return env.vault.request('PUT', 'sys/policies/acl/checked', body).then(
    () => true,
    (error: { code: string }) => {
      expect(error.code).toBe('request_refused');
      return false;
    },
  );
}

function weTake(policy: string): boolean {
  try {
    parsePolicy(`${policy}\n`);
    return true;
  } catch {
    return false;
  }
}

describe('a policy that vault takes is parsed', () => {
  test.each(taken)('%j', async (policy) => {
    expect({ vault: await vaultTakes(policy), ours: weTake(policy) }).toEqual({ vault: true, ours: true });
  });
});

describe('a policy that vault refuses is found', () => {
  test.each(refused)('%j', async (policy) => {
    expect({ vault: await vaultTakes(policy), ours: weTake(policy) }).toEqual({ vault: false, ours: false });
  });
});

test('an argument that is there twice is found, though OpenBao takes it', async () => {
  const policy = 'path "a" { capabilities = ["read"] capabilities = ["list"] }';
  const isTaken = ofProduct({ vault: false, openbao: true });
  expect({ vault: await vaultTakes(policy), ours: weTake(policy) }).toEqual({ vault: isTaken, ours: false });
});

describe('a policy that is cut off is found, though vault takes it', () => {
  test.each(['{"path": {', '{"name": "x"', 'name ='])('%j', async (policy) => {
    expect({ vault: await vaultTakes(policy), ours: weTake(policy) }).toEqual({ vault: true, ours: false });
  });
});
