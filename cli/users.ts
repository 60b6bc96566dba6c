import { text } from 'node:stream/consumers';
import { defineCommand } from 'citty';
import { WrongUse } from '../errors/index.js';
import {
  editUserFile,
  enrolTotp,
  hashPassword,
  kindOfKey,
  parseUserDocument,
  pushUsers,
  type UserChanges,
} from '../issuer/index.js';
import { consulAccess } from './consul-access.js';
import { readNamed } from './files.js';
import { mask, note, print, printLines } from './output.js';

/** `vaultproof users`: the users of App Mesh's login. */
export const users = defineCommand({
  meta: {
    name: 'users',
    description: 'The users of App Mesh: hash passwords, enrol for TOTP, check, put them into Consul',
  },
  args: {
    action: { type: 'positional', description: 'hash, enrol, check or push' },
    file: { type: 'positional', required: false, description: 'The file, JSON or YAML' },
    user: { type: 'positional', required: false, description: 'With enrol: whose one-time codes' },
    'password-stdin': { type: 'boolean', description: 'With hash: print the hash of the password on standard input' },
    consul: {
      type: 'string',
      valueHint: 'KEY',
      description:
        "With push: the key of Consul's to put the users into, with their passwords hashed (CONSUL_HTTP_ADDR, CONSUL_HTTP_TOKEN, CONSUL_HTTP_TOKEN_FILE, CONSUL_CACERT)",
    },
    replace: { type: 'boolean', description: 'With push: in the place of users that are there' },
    json: { type: 'boolean', description: 'One JSON object on standard output' },
  },
  run: async ({ args }) => {
    const { action, file, user } = args;
    const json = args.json === true;
    if (action !== 'enrol' && user !== undefined) throw new WrongUse('only "enrol" takes a user');
    if (args['password-stdin'] === true) {
      if (action !== 'hash' || file !== undefined) throw new WrongUse('--password-stdin goes with "hash" and no file');
      return hashStandardInput(json);
    }
    if (action !== 'hash' && action !== 'enrol' && action !== 'check' && action !== 'push') {
      throw new WrongUse('there are the actions "hash", "enrol", "check" and "push"');
    }
    if (action !== 'push' && (args.consul !== undefined || args.replace === true)) {
      throw new WrongUse('--consul and --replace go with "push"');
    }
    if (file === undefined) throw new WrongUse('no file given');
    if (action === 'push') return push(file, args.consul, args.replace === true, json);
    if (action === 'hash') return hash(file, json);
    if (action === 'check') return check(file, json);
    if (user === undefined) throw new WrongUse('no user given');
    return enrol(file, user, json);
  },
});

async function hashStandardInput(json: boolean): Promise<void> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password === '') throw new WrongUse('standard input has no password');
  const key = await hashPassword(password);
  print(json ? JSON.stringify({ key }) : key);
}

async function hash(file: string, json: boolean): Promise<void> {
  const changes = await editUserFile(file, async ({ users: known, plaintext }) => {
    const hashed: [string, Readonly<Record<string, string>>][] = [];
    for (const name of plaintext) hashed.push([name, { key: await hashPassword(known.get(name)?.key ?? '') }]);
    return new Map(hashed);
  });
  const names = [...changes.keys()];
  if (json) print(JSON.stringify({ file, hashed: names }));
  else print(names.length === 0 ? 'every password was hashed already' : `hashed: ${names.join(', ')}`);
}

async function enrol(file: string, user: string, json: boolean): Promise<void> {
  const { secret, uri } = await enrolTotp(user);
  await editUserFile(file, ({ users: known }): UserChanges => {
    const before = known.get(user);
    if (!before) throw new WrongUse(`"${file}" has no user "${user}"`);
    if (before.mfaKey !== '') note('the secret from before no longer counts');
    return new Map([[user, { mfa_enabled: true, mfa_key: secret }]]);
  });
  mask(secret);
  if (json) return print(JSON.stringify({ file, user, secret, uri }));
  const { renderUnicodeCompact } = await import('uqr');
  printLines(renderUnicodeCompact(uri, { border: 2 }));
  print(uri);
}

async function push(file: string, key: string | undefined, replace: boolean, json: boolean): Promise<void> {
  if (key === undefined) throw new WrongUse('no key given: say --consul KEY, for example --consul appmesh/security');
  const hashed = await pushUsers(await readNamed(file), file, { ...(await consulAccess()), key, replace });
  if (json) return print(JSON.stringify({ file, key, hashed }));
  print(`"${key}" has the users of "${file}"${hashed.length === 0 ? '' : `, hashed there: ${hashed.join(', ')}`}`);
}

async function check(file: string, json: boolean): Promise<void> {
  const document = await parseUserDocument(await readNamed(file), file);
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
