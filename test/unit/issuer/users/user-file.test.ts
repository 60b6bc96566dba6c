import { chmod, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  editUserFile,
  fixedUsers,
  hashPassword,
  openUserFile,
  parseUserDocument,
  verifyPassword,
} from 'vaultproof/issuer/users';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

bePatient();

const json = JSON.stringify({
  Security: {
    EncryptKey: false,
    Roles: { view: ['app-view', 'app-view-all'], manage: ['app-reg', 'app-view'] },
    Users: {
      mesh: {
        key: 'canary-password',
        email: 'mesh@example.com',
        group: 'admin',
        exec_user: '',
        locked: false,
        mfa_enabled: false,
        mfa_key: '',
        roles: ['manage', 'view'],
        metadata: { team: 'a' },
        a_field_of_next_year: 1,
      },
    },
  },
});
const yaml = `# who may do what
Security:
  Roles:
    view: [app-view]
  Users:
    mesh: # the first one
      key: 'canary-password' # to be hashed
      roles: [view]
    other:
      key: "canary-too"
`;

async function opened(text: string, options: { readonly pollMs?: number } = {}) {
  const path = join(await temporaryFolder(), 'users.yaml');
  await writeFile(path, text);
  const warnings: string[] = [];
  const store = await openUserFile(path, { warn: (message) => warnings.push(message), ...options });
  onTestFinished(() => store.close());
  const changed = (): Promise<void> =>
    new Promise((resolve) => {
      const stop = store.subscribe(() => {
        stop();
        resolve();
      });
    });
  return { path, store, warnings, changed };
}

test('a user has the fields of App Mesh, and the permissions of all roles', async () => {
  const { store } = await opened(json);
  expect(await store.find('mesh')).toEqual({
    name: 'mesh',
    key: 'canary-password',
    email: 'mesh@example.com',
    group: 'admin',
    locked: false,
    mfaEnabled: false,
    mfaKey: '',
    roles: ['manage', 'view'],
    permissions: ['app-reg', 'app-view', 'app-view-all'],
    metadata: { team: 'a' },
  });
  for (const name of ['Mesh', '', '__proto__', 'constructor', 'toString']) {
    expect(await store.find(name)).toBeUndefined();
  }
});

test('YAML is read like JSON, and what is under Security may stand alone', async () => {
  const { users } = await parseUserDocument('Users: {b: {key: x}, a: {key: y}}', 'users');
  expect([...users.keys()]).toEqual(['b', 'a']);
  const { store } = await opened(yaml);
  expect((await store.list()).map(({ name, permissions }) => [name, permissions])).toEqual([
    ['mesh', ['app-view']],
    ['other', []],
  ]);
});

test('users that are given as an object are kept in memory', async () => {
  await using store = await fixedUsers({ Roles: { view: ['app-view'] }, Users: { b: { key: 'x' }, a: { key: 'y' } } });
  expect((await store.list()).map(({ name }) => name)).toEqual(['a', 'b']);
  expect(await store.find('a')).toMatchObject({ key: 'y', permissions: [] });
  await expect(fixedUsers({ Users: { a: {} } })).rejects.toMatchObject({ code: 'users_invalid' });
});

test('passwords in plain text are warned of by name', async () => {
  const { path, warnings } = await opened(yaml);
  expect(warnings).toEqual([
    `passwords in plain text in "${path}", of "mesh", "other": run "vaultproof users hash ${path}"`,
  ]);
});

/** A few lines that stand for 3^30 values. */
const aliasBomb = Array.from({ length: 30 }, (_, at) => {
  const inner = at === 0 ? 'x' : `*a${at - 1},*a${at - 1},*a${at - 1}`;
  return `b${at}: &a${at} [${inner}]\n`;
}).join('');

describe('a document is refused', () => {
  test.each([
    ['', '"" '],
    ['[]', '"" '],
    ['{', 'line 1 is not YAML'],
    ['Users: *gone', 'it has an alias without an anchor'],
    [aliasBomb, 'it has an alias without an anchor, or aliases that expand to too much'],
    ['Users:\n  a: {key: x}\n  a: {key: y}\n', 'line 3 has "a" a second time'],
    ['Users: {a: {}}', '"Users.a.key" '],
    ['Users: {a: {key: 12345}}', '"Users.a.key" must be a string: put a number in quotes'],
    ['Users: {a: {key: ""}}', '"Users.a.key" is empty'],
    ['Security: {Users: {a: {key: x, locked: "no"}}}', '"Security.Users.a.locked" '],
    ['Users: {a: {key: x, roles: [gone]}}', 'user "a" has the role "gone", which is not in Roles'],
    ['Users: {a: {key: x, mfa_enabled: true}}', 'user "a" has mfa_enabled and no mfa_key'],
    ['Users: {a: {key: x, mfa_key: "0189"}}', 'the mfa_key of user "a" is not base32'],
    ['Users: {a: {key: $pbkdf2$100000$c2FsdA$aGFzaA}}', 'the key of user "a" is a hash of another kind'],
    ['EncryptKey: true\nUsers: {a: {key: H1234567890}}', 'the key of user "a" is a hash of another kind'],
  ])('%j', async (text, reason) => {
    const error: unknown = await parseUserDocument(text, 'users.yaml').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'users_invalid', details: { path: 'users.yaml' } });
    expect((error as Error).message).toContain(`the users in "users.yaml" can't be used: ${reason}`);
  });
});

test('a file that is not there is an error to begin with', async () => {
  await expect(openUserFile('/does/not/exist.yaml')).rejects.toMatchObject({ code: 'users_invalid' });
});

describe.each([['the system tells', {}] as const, ['it is polled', { pollMs: 20 }] as const])(
  'a change that %s',
  (_, options) => {
    test('is followed, by writing in place and by renaming', async () => {
      const { path, store, changed } = await opened('Users: {a: {key: x}}', options);
      const written = changed();
      await writeFile(path, 'Users: {b: {key: x}}');
      await written;
      expect((await store.list()).map(({ name }) => name)).toEqual(['b']);
      for (const name of ['c', 'd']) {
        const renamed = changed();
        await writeFile(`${path}.new`, `Users: {${name}: {key: x}}`);
        await rename(`${path}.new`, path);
        await renamed;
        expect((await store.list()).map((user) => user.name)).toEqual([name]);
      }
    });
  },
);

test('a link that is turned to another file is followed', async () => {
  const folder = await temporaryFolder();
  const [one, other, link] = [join(folder, 'one'), join(folder, 'other'), join(folder, 'users.yaml')];
  await Promise.all([writeFile(one, 'Users: {a: {key: x}}'), writeFile(other, 'Users: {b: {key: x}}')]);
  await symlink(one, link);
  await using store = await openUserFile(link);
  const changed = new Promise<void>((resolve) => store.subscribe(resolve));
  await symlink(other, `${link}.new`);
  await rename(`${link}.new`, link);
  await changed;
  expect(await store.find('b')).toBeDefined();
});

test('a bad edit keeps the last good state, is warned of once without a value, and mended it counts', async () => {
  const { path, store, warnings } = await opened(
    `Users: {a: {key: "${await hashPassword('pwd', { N: 16, r: 1, p: 1 })}"}}`,
  );
  await writeFile(path, 'Users: {a: {key: [canary]}}');
  await store.reload();
  await store.reload();
  expect(warnings).toEqual([
    `the users in "${path}" can't be used: "Users.a.key" must be a string: put a number in quotes; the users last read stay in use`,
  ]);
  expect(await store.find('a')).toBeDefined();
  await rm(path);
  await store.reload();
  expect(warnings[1]).toContain('it does not exist; the users last read stay in use');
  await writeFile(path, 'Users: {}');
  await store.reload();
  expect(await store.list()).toEqual([]);
  expect(warnings).toHaveLength(2);
});

test('a store that is closed hears of nothing, and closes twice', async () => {
  const { path, store } = await opened('Users: {a: {key: x}}');
  await store.close();
  await store.close();
  await writeFile(path, 'Users: {}');
  await store.reload();
  expect(await store.list()).toHaveLength(1);
});

describe('an edit of ours', () => {
  test('keeps comments and quotes, and leaves the file to its owner', async () => {
    const { path } = await opened(yaml);
    await chmod(path, 0o644);
    await editUserFile(path, () => new Map([['mesh', { key: 'new', mfa_enabled: true, mfa_key: 'MFRGG' }]]));
    expect(await readFile(path, 'utf8')).toBe(`# who may do what
Security:
  Roles:
    view: [ app-view ]
  Users:
    mesh:
      # the first one
      key: 'new' # to be hashed
      roles: [ view ]
      mfa_enabled: true
      mfa_key: MFRGG
    other:
      key: "canary-too"
`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(path, '..'))).toEqual(['users.yaml']);
  });

  test('keeps JSON as JSON, with its unknown fields', async () => {
    const { path } = await opened(json);
    await editUserFile(path, () => new Map([['mesh', { key: 'new' }]]));
    const { Security } = JSON.parse(await readFile(path, 'utf8'));
    expect(Security.Users.mesh).toMatchObject({ key: 'new', a_field_of_next_year: 1, metadata: { team: 'a' } });
    expect(Security.EncryptKey).toBe(false);
  });

  test('goes through a link to the file that it leads to', async () => {
    const { path } = await opened(yaml);
    const link = join(await temporaryFolder(), 'link.yaml');
    await symlink(path, link);
    await editUserFile(link, () => new Map([['mesh', { key: 'new' }]]));
    expect(await readFile(path, 'utf8')).toContain("key: 'new'");
  });

  test('side by side with nineteen others loses nothing', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `user-${index}`);
    const { path } = await opened(
      JSON.stringify({ Users: Object.fromEntries(names.map((name) => [name, { key: 'x' }])) }),
    );
    await Promise.all(names.map((name) => editUserFile(path, () => new Map([[name, { key: `of ${name}` }]]))));
    const { users } = await parseUserDocument(await readFile(path, 'utf8'), path);
    expect([...users.values()].map(({ key }) => key)).toEqual(names.map((name) => `of ${name}`));
  });

  test.each([
    ['of a user who is an alias', 'Users:\n  a: &x {key: p}\n  mesh: *x\n'],
    ['that would change another user, too', 'Users:\n  mesh: {key: &k p}\n  b: {key: *k}\n'],
  ])('%s is refused', async (_, text) => {
    const { path } = await opened(text);
    const outcome = await editUserFile(path, () => new Map([['mesh', { key: 'new' }]])).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    expect(outcome).toBe('users_invalid');
    expect(await readFile(path, 'utf8')).toBe(text);
  });
});

test('no password is in what a store warns of', async () => {
  const { warnings, store } = await opened(yaml);
  expect(warnings.join()).not.toContain('canary-');
  expect(await verifyPassword('canary-password', (await store.find('mesh'))?.key)).toBe(true);
});
