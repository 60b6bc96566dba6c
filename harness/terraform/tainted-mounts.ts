import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import type { VaultRequest } from './field-reader.js';
import { type PlannedValues, resourcesOf } from './plan-changes.js';

const TYPE = 'vault_jwt_auth_backend';

/** The accessors of the auth methods that were there before an apply. */
export type Accessors = ReadonlySet<string>;

/** The accessors of all auth methods: a mount that is made anew at the same path has another. */
export async function authAccessors(request: VaultRequest): Promise<Accessors> {
  return new Set(Object.values(await authMounts(request)));
}

/**
 * Removes JWT auth methods that a failed apply mounted and could not configure. The provider leaves the mount and marks the
 * resource as tainted; on the next apply it takes the mount without a configuration for gone, makes it again, and fails
 * with "path is already in use". A mount is ours only when both say so: the state has it as tainted, which it is only
 * where its creation succeeded, and its accessor is not one from before the apply.
 * @param state what `terraform show -json` prints
 * @returns the paths of the mounts that were removed
 */
export async function removeHalfMadeMounts(
  request: VaultRequest,
  state: unknown,
  before: Accessors,
): Promise<string[]> {
  const values = isRecord(state) ? state['values'] : undefined;
  const tainted = resourcesOf(isRecord(values) ? values['root_module'] : undefined).filter(isTaintedBackend);
  if (tainted.length === 0) return [];
  const mounts = await authMounts(request);
  const ours = tainted
    .map(({ values: { path } }) => String(path))
    .filter((path) => {
      const accessor = mounts[`${path}/`];
      return accessor !== undefined && !before.has(accessor);
    });
  for (const path of ours) await request('DELETE', `sys/auth/${path}`);
  return ours;
}

function isTaintedBackend({ type, tainted }: PlannedValues & { readonly tainted: boolean }): boolean {
  return type === TYPE && tainted;
}

async function authMounts(request: VaultRequest): Promise<Record<string, string>> {
  const { data } = await request('GET', 'sys/auth');
  const mounts = isRecord(data) ? Object.entries(data) : [];
  return Object.fromEntries(mounts.map(([path, mount]) => [path, isRecord(mount) ? String(mount['accessor']) : '']));
}

/** The same failure, which also says which half-made mounts were removed. */
export function withRemoved(failure: VaultproofError, removed: readonly string[]): VaultproofError {
  const message = `${failure.message}; what was mounted at ${removed.map((path) => `"auth/${path}"`).join(', ')} is unmounted again`;
  return new VaultproofError(failure.code, message, {
    details: { ...failure.details, unmounted: removed },
    cause: failure,
  });
}
