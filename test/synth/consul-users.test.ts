import { lint } from 'vaultproof/lint';
import { ConsulUsersStack, type ConsulUsersStackProps } from 'vaultproof/stacks/consul-users';
import { expect, test } from 'vitest';
import { synthesise } from '../../harness/provision/synth.js';
import { type StackJson, synthStack } from './synth-stack.js';

function synth(props?: ConsulUsersStackProps): Promise<StackJson> {
  return synthStack((app) => new ConsulUsersStack(app, 'users', props));
}

async function rules(props?: ConsulUsersStackProps): Promise<Record<string, unknown>> {
  const policies = Object.values((await synth(props)).resource['consul_acl_policy'] ?? {});
  return Object.fromEntries(policies.map(({ name, rules: text }) => [String(name), text]));
}

test('there are a reader and a writer of the one key, and nothing about keys, by default', async () => {
  const { provider } = await synth();
  expect(provider).toEqual({ consul: [{}] });
  expect(await rules()).toEqual({
    'appmesh-users-reader': 'key "appmesh/security" {\n  policy = "read"\n}',
    'appmesh-users-writer': 'key "appmesh/security" {\n  policy = "write"\n}',
  });
});

test('every issuer writes its own entry, and reads the others’', async () => {
  expect(await rules({ usersKey: 'a/b', keysFolder: 'c/d', issuers: ['one', 'two.x'], prefix: 'mesh' })).toEqual({
    'mesh-users-reader': 'key "a/b" {\n  policy = "read"\n}',
    'mesh-users-writer': 'key "a/b" {\n  policy = "write"\n}',
    'mesh-keys-one': 'key_prefix "c/d/" {\n  policy = "list"\n}\nkey "c/d/one" {\n  policy = "write"\n}',
    'mesh-keys-two.x': 'key_prefix "c/d/" {\n  policy = "list"\n}\nkey "c/d/two.x" {\n  policy = "write"\n}',
  });
});

test.each([
  { usersKey: '' },
  { usersKey: 'a"} acl = "write' },
  { usersKey: '/a' },
  { keysFolder: 'appmesh/keys/' },
  { issuers: ['a/b'] },
  { issuers: [''] },
])('%j is refused', async (props) => {
  await expect(synth(props)).rejects.toThrow(TypeError);
});

test('lints find nothing', async () => {
  const [stack] = await synthesise((app) => new ConsulUsersStack(app, 'users', { issuers: ['a'] }));
  expect(lint(stack?.json)).toEqual([]);
});
