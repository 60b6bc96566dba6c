import { text } from 'node:stream/consumers';
import { defineCommand } from 'citty';
import { UsageError } from '../errors/index.js';
import {
  editUserFile,
  enrolTotp,
  hashPassword,
  kindOfKey,
  parseUserDocument,
  pushUsers,
  readUserText,
  type UserChanges,
} from '../issuer/users/index.js';
import { consulAccess } from './consul-variables.js';
import { mask, note, print, printLines } from './output.js';

const FILE = { type: 'positional', required: true, description: 'The file of users, JSON or YAML' } as const;
const JSON_OUTPUT = { type: 'boolean', description: 'Print one JSON object' } as const;

const hash = defineCommand({
  meta: {
    name: 'hash',
    description: 'Replace the plain passwords in a file of users by their hashes',
    examples: ['users hash users.yml', 'users hash --password-stdin < password'],
  },
  args: {
    file: { ...FILE, required: false },
    'password-stdin': { type: 'boolean', description: 'Print the hash of the password on standard input instead' },
    json: JSON_OUTPUT,
  },
  run: async ({ args: { file, 'password-stdin': fromInput = false, json = false } }) => {
    if (fromInput === (file !== undefined)) throw new UsageError('give a file of users, or --password-stdin');
    await (file === undefined ? hashStandardInput(json) : hashFile(file, json));
  },
});

const enrol = defineCommand({
  meta: {
    name: 'enrol',
    description: 'Give a user one-time codes (TOTP), and print the secret as a QR code',
    examples: ['users enrol users.yml alice'],
  },
  args: {
    file: FILE,
    user: { type: 'positional', required: true, description: 'The name of the user' },
    json: JSON_OUTPUT,
  },
  run: ({ args: { file, user, json = false } }) => enrolUser(file, user, json),
});

const check = defineCommand({
  meta: {
    name: 'check',
    description: 'List the users of a file, and whether their passwords are hashed',
    examples: ['users check users.yml --json'],
  },
  args: { file: FILE, json: JSON_OUTPUT },
  run: ({ args: { file, json = false } }) => checkFile(file, json),
});

const push = defineCommand({
  meta: {
    name: 'push',
    description: 'Put the users of a file into a key of Consul, with their passwords hashed',
    examples: ['users push users.yml --consul appmesh/security'],
  },
  args: {
    file: FILE,
    consul: {
      type: 'string',
      valueHint: 'KEY',
      description:
        'The key, at the Consul that CONSUL_HTTP_ADDR, CONSUL_HTTP_TOKEN, CONSUL_HTTP_TOKEN_FILE and CONSUL_CACERT name',
    },
    replace: { type: 'boolean', description: 'Replace the users that are there' },
    json: JSON_OUTPUT,
  },
  run: ({ args: { file, consul, replace = false, json = false } }) => pushFile(file, consul, replace, json),
});

/** `vaultproof users`: the users of App Mesh's login. */
export const users = defineCommand({ meta: { name: 'users' }, subCommands: { hash, enrol, check, push } });

async function hashStandardInput(json: boolean): Promise<void> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password === '') throw new UsageError('standard input has no password');
  const key = await hashPassword(password);
  print(json ? JSON.stringify({ key }) : key);
}

async function hashFile(file: string, json: boolean): Promise<void> {
  const changes = await editUserFile(file, async ({ users: known, plaintext }) => {
    const hashed: [string, Readonly<Record<string, string>>][] = [];
    for (const name of plaintext) hashed.push([name, { key: await hashPassword(known.get(name)?.key ?? '') }]);
    return new Map(hashed);
  });
  const names = [...changes.keys()];
  if (json) print(JSON.stringify({ file, hashed: names }));
  else print(names.length === 0 ? 'every password was hashed already' : `hashed: ${names.join(', ')}`);
}

async function enrolUser(file: string, user: string, json: boolean): Promise<void> {
  const { secret, uri } = await enrolTotp(user);
  await editUserFile(file, ({ users: known }): UserChanges => {
    const before = known.get(user);
    if (!before) throw new UsageError(`"${file}" has no user "${user}"`);
    if (before.mfaKey !== '') note('the secret from before no longer counts');
    return new Map([[user, { mfa_enabled: true, mfa_key: secret }]]);
  });
  mask(secret);
  if (json) return print(JSON.stringify({ file, user, secret, uri }));
  const { renderUnicodeCompact } = await import('uqr');
  printLines(renderUnicodeCompact(uri, { border: 2 }));
  print(uri);
}

async function pushFile(file: string, key: string | undefined, replace: boolean, json: boolean): Promise<void> {
  if (key === undefined) throw new UsageError('no key given: say --consul KEY, for example --consul appmesh/security');
  const hashed = await pushUsers(await readUserText(file), file, { ...(await consulAccess()), key, replace });
  if (json) return print(JSON.stringify({ file, key, hashed }));
  print(`"${key}" has the users of "${file}"${hashed.length === 0 ? '' : `, hashed there: ${hashed.join(', ')}`}`);
}

async function checkFile(file: string, json: boolean): Promise<void> {
  const document = await parseUserDocument(await readUserText(file), file);
  const rows = [...document.users.values()].map(({ name, key, locked, mfaEnabled, roles, permissions }) => {
    return { name, password: kindOfKey(key), locked, totp: mfaEnabled, roles, permissions };
  });
  if (json) print(JSON.stringify({ file, users: rows }));
  else {
    for (const { name, password, locked, totp, roles } of rows) {
      const marks = [password, ...(totp ? ['totp'] : []), ...(locked ? ['locked'] : []), `roles: ${roles.join(', ')}`];
      print(`${name}  ${marks.join('  ')}`);
    }
  }
  if (document.plaintext.length > 0) note(`passwords in plain text: run "vaultproof users hash ${file}"`);
}
