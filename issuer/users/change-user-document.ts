import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { invalid, parseUserDocument, parseYaml, type UserDocument } from './user-document.js';
import type { User, UserFields, UserStore } from './user-store.js';

/** What to set in a user document, by the user's name and App Mesh's own names of the fields; null removes the user. */
export type UserChanges = ReadonlyMap<string, Readonly<Record<string, unknown>> | null>;

/**
 * The changes that {@link UserStore.update} asks for.
 * @throws TypeError for a role that the document doesn't have
 */
export async function changesOf(
  { users, roles }: UserDocument,
  name: string,
  decide: Parameters<UserStore['update']>[1],
): Promise<UserChanges> {
  const change = await decide(users.get(name));
  if (change === 'remove') return new Map(users.has(name) ? [[name, null]] : []);
  const unknown = change.roles?.find((role) => !roles.includes(role));
  if (unknown !== undefined)
    throw new UsageError(`unknown role "${unknown}"; expected one of: ${roles.join(', ') || 'none'}`);
  const fields = documentFields(change);
  return new Map(users.has(name) && Object.keys(fields).length === 0 ? [] : [[name, fields]]);
}

/**
 * Makes changes in the text of a user document, JSON or YAML. Comments stay, and so do fields that are not known.
 * @param name what to call the document in an error, usually its path
 * @throws VaultproofError `users_invalid` for a document that can't be used, before or after
 */
export async function changeUserDocument(text: string, name: string, changes: UserChanges): Promise<string> {
  if (changes.size === 0) return text;
  const before = await parseUserDocument(text, name);
  const after = isJson(text) ? changedJson(text, changes) : await changedYaml(text, name, changes);
  await confirm(after, name, before, changes);
  return after;
}

function isJson(text: string): boolean {
  try {
    return isRecord(JSON.parse(text));
  } catch {
    return false;
  }
}

function changedJson(text: string, changes: UserChanges): string {
  const root = JSON.parse(text) as { Security?: object };
  const { Users } = (root.Security ?? root) as { Users: Record<string, object> };
  for (const [name, fields] of changes) {
    if (fields === null) delete Users[name];
    else if (Object.hasOwn(Users, name)) Object.assign(Users[name] ?? {}, fields);
    else Object.defineProperty(Users, name, { value: fields, enumerable: true });
  }
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? 2;
  return `${JSON.stringify(root, undefined, indent)}\n`;
}

async function changedYaml(text: string, path: string, changes: UserChanges): Promise<string> {
  const document = await parseYaml(text, path);
  const above = document.has('Security') ? ['Security', 'Users'] : ['Users'];
  for (const [name, fields] of changes) {
    if (fields === null) document.deleteIn([...above, name]);
    for (const [field, value] of Object.entries(fields ?? {})) {
      try {
        // A text put in the place of another keeps its quotes and its comment.
        const node = typeof value === 'object' ? document.createNode(value, { flow: true }) : value;
        document.setIn([...above, name, field], node);
      } catch (cause) {
        throw invalid(path, `user "${name}" is an alias of another user: write it out first`, cause);
      }
    }
  }
  try {
    return document.toString({ lineWidth: 0 });
  } catch (cause) {
    throw inTheWay(path, [...changes.keys()].join(', '), cause);
  }
}

/** What was meant must be what a reader finds: an anchor that others refer to would change them, too. */
async function confirm(text: string, path: string, before: UserDocument, changes: UserChanges): Promise<void> {
  const { users } = await parseUserDocument(text, path);
  for (const name of new Set([...before.users.keys(), ...changes.keys()])) {
    const change = changes.get(name);
    const was = before.users.get(name);
    const meant = change === null ? undefined : { ...(was ? documentFields(was) : nobody), ...change };
    const user = users.get(name);
    if (!isDeepStrictEqual(user && documentFields(user), meant)) throw inTheWay(path, name);
  }
}

function inTheWay(path: string, name: string, cause?: unknown): Error {
  return invalid(path, `user "${name}" has an anchor that others use: write the user out first`, cause);
}

/** What a user has who has nothing but a name. */
const nobody = { email: '', group: '', locked: false, mfa_enabled: false, mfa_key: '', roles: [], metadata: null };

/** App Mesh's names of those fields that are there. */
function documentFields(user: UserFields | User): Record<string, unknown> {
  const { key, email, group, locked, mfaEnabled: mfa_enabled, mfaKey: mfa_key, roles, metadata } = user;
  const fields = { key, email, group, locked, mfa_enabled, mfa_key, roles, metadata };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
