import { expect, test } from 'vitest';
import { policyInRun } from '../../../harness/external/run-requests.js';

const inRun = (policy: string): string =>
  policyInRun('run', policy, (why) => {
    throw new Error(why);
  });

test('the paths of a policy are those of the run, and all else stays as it is written', () => {
  const policy = `# path "kv/old" {}
path "kv/data/app" {
  capabilities = ["create", "read"] // path "kv/older" {}
  allowed_parameters = { "path" = ["kv/data/x"] }
}
path "auth/token/lookup-self" { capabilities = ["read"] }
"path" "/sys/policies/acl/*" { capabilities = ["update"] }
/* path "sys/seal" {} */ path "sys/health" { policy = "read" }
path "kv/{{identity.groups.names.ops.metadata.team}}/*" { capabilities = ["read"] }
`;
  expect(inRun(policy)).toBe(`# path "kv/old" {}
path "run/kv/data/app" {
  capabilities = ["create", "read"] // path "kv/older" {}
  allowed_parameters = { "path" = ["kv/data/x"] }
}
path "auth/token/lookup-self" { capabilities = ["read"] }
"path" "sys/policies/acl/run-*" { capabilities = ["update"] }
/* path "sys/seal" {} */ path "sys/health" { policy = "read" }
path "run/kv/{{identity.groups.names.run-ops.metadata.team}}/*" { capabilities = ["read"] }
`);
});

test('a policy in JSON is one of the run, too', () => {
  expect(JSON.parse(inRun('{"path": {"kv/app": {"capabilities": ["read"]}}}'))).toEqual({
    path: { 'run/kv/app': { capabilities: ['read'] } },
  });
  expect(
    JSON.parse(inRun('{"path": [{"kv/app": {"policy": "read"}}, {"auth/jwt/config": {"policy": "read"}}]}')),
  ).toEqual({
    path: [{ 'run/kv/app': { policy: 'read' } }, { 'auth/run/jwt/config': { policy: 'read' } }],
  });
});

test.each([
  ['path "*" { capabilities = ["read"] }', 'the policy path "*" is shared by all who use this Vault'],
  ['path "sys/seal" { capabilities = ["update"] }', 'the policy path "sys/seal" is shared by all who use this Vault'],
  ['path "sys/seal" { capabilities = ["sudo"] }', 'the policy path "sys/seal" is shared by all who use this Vault'],
  [
    'path "kv/{{identity.entity.name}}" { capabilities = ["read"] }',
    'the policy path "kv/{{identity.entity.name}}" has the name of an entity or a group, which differs in a run',
  ],
  ['path "kv/app" {', "the policy can't be read"],
  ['cGF0aCAia3YvYXBwIiB7fQ==', "the policy can't be read"],
  ['path <<EOF\nsys/seal\nEOF\n{ capabilities = ["update"] }', "the policy can't be read"],
  ['path "sys\\/seal" { capabilities = ["update"] }', "the policy can't be read"],
  [
    'path "\\u0073ys/seal" { capabilities = ["update"] }',
    'the policy path "sys/seal" is shared by all who use this Vault',
  ],
  [
    'path "auth\\u002ftoken/create" { capabilities = ["update"] }',
    'the paths of the policy are written in an unusual way',
  ],
])('%s is refused', (policy, why) => {
  expect(() => inRun(policy)).toThrow(why);
});
