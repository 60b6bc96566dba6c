import { defineCommand } from 'citty';
import { UsageError, VaultproofError } from '../errors/index.js';
import {
  appMeshDialect,
  authTokenDialect,
  getTokenDialect,
  pageDialect,
  signDialect,
  tokenDialect,
} from '../issuer/endpoints/index.js';
import { type Dialect, type IssuerOptions, type SigningKey, type StartedIssuer, startIssuer } from '../issuer/index.js';
import { importSigningKey, openSharedKeys, readKey, readKeyFolder, type SharedKeys } from '../issuer/keys/index.js';
import { generateTlsIdentity } from '../issuer/tls/index.js';
import {
  exposedFile,
  fixedUsers,
  openConsulUsers,
  openUserFile,
  readRegularFile,
  type UserStore,
} from '../issuer/users/index.js';
import { consulAccess, consulKeyOf } from './consul-variables.js';
import { exitCodes } from './exit.js';
import { readAdminToken } from './files.js';
import { forever, handleInterruption } from './interruption.js';
import { portsOf } from './issuer-ports.js';
import { describeIssuer, type IssuerReport, reportLines } from './issuer-report.js';
import { mask, note, print } from './output.js';

/** `vaultproof issuer`: the issuer alone. */
export const issuer = defineCommand({
  meta: { name: 'issuer' },
  args: {
    port: {
      type: 'string',
      valueHint: 'N',
      description: "The port on 127.0.0.1; default the first seed's, or a free one",
    },
    key: {
      type: 'string',
      valueHint: 'FILE',
      description: 'The private key that signs, PEM or JWK; default a new one',
    },
    keys: {
      type: 'string',
      valueHint: 'DIR',
      description: 'A folder with a private key for each user of POST /get_token, named after the user',
    },
    'skip-bad-keys': {
      type: 'boolean',
      description: 'Skips keys of that folder that are truncated, encrypted or do not match their public half',
    },
    users: {
      type: 'string',
      valueHint: 'FILE|consul:KEY',
      description:
        "The users of App Mesh's login, JSON or YAML, in a file or a key of Consul's (CONSUL_HTTP_ADDR, CONSUL_HTTP_TOKEN, CONSUL_HTTP_TOKEN_FILE, CONSUL_CACERT); default with seed 003: its own example, else no such login",
    },
    'share-keys': {
      type: 'string',
      valueHint: 'KEY',
      description:
        "Shares App Mesh's public keys in this key of Consul: issuers with keys beside it accept each other's tokens; for example appmesh/keys/a",
    },
    audience: {
      type: 'string',
      valueHint: 'A,B',
      description: "The audiences that App Mesh's X-Audience may name; default appmesh-service",
    },
    sign: {
      type: 'boolean',
      description: 'Mints any token at POST /sign without a password, the default without --users',
    },
    seeds: {
      type: 'string',
      valueHint: '000,001,003',
      description:
        "Listens where the seeds' issuers do: 5000, 8080 and, over https, 6060; without a value on all of them",
    },
    admin: {
      type: 'boolean',
      description: 'Opens the admin API for keys, claims, faults, clock and users, and prints its token',
    },
    'admin-token-file': {
      type: 'string',
      valueHint: 'FILE',
      description: 'Opens the admin API with the token of a file, 32 characters or more; default a random one',
    },
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: async ({ args }) => {
    const { own, http, https } = portsOf(args.port, args.seeds);
    if (args.users === undefined && https.length === 0 && args.audience !== undefined) {
      throw new UsageError('"--audience" goes with "--users" or "--seeds=003"');
    }
    if (args.users === undefined && https.length === 0 && args['share-keys'] !== undefined) {
      throw new UsageError('"--share-keys" goes with "--users" or "--seeds=003"');
    }
    const keys = await keysFor(args.key);
    await using users = await usersFor(args.users, https.length > 0);
    const skip = args['skip-bad-keys'] === true;
    if (args.keys !== undefined) await readKeyFolder(args.keys, { warn, onBadKey: skip ? 'skip' : 'stop' });
    await using sharedKeys = await sharedKeysFor(args['share-keys']);
    const sign = args.users === undefined || args.sign === true;
    if (!sign)
      note(
        '--users: POST /sign and the form at /oidc/authorize, which need no password, are off; --sign turns them on',
      );
    const dialects = [...dialectsFor(args.keys, users, args.audience, sharedKeys), ...(sign ? [signDialect()] : [])];
    const tokenFile = args['admin-token-file'];
    const admin = tokenFile === undefined ? args.admin === true : { token: await adminToken(tokenFile) };
    const running = await startIssuer({ port: own, dialects, signInForm: sign, admin, warn: onceEach(warn), ...keys });
    const stop = async (): Promise<void> => {
      await Promise.all([running.stop(), sharedKeys?.close()]);
    };
    const interruption = handleInterruption();
    interruption.stopFirst(stop);
    try {
      await sharedKeys?.shared();
      const listeners = [running.url];
      for (const port of http) listeners.push(await running.listenOn(port));
      // What listens over https is App Mesh's login.
      const tls = users && https.length > 0 ? await generateTlsIdentity() : undefined;
      if (tls) for (const port of https) listeners.push(await running.listenOn(port, { tls }));
      const report = {
        ...describeIssuer(running, listeners, { sign, users: users !== undefined }),
        ...adminOf(running, tokenFile === undefined),
        ...(tls && { ca: tls.ca }),
      };
      if (args.keys === undefined) note('no --keys: POST /get_token has no users');
      note('running; Ctrl-C stops it');
      interruption.stopFirst(stop, exitCodes.done);
      if (args.json === true) print(JSON.stringify(report));
      else for (const line of reportLines(report)) print(line);
      await forever();
    } finally {
      await running.stop();
    }
  },
});

/** Those of the file or of Consul, or where seed 003 is served without one the user whose login it shows. */
async function usersFor(file: string | undefined, seed: boolean): Promise<UserStore | undefined> {
  const key = file === undefined ? undefined : consulKeyOf(file);
  if (key !== undefined) return openConsulUsers({ ...(await consulAccess()), key, warn });
  if (file !== undefined) {
    const users = await openUserFile(file, { warn });
    await readSecret('file of users', file);
    return users;
  }
  if (!seed) return undefined;
  note('no --users: App Mesh\'s login has one user, "user" with the password "pwd" and the permission app-view');
  return fixedUsers({ Roles: { view: ['app-view'] }, Users: { user: { key: 'pwd', roles: ['view'] } } });
}

async function sharedKeysFor(key: string | undefined): Promise<SharedKeys | undefined> {
  return key === undefined ? undefined : openSharedKeys({ ...(await consulAccess()), key, warn });
}

function dialectsFor(
  folder: string | undefined,
  users: UserStore | undefined,
  audience: string | undefined,
  sharedKeys: SharedKeys | undefined,
): Dialect[] {
  const keyFor = folder === undefined ? () => undefined : keysIn(folder);
  const audiences = audience?.split(',');
  const more = { ...(audiences && { audiences }), ...(sharedKeys && { sharedKeys }) };
  const appMesh = users ? [appMeshDialect({ users, ...more })] : [];
  return [pageDialect(), tokenDialect(), authTokenDialect(), getTokenDialect({ keyFor }), ...appMesh];
}

function warn(message: string): void {
  note(`warning: ${message}`);
}

/** The same for each message once. */
function onceEach(tell: (message: string) => void): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (!told.has(message)) tell(message);
    told.add(message);
  };
}

async function adminToken(file: string): Promise<string> {
  return file === '-' ? readAdminToken(file) : (await readSecret('admin token', file)).trim();
}

/** The key that is given, and one for ES256 where it is of another kind: POST /auth/token signs with nothing else. */
async function keysFor(file: string | undefined): Promise<Pick<IssuerOptions, 'keys' | 'algorithms'>> {
  if (file === undefined) return {};
  const key = await importSigningKey(await readSecret('private key', file));
  return { keys: [key], algorithms: key.alg === 'ES256' ? [] : ['ES256'] };
}

/**
 * Reads a file that holds a secret, and warns where others may read or change it: a shell's redirection makes such files.
 * @throws UsageError when it can't be read, or is no regular file
 */
async function readSecret(what: string, path: string): Promise<string> {
  const { text, mode } = await readRegularFile(path).catch((cause: Error) => {
    throw new UsageError(`"${path}" ${cause.message}`);
  });
  const exposed = exposedFile(what, path, mode);
  if (exposed !== undefined) warn(exposed);
  return text;
}

/** Finds a user's key in a folder, anew each time, so that a new user needs no restart. */
function keysIn(folder: string): (id: string) => Promise<SigningKey | undefined> {
  const warnOnce = onceEach(warn);
  return async (id) => {
    try {
      return (await readKey(folder, id, { warn: warnOnce })).key;
    } catch (error) {
      // Wrong use is an id that can't be the name of a file.
      if (error instanceof UsageError || (error instanceof VaultproofError && error.code === 'key_not_found')) {
        return undefined;
      }
      throw error;
    }
  };
}

function adminOf({ admin }: StartedIssuer, isFresh: boolean): Pick<IssuerReport, 'admin'> {
  if (!admin) return {};
  if (!isFresh) return { admin: { url: admin.url } };
  mask(admin.token);
  return { admin: { url: admin.url, token: admin.token } };
}
