import type { Document } from 'yaml';
import { VaultproofError } from '../../errors/index.js';
import { isRecord, memberNames, wrongWithJson } from '../../internal/json.js';
import { readRegularFile } from '../../internal/regular-file.js';
import { kindOfKey } from './password.js';
import type { User } from './user-store.js';

const MOST_BYTES = 8 * 1024 * 1024;
const MOST_ALIASES = 100;

/** A user document that was read and found sound. */
export interface UserDocument {
  /** By name. */
  readonly users: ReadonlyMap<string, User>;
  /** What roles there are. */
  readonly roles: readonly string[];
  /** The names whose `key` is the password itself. */
  readonly plaintext: readonly string[];
}

/**
 * Reads users as App Mesh keeps them: JSON or YAML with `Security: {Roles, Users}`, or what is under `Security` alone.
 * Fields that are not known are left alone. It is 8 MiB at most.
 * @param name what to call the document in an error, usually its path
 * @throws VaultproofError `users_invalid`, with where it is wrong and never with a value
 * @example
 * const document = await parseUserDocument(await readUserText('users.yml'), 'users.yml');
 */
export async function parseUserDocument(source: string, name: string): Promise<UserDocument> {
  // Loaded here, since most issuers have no users and start sooner without.
  const { documentSchema, securitySchema } = await import('./user-schema.js');
  const root = await rootOf(source, name);
  const parsed = documentSchema.safeParse(root);
  const inner = parsed.success && parsed.data.Security !== undefined;
  const security = securitySchema.safeParse(inner ? parsed.data.Security : root);
  if (!security.success) {
    const issue = security.error.issues[0];
    const path = [...(inner ? ['Security'] : []), ...(issue?.path ?? [])].join('.');
    throw invalid(name, `"${path}" ${issue?.message ?? 'is wrong'}`);
  }
  const { EncryptKey: encrypted, Roles, Users } = security.data;
  const roles = new Map(Object.entries(Roles ?? {}));
  const users = new Map<string, User>();
  for (const [user, { mfa_enabled, mfa_key, metadata, ...rest }] of Object.entries(Users)) {
    const unknown = rest.roles.find((role) => !roles.has(role));
    if (unknown !== undefined) throw invalid(name, `user "${user}" has the role "${unknown}", which is not in Roles`);
    const kind = kindOfKey(rest.key);
    if (kind === 'unusable' || (encrypted && kind === 'plaintext')) {
      throw invalid(
        name,
        `the key of user "${user}" is a hash of another kind: only $scrypt$ and plaintext can be used`,
      );
    }
    if (mfa_enabled && mfa_key === '') throw invalid(name, `user "${user}" has mfa_enabled and no mfa_key`);
    if (!/^[A-Z2-7]*=*$/i.test(mfa_key)) throw invalid(name, `the mfa_key of user "${user}" is not base32`);
    const permissions = [...new Set(rest.roles.flatMap((role) => roles.get(role) ?? []))].sort();
    const known = { ...rest, mfaEnabled: mfa_enabled, mfaKey: mfa_key, permissions, metadata: metadata ?? null };
    users.set(user, { name: user, ...known });
  }
  const plaintext = [...users.values()].filter(({ key }) => kindOfKey(key) === 'plaintext').map((user) => user.name);
  return { users, roles: [...roles.keys()], plaintext };
}

async function rootOf(source: string, name: string): Promise<unknown> {
  if (Buffer.byteLength(source) > MOST_BYTES) throw invalid(name, `it is over ${MOST_BYTES / 1024 / 1024} MiB`);
  const root = jsonIn(source, name) ?? rootOfYaml(await parseYaml(source, name), name);
  const wrong = wrongWithJson(root);
  if (wrong !== undefined) throw invalid(name, `it ${wrong}`);
  return root;
}

/** The object that a document is that is JSON, which is read in a tenth of the time. */
function jsonIn(source: string, name: string): object | undefined {
  let json: unknown;
  try {
    json = JSON.parse(source);
  } catch {
    return undefined;
  }
  if (!isRecord(json)) return undefined;
  const { repeated } = memberNames(source);
  if (repeated !== undefined) throw invalid(name, `an object has "${repeated}" twice`);
  return json;
}

function rootOfYaml(document: Document.Parsed, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (cause) {
    throw invalid(name, 'it has an alias without an anchor, or aliases that expand to too much', cause);
  }
}

/**
 * A YAML document, of which JSON is a part, with its comments.
 * @throws VaultproofError `users_invalid`
 */
export async function parseYaml(source: string, name: string): Promise<Document.Parsed> {
  const { isNode, isScalar, parseDocument, visit } = await import('yaml');
  // Its own check of unique keys compares each with all others.
  const document = parseDocument(source, { prettyErrors: false, uniqueKeys: false });
  const [error] = document.errors;
  if (error) {
    throw invalid(name, `line ${lineAt(source, error.pos[0])} is not YAML (${error.code})`);
  }
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        const one = String(isScalar(key) ? key.value : key);
        const line = (): number => lineAt(source, isNode(key) ? key.range?.[0] : undefined);
        if (seen.has(one)) throw invalid(name, `line ${line()} has "${one}" a second time`);
        seen.add(one);
      }
    },
  });
  return document;
}

function lineAt(source: string, position = 0): number {
  return source.slice(0, position).split('\n').length;
}

/**
 * The text of a file of users, nothing of it checked.
 * @throws VaultproofError `users_invalid` when it can't be read, or is no regular file
 * @example
 * const document = await parseUserDocument(await readUserText('users.yml'), 'users.yml');
 */
export async function readUserText(path: string): Promise<string> {
  const { text } = await readRegularFile(path).catch((cause: Error) => {
    throw invalid(path, `it ${cause.message}`, cause);
  });
  return text;
}

/** The error for a user document that cannot be used. */
export function invalid(name: string, reason: string, cause?: unknown): VaultproofError {
  const message = `the users in "${name}" can't be used: ${reason}`;
  return new VaultproofError('users_invalid', message, { details: { path: name }, cause });
}
