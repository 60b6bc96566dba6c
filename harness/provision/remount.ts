import { setTimeout as delay } from 'node:timers/promises';
import { VaultproofError } from '../../errors/index.js';
import type { ServerRequest } from './resource-type.js';

const POLL_MS = 5;
const TIMEOUT_MS = 30_000;

/**
 * Moves a mount with all that is in it, where its path changed, and changes it there. It moves back where it can't be
 * changed: the next attempt looks for it where it was.
 * @param from its path, with `auth/` for an auth method
 * @throws VaultproofError `request_refused` when Vault doesn't move it, and what `change` throws
 * @see https://developer.hashicorp.com/vault/api-docs/system/remount
 */
export async function updateAfterRemount(
  request: ServerRequest,
  from: string,
  to: string,
  change: () => Promise<void>,
): Promise<void> {
  if (from === to) return change();
  await remount(request, from, to);
  try {
    await change();
  } catch (error) {
    // Why it could not be changed is what counts.
    await remount(request, to, from).catch(() => {});
    throw error;
  }
}

/** Moves a mount, and waits until it is there. */
async function remount(request: ServerRequest, from: string, to: string): Promise<void> {
  const { data } = await request('POST', 'sys/remount', { from, to });
  const { migration_id: id } = data as { readonly migration_id: string };
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const status = await migrationStatus(request, id);
    if (status === 'success') return;
    if (status === 'failure' || performance.now() >= deadline) {
      throw new VaultproofError('request_refused', `the server did not move "${from}" to "${to}": ${status}`, {
        details: { from, to, status },
      });
    }
    await delay(POLL_MS);
  }
}

async function migrationStatus(request: ServerRequest, id: string): Promise<string> {
  const { data } = await request('GET', `sys/remount/status/${id}`);
  return (data as { readonly migration_info: { readonly status: string } }).migration_info.status;
}
