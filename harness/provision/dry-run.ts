import { joinedPath } from '../api/vault-api.js';
import { joinedNamespace } from '../terraform-json/provider-namespaces.js';
import { applyFailure } from './apply-failure.js';
import type { Planned } from './plan.js';
import type { ServerRequest, Servers } from './resource-type.js';

/** Ends what would be written, since no answer of the server's is there to go on with. */
class FirstWrite extends Error {}

/**
 * Has each resource of Vault's made up to its first write, which is checked and not sent. A resource that refers to what the server
 * decides is passed over.
 * @throws VaultproofError with the resource's construct path, and the code of what `check` threw
 */
export async function refuseUnsendable(
  planned: readonly Planned[],
  check: NonNullable<Servers['check']>,
): Promise<void> {
  for (const { mode, attributes, declared, type } of planned) {
    if (mode === 'data' || attributes === undefined || !type.type.startsWith('vault_')) continue;
    let refusal: unknown;
    const checked = (method: string, path: string, json?: unknown): void => {
      try {
        check(method, joinedPath(path), json);
      } catch (error) {
        refusal ??= error;
      }
    };
    const request: ServerRequest = async (method, path, json) => {
      if (method === 'GET' || method === 'LIST') return {};
      checked(method, path, json);
      throw new FirstWrite();
    };
    const namespace = joinedNamespace(declared.providerNamespace, attributes['namespace']);
    if (namespace !== '') checked('POST', `sys/namespaces/${namespace}`);
    else await type.create(request, attributes).catch(() => {});
    if (refusal !== undefined) throw applyFailure(declared, refusal);
  }
}
