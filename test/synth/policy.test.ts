import { policyOf } from 'vaultproof/stacks/policy';
import { expect, test } from 'vitest';

const engines = [
  { path: 'kv', version: 2 },
  { path: 'old', version: 1 },
] as const;

test('a rule for a path is a stanza', () => {
  expect(
    policyOf([
      {
        path: 'auth/token/create',
        capabilities: ['create', 'update'],
        requiredParameters: ['ttl'],
        allowedParameters: { ttl: ['1h', '2h'], renewable: [true], '*': [] },
        deniedParameters: { policies: ['root'] },
        minWrappingTtl: '1m',
        maxWrappingTtl: '1h',
      },
      { path: 'sys/events/subscribe/kv*', capabilities: ['read'], subscribeEventTypes: ['kv*'] },
    ]),
  ).toBe(`path "auth/token/create" {
  capabilities = ["create", "update"]
  required_parameters = ["ttl"]
  allowed_parameters = {
    "ttl" = ["1h", "2h"]
    "renewable" = [true]
    "*" = []
  }
  denied_parameters = {
    "policies" = ["root"]
  }
  min_wrapping_ttl = "1m"
  max_wrapping_ttl = "1h"
}

path "sys/events/subscribe/kv*" {
  capabilities = ["read"]
  subscribe_event_types = ["kv*"]
}
`);
});

test('a rule for secrets knows where KV version 2 has them', () => {
  expect(policyOf([{ secrets: 'vishpat/*', access: ['read', 'write', 'list', 'delete'] }], engines)).toBe(
    `path "kv/data/vishpat/*" {
  capabilities = ["read", "create", "update", "patch", "delete"]
}

path "kv/metadata/vishpat/*" {
  capabilities = ["list"]
}

path "kv/delete/vishpat/*" {
  capabilities = ["update"]
}
`,
  );
});

test('a rule for secrets knows where KV version 1 has them', () => {
  expect(policyOf([{ kv: 'old', secrets: 'a', access: ['read', 'list', 'write', 'delete'] }], engines)).toBe(
    'path "old/a" {\n  capabilities = ["read", "list", "create", "update", "delete"]\n}\n',
  );
});

test('a quote in a path stays in it', () => {
  expect(policyOf([{ path: 'kv/a"b\\', capabilities: ['read'] }])).toContain('path "kv/a\\"b\\\\" {');
});

test('an engine that is not there, and an access that its version does not have, are refused', () => {
  const secrets = 'a';
  expect(() => policyOf([{ secrets, access: ['read'] }])).toThrow(
    /^the rule for "a" names no KV engine of the stack: add kv: \{ path: "kv", existing: true \} for an existing one/,
  );
  expect(() => policyOf([{ kv: 'new', secrets, access: ['read'] }], engines)).toThrow(TypeError);
  expect(() => policyOf([{ kv: 'old', secrets, access: ['undelete'] }], engines)).toThrow(
    new TypeError('KV version 1 has no "undelete", the rule for "a" asks for it'),
  );
});

test.each(['kv/data/a/*/b', 'kv/*/data', 'auth/+*'])(
  'the wildcard in "%s", which is none there, is refused',
  (path) => {
    expect(() => policyOf([{ path, capabilities: ['read'] }])).toThrow('at the end');
    expect(() => policyOf([{ secrets: path, access: ['read'] }], [{ path: 'kv', version: 2 }])).toThrow(TypeError);
  },
);

test.each(['/sys/mounts', 'v1/sys/mounts', 'kv//a'])('the path "%s", which no request has, is refused', (path) => {
  expect(() => policyOf([{ path, capabilities: ['read'] }])).toThrow(TypeError);
});

test('a rule that allows nothing is refused', () => {
  expect(() => policyOf([{ secrets: 'a', access: [] }], engines)).toThrow(TypeError);
  expect(() => policyOf([{ secrets: '/a', access: ['read'] }], engines)).toThrow(TypeError);
});
