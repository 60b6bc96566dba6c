import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { cli } from '../../../support/cli.js';
import { cliInProcess } from '../../../support/cli-in-process.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

test.override({ fileServices: { vault: false, consul: true } });
const none = {
  CONSUL_HTTP_ADDR: undefined,
  CONSUL_HTTP_TOKEN: undefined,
  CONSUL_HTTP_TOKEN_FILE: undefined,
  CONSUL_HTTP_SSL: undefined,
  CONSUL_CACERT: undefined,
};
let access: Readonly<Record<string, string | undefined>>;

test.beforeAll(({ fileEnv: env }) => {
  access = {
    ...none,
    CONSUL_HTTP_ADDR: env.consul.address.replace('http://', ''),
    CONSUL_HTTP_TOKEN: env.consul.token,
  };
});

async function file(name: string, text: string): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, text);
  return path;
}

describe('vaultproof users push', () => {
  test('puts users into a Consul without any, hashed, and replaces them when it is told to', async ({
    fileEnv: env,
  }) => {
    const path = await file('users.json', '{"Users":{"mesh":{"key":"canary"}}}');
    const push = ['users', 'push', path, '--consul', 'one/security', '--json'];
    const pushed = await cli(push, { env: access });
    expect([pushed.exitCode, JSON.parse(pushed.stdout)]).toEqual([
      0,
      { file: path, key: 'one/security', hashed: ['mesh'] },
    ]);
    const stored = (await env.consul.kv.read('one/security')) ?? '';
    expect(stored).not.toContain('canary');
    const again = await cliInProcess(push, { env: access });
    expect([again.exitCode, JSON.parse(again.stdout).error.code]).toEqual([1, 'users_exist']);
    expect(await env.consul.kv.read('one/security')).toBe(stored);
    expect((await cliInProcess([...push, '--replace'], { env: access })).exitCode).toBe(0);
    expect(await env.consul.kv.read('one/security')).not.toBe(stored);
  });

  test('takes the token of a file before that of the variable, and says none of them', async ({ fileEnv: env }) => {
    const path = await file('users.yaml', 'Users: {mesh: {key: canary}}');
    const push = ['users', 'push', path, '--consul', 'two/security'];
    const secret = '11111111-2222-3333-4444-555555555555';
    const refused = await cliInProcess(push, { env: { ...access, CONSUL_HTTP_TOKEN: secret } });
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^permission_denied: .*ACL not found/),
    ]);
    expect(refused.stdout + refused.stderr).not.toMatch(/canary|11111111/);
    const tokenFile = await file('token', `${env.consul.token}\n`);
    const variables = { ...access, CONSUL_HTTP_TOKEN: secret, CONSUL_HTTP_TOKEN_FILE: tokenFile };
    expect((await cliInProcess(push, { env: variables })).exitCode).toBe(0);
  });

  test.each([
    ['without a Consul', ['--consul', 'a/b'], {}],
    ['without a key', [], { CONSUL_HTTP_ADDR: '127.0.0.1:1' }],
    ['with a key that is none', ['--consul', '/a'], { CONSUL_HTTP_ADDR: '127.0.0.1:1' }],
    ['with an invalid address', ['--consul', 'a/b'], { CONSUL_HTTP_ADDR: 'unix:///consul.sock' }],
    [
      'with a token file that is not there',
      ['--consul', 'a/b'],
      { CONSUL_HTTP_ADDR: '127.0.0.1:1', CONSUL_HTTP_TOKEN_FILE: '/none' },
    ],
  ])('%s is wrong use', async (_name, args, variables) => {
    const path = await file('users.yaml', 'Users: {}');
    expect(await cliInProcess(['users', 'push', path, ...args], { env: { ...none, ...variables } })).toMatchObject({
      exitCode: 2,
    });
  });

  test('ends with 3 where no Consul answers', async () => {
    const path = await file('users.yaml', 'Users: {}');
    const push = ['users', 'push', path, '--consul', 'a/b'];
    const ended = await cliInProcess(push, { env: { ...none, CONSUL_HTTP_ADDR: '127.0.0.1:1' } });
    expect([ended.exitCode, ended.stderr]).toEqual([3, expect.stringMatching(/^request_failed: /)]);
  });
});

describe('vaultproof issuer does not start', () => {
  test('a Consul without users is refused, with the command that puts them there', async () => {
    const ended = await cli(['issuer', '--users', 'consul:nothing/here'], { env: access });
    expect([ended.exitCode, ended.stderr]).toEqual([
      1,
      expect.stringMatching(/^users_not_found: .*vaultproof users push/m),
    ]);
  });

  test('a token that may not share keys is refused', async ({ fileEnv: env }) => {
    const rules = 'key "three/security" { policy = "read" }';
    await env.consul.kv.write('three/security', 'Users: {}');
    await env.consul.request('PUT', 'acl/policy', { Name: 'three', Rules: rules });
    const made = await env.consul.request('PUT', 'acl/token', { Policies: [{ Name: 'three' }] });
    const { SecretID: token } = made as { SecretID: string };
    const args = ['issuer', '--users', 'consul:three/security', '--share-keys', 'three/keys/a'];
    const ended = await cli(args, { env: { ...access, CONSUL_HTTP_TOKEN: token } });
    expect([ended.exitCode, ended.stderr]).toEqual([
      1,
      expect.stringMatching(/^permission_denied: .*PUT "kv\/three\/keys\/a"/m),
    ]);
    expect(ended.stdout + ended.stderr).not.toContain(token);
  });

  test('keys to share without a login are refused', async () => {
    expect(await cli(['issuer', '--share-keys', 'a/b'], { env: access })).toMatchObject({ exitCode: 2 });
  });
});
