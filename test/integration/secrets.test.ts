import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

describe.each([1, 2] as const)('in a KV engine of version %s', (version) => {
  const mount = `team/kv${version}`;

  beforeAll(async () => {
    await env.vault.request('POST', `sys/mounts/${mount}`, {
      type: 'kv',
      options: { version: String(version) },
    });
  });

  test.each([
    'plain',
    'a/b/c',
    'with space',
    'ünïcödé',
    'a+b&c=d',
    'question?mark#hash',
    '100%',
    '%2e%2e',
    'double{{braces}}',
    'triple{{{braces}}}',
    'data/data',
    'metadata',
    '.hidden',
    'a:b@c;d,e!$*()',
    'quote\'s"<>',
  ])('a secret at "%s" is read as it was written, and only there', async (name) => {
    const data = { name, nested: { list: [1, 'two', null, true] } };
    await env.vault.seed(`${mount}/${name}`, data);
    expect(await env.vault.root.read(`${mount}/${name}`)).toEqual(data);
    expect(await env.vault.root.read(`/${mount}/${name}/`)).toEqual(data);
    await expect(env.vault.root.read(`${mount}/${name}-2`)).rejects.toMatchObject({
      code: 'secret_not_found',
    });
  });

  test('a secret that was written at the path of the API is named where it is not found', async () => {
    await env.vault.seed(`${mount}/data/misplaced`, { a: 1 });
    await expect(env.vault.root.read(`${mount}/misplaced`)).rejects.toMatchObject({
      code: 'secret_not_found',
      message:
        version === 1
          ? `there is no secret at "${mount}/misplaced": write one first`
          : `there is no secret at "${mount}/misplaced": there is one at "${mount}/data/misplaced", ` +
            'and a path of "vault kv" has no "data/": write it without',
    });
  });

  test('a secret that was written again is the new one', async () => {
    await env.vault.seed(`${mount}/again`, { a: 1, b: 2 });
    await env.vault.seed(`${mount}/again`, { a: 3 });
    expect(await env.vault.root.read(`${mount}/again`)).toEqual({ a: 3 });
  });

  test('what is no string is no path', async () => {
    for (const path of [undefined, 5] as never[]) {
      await expect(env.vault.seed(path, {})).rejects.toThrow('expected a string such as "kv/app/db"');
      await expect(env.vault.root.read(path)).rejects.toThrow(TypeError);
    }
  });

  test.each(['..', '../secret', 'a/../../secret/x', './a'])('the path "%s" does not leave the engine', async (name) => {
    await expect(env.vault.seed(`${mount}/${name}`, { a: 1 })).rejects.toMatchObject({
      code: 'request_refused',
    });
  });

  test('a secret is one of many that may be written at the same time', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `many/${index}`);
    await Promise.all(names.map((name) => env.vault.seed(`${mount}/${name}`, { name })));
    const read = await Promise.all(names.map((name) => env.vault.root.read(`${mount}/${name}`)));
    expect(read).toEqual(names.map((name) => ({ name })));
  });
});

describe('where nothing is mounted', () => {
  const unmounted = {
    code: 'mount_not_found',
    message: expect.stringMatching(/^nothing is mounted at "nomount\/a", these are: .*"somewhere\/"/),
    details: { path: 'nomount/a', mounts: expect.arrayContaining(['somewhere/']) },
  };

  beforeAll(async () => {
    await env.vault.request('POST', 'sys/mounts/somewhere', { type: 'kv' });
  });

  test('the root session says so, and what is', async () => {
    await expect(env.vault.seed('nomount/a', { a: 'b' })).rejects.toMatchObject(unmounted);
    await expect(env.vault.root.read('/nomount/a/')).rejects.toMatchObject(unmounted);
    await expect(env.vault.root.lease('nomount/a')).rejects.toMatchObject(unmounted);
    await expect(env.vault.seed('some/where', {})).rejects.toMatchObject({ code: 'mount_not_found' });
    await expect(env.vault.root.read('somewhere/a')).rejects.toMatchObject({ code: 'secret_not_found' });
  });

  test('a declared secret says so, too', async () => {
    const secret = { path: 'nomount/a', data_json: '{}' };
    await expect(env.applyJson({ resource: { vault_generic_secret: { secret } } })).rejects.toMatchObject({
      code: 'mount_not_found',
      message: expect.stringContaining('"vault_generic_secret.secret" could not be applied: nothing is mounted at'),
    });
  });
});
