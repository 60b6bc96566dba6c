import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import type { VaultBody } from './vault-api.js';

const NO_ROUTE = /no handler for route/;
/** What every Vault has, and nobody mounts. */
const BUILT_IN = ['cubbyhole', 'identity', 'system'];

/**
 * Explains a refusal where nothing is mounted at a path: Vault speaks of policies, to its root token as well.
 * @param refusal what a request for the path was answered with
 * @param path without slashes at its ends, such as `kv/team/db`
 * @param request sends one with a token that may read `sys/mounts`
 * @returns undefined where something is mounted there, the token may not see what is, or the answer has another reason
 */
export async function mountNotFound(
  refusal: { readonly status?: unknown; readonly errors?: unknown },
  path: string,
  request: (method: string, path: string) => Promise<VaultBody>,
): Promise<VaultproofError | undefined> {
  const { status, errors } = refusal;
  const hasNoRoute = status === 404 && Array.isArray(errors) && errors.some((words) => NO_ROUTE.test(words));
  if (status !== 403 && !hasNoRoute) return undefined;
  const { data } = await request('GET', 'sys/mounts').catch((): VaultBody => ({}));
  if (!isRecord(data) || Object.keys(data).some((mount) => `${path}/`.startsWith(mount))) return undefined;
  const mounts = Object.keys(data).filter((mount) => !BUILT_IN.includes(String(Object(data[mount]).type)));
  const there =
    mounts.length === 0 ? 'no secrets engine is' : `these are: ${mounts.map((one) => `"${one}"`).join(', ')}`;
  return new VaultproofError(
    'mount_not_found',
    `nothing is mounted at "${path}", ${there}; correct the path, or mount an engine there first`,
    { details: { path, mounts } },
  );
}
