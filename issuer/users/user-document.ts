import type { Document } from 'yaml';
import { VaultproofError } from '../../errors/index.js';
import { readRegularFile } from '../regular-file.js';
import { kindOfKey } from './password.js';
import type { User } from './user-store.js';

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
 * Fields that are not known are left alone.
 * @param name what to call the document in an error, usually its path
 * @throws VaultproofError `users_invalid`, with where it is wrong and never with a value
 */
export async function parseUserDocument(source: string, name: string): Promise<UserDocument> {
  // Loaded here, since most issuers have no users and start sooner without.
  const { documentSchema, securitySchema } = await import('./user-schema.js');
  const root = (await parseYaml(source, name)).toJS({ maxAliasCount: 100 }) as unknown;
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

/**
 * A YAML document, of which JSON is a part, with its comments.
 * @throws VaultproofError `users_invalid`
 */
export async function parseYaml(source: string, name: string): Promise<Document.Parsed> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(source, { prettyErrors: false });
  const [error] = document.errors;
  if (!error) return document;
  const line = source.slice(0, error.pos[0]).split('\n').length;
  throw invalid(name, `line ${line} is not YAML (${error.code})`);
}

/**
 * The text of a file of users, nothing of it checked.
 * @throws VaultproofError `users_invalid` when it can't be read, or is no regular file
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
