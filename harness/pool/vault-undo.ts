import { isNotFound, type VaultBody } from '../api/vault-api.js';
import { addedNames, type Snapshot } from './snapshot.js';

/** Sends a request as root, see `StartedVault.request`. */
export type SendToVault = (method: string, path: string, json?: unknown) => Promise<VaultBody>;

/** Undoes one name that a reading shows besides those that are expected. */
type UndoName = (send: SendToVault, name: string) => Promise<unknown>;

const remove =
  (folder: string): UndoName =>
  (send, name) =>
    send('DELETE', `${folder}/${encoded(name)}`);

/**
 * What undoes the names that a list shows besides those of a new server, by the list. What one step removes may hold
 * something of the next: a token has leases, a role names a key. Tokens come first, so that they can't make more.
 */
const STEPS: readonly Readonly<Record<string, UndoName>>[] = [
  {
    'auth/token/accessors?list=true': (send, accessor) => send('POST', 'auth/token/revoke-accessor', { accessor }),
  },
  { 'sys/namespaces?list=true': remove('sys/namespaces') },
  {
    'sys/audit': remove('sys/audit'),
    'sys/auth': remove('sys/auth'),
    'sys/mounts': remove('sys/mounts'),
    'sys/policies/acl?list=true': remove('sys/policies/acl'),
    'sys/policies/password?list=true': remove('sys/policies/password'),
    'sys/quotas/rate-limit?list=true': remove('sys/quotas/rate-limit'),
    'sys/config/ui/headers?list=true': remove('sys/config/ui/headers'),
    'sys/config/auditing/request-headers': remove('sys/config/auditing/request-headers'),
    'auth/token/roles?list=true': remove('auth/token/roles'),
    'identity/mfa/login-enforcement?list=true': remove('identity/mfa/login-enforcement'),
    'identity/oidc/provider?list=true': remove('identity/oidc/provider'),
    'identity/oidc/client?list=true': remove('identity/oidc/client'),
    'identity/oidc/role?list=true': remove('identity/oidc/role'),
  },
  {
    'identity/entity/id?list=true': remove('identity/entity/id'),
    'identity/group/id?list=true': remove('identity/group/id'),
    'identity/mfa/method?list=true': async (send, id) => {
      const { data } = (await send('GET', `identity/mfa/method/${id}`)) as { data: { type: string } };
      await send('DELETE', `identity/mfa/method/${data.type}/${id}`);
    },
    'identity/oidc/assignment?list=true': remove('identity/oidc/assignment'),
    'identity/oidc/scope?list=true': remove('identity/oidc/scope'),
    'identity/oidc/key?list=true': remove('identity/oidc/key'),
  },
];

/**
 * Deleted, although it is not there, it has the identity engine forget the keys that it published: it keeps them in memory
 * after the roles that had them are gone.
 */
export const forgetKeys = 'identity/oidc/key/vaultproof';

/** What undoes a change that is not a name more. */
const RESETS: Readonly<Record<string, string>> = {
  'sys/config/cors': 'sys/config/cors',
  'sys/loggers': 'sys/loggers',
  'identity/oidc/.well-known/keys': forgetKeys,
  'sys/generate-root/attempt': 'sys/generate-root/attempt',
  'sys/generate-root-token/attempt': 'sys/generate-root-token/attempt',
  'sys/rekey/init': 'sys/rekey/init',
  'sys/rotate/root/init': 'sys/rotate/root/init',
};

/**
 * Undoes what can be undone of what a Vault shows and a new one doesn't. What it leaves, and what it can't undo, shows
 * when it is read again.
 */
export async function undoInVault(send: SendToVault, expected: Snapshot, shown: Snapshot): Promise<void> {
  await Promise.all(
    [...shown].map(([path, value]) => RESETS[path] && send('DELETE', RESETS[path], { nonce: nonceIn(value) })),
  );
  for (const step of STEPS) {
    await Promise.all(
      [...shown].flatMap(([path, value]) => {
        const undo = step[path];
        return undo ? addedNames(expected.get(path), value).map((name) => unlessGone(undo(send, name))) : [];
      }),
    );
  }
}

/** A parent's revocation, and the removal of a mount, take others with them; Vault answers 400 for an accessor that is gone. */
async function unlessGone(undone: Promise<unknown>): Promise<void> {
  await undone.catch((error: unknown) => {
    const isGone = isNotFound(error) || (error instanceof Error && /invalid accessor/.test(error.message));
    if (!isGone) throw error;
  });
}

/** Vault wants to know which rekey is to be cancelled. */
function nonceIn(value: string): unknown {
  const { data = {} }: { data?: { nonce?: unknown } } = JSON.parse(value);
  return data.nonce;
}

function encoded(name: string): string {
  return name.replace(/\/$/, '').split('/').map(encodeURIComponent).join('/');
}
