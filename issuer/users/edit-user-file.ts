import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRecord } from '../is-record.js';
import { invalid, parseUserDocument, parseYaml, type UserDocument } from './user-document.js';

/** What to set in a user document, by the user's name and App Mesh's own names of the fields. */
export type UserChanges = ReadonlyMap<string, Readonly<Record<string, string | boolean>>>;

/**
 * Changes users in their file: under a lock, so that of two writers none loses anything, and by one rename, so that a
 * reader sees the file before or after. Comments stay. The file is its owner's alone afterwards (0600).
 * @param decide says what to change, given what the file has under the lock
 * @throws VaultproofError `users_invalid` when the file can't be used, before or after, or is locked for 10 s
 */
export async function editUserFile(
  path: string,
  decide: (document: UserDocument) => UserChanges | Promise<UserChanges>,
): Promise<UserChanges> {
  const { lock } = await import('proper-lockfile');
  const target = await realpath(path).catch((cause: NodeJS.ErrnoException) => {
    throw invalid(path, `it can't be read (${cause.code})`, cause);
  });
  const release = await lock(target, {
    retries: { retries: 200, factor: 1, minTimeout: 40, maxTimeout: 60, randomize: true },
  }).catch((cause: unknown) => {
    throw invalid(path, `another process holds "${path}.lock", wait for it or remove that folder`, cause);
  });
  try {
    const text = await readFile(target, 'utf8');
    const before = await parseUserDocument(text, path);
    const changes = await decide(before);
    if (changes.size === 0) return changes;
    const after = isJson(text) ? changedJson(text, changes) : await changedYaml(text, path, changes);
    await confirm(after, path, before, changes);
    await replace(target, after);
    return changes;
  } finally {
    await release();
  }
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
  for (const [name, fields] of changes) Object.assign(Users[name] ?? {}, fields);
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? 2;
  return `${JSON.stringify(root, undefined, indent)}\n`;
}

async function changedYaml(text: string, path: string, changes: UserChanges): Promise<string> {
  const document = await parseYaml(text, path);
  const above = document.has('Security') ? ['Security', 'Users'] : ['Users'];
  for (const [name, fields] of changes) {
    for (const [field, value] of Object.entries(fields)) {
      try {
        document.setIn([...above, name, field], value);
      } catch (cause) {
        throw invalid(path, `user "${name}" is an alias of another, write it out to have it changed`, cause);
      }
    }
  }
  return document.toString({ lineWidth: 0 });
}

/** What was meant must be what a reader finds: an anchor that others refer to would change them, too. */
async function confirm(text: string, path: string, before: UserDocument, changes: UserChanges): Promise<void> {
  const { users } = await parseUserDocument(text, path);
  for (const [name, user] of before.users) {
    const after = users.get(name);
    const fields: Readonly<Record<string, unknown>> = changes.get(name) ?? {};
    const { key = user.key, mfa_enabled = user.mfaEnabled, mfa_key = user.mfaKey } = fields;
    if (after === undefined || after.key !== key || after.mfaEnabled !== mfa_enabled || after.mfaKey !== mfa_key) {
      throw invalid(path, `an anchor of it is in the way, write user "${name}" out to have it changed`);
    }
  }
}

async function replace(target: string, text: string): Promise<void> {
  const fresh = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, target);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
