import { importInTurn } from '../../internal/import-in-turn.js';
import type { AccessDiff, AccessDifference, DeclaredAccess } from '../access/index.js';
import type { StartedConsul } from '../servers/consul.js';
import type { StartedVault } from '../servers/vault-handle.js';
import { startConsul } from '../start-consul.js';
import { startVault, type VaultOptions } from '../start-vault.js';
import { newSigner, type ProvenSide } from './side.js';

/** So many witnesses are tried at once. */
const AT_ONCE = 8;

/**
 * Tries each witness of a difference at two throwaway servers of its product: one has the logins and policies from before a change, the
 * other those after it. Nothing else of the declarations is applied. A product without a difference is not started.
 * @param sides what the difference is of
 * @param options of all servers; `product` is Vault's
 * @returns the same with `proven` at each: whether one server lets the token do it and the other does not; `reason` where they were not
 * tried, since no connection can be made from the witness's address
 * @throws VaultproofError what {@link startVault} and {@link startConsul} throw, and `request_refused` for a role or a policy that the
 * server refuses
 * @example
 * const { widened } = await proveAccessDiff(accessDiff(base, head), { base, head });
 */
export async function proveAccessDiff(
  diff: AccessDiff,
  sides: { readonly base: DeclaredAccess; readonly head: DeclaredAccess },
  options: VaultOptions = {},
): Promise<AccessDiff> {
  const all = [...diff.widened, ...diff.narrowed];
  await using signer = await newSigner();
  const ofVault = all.some(({ server }) => server !== 'consul');
  const ofConsul = all.some(({ server }) => server === 'consul');
  const { engine, report, signal } = options;
  const shared = { engine, report, signal };
  await using vaultBefore = ofVault ? await startVault(options) : undefined;
  await using vaultAfter = ofVault ? await startVault(options) : undefined;
  await using consulBefore = ofConsul ? await startConsul(shared) : undefined;
  await using consulAfter = ofConsul ? await startConsul(shared) : undefined;
  const { vaultSide } = await importInTurn(() => import('./vault-side.js'));
  const { consulSide } = await importInTurn(() => import('./consul-side.js'));
  const sideOf = async (access: DeclaredAccess, vault?: StartedVault, consul?: StartedConsul): Promise<Sides> => ({
    vault: vault && (await vaultSide(vault, access, signer)),
    consul: consul && access.consul && (await consulSide(consul, access.consul, signer)),
  });
  const [before, after] = await Promise.all([
    sideOf(sides.base, vaultBefore, consulBefore),
    sideOf(sides.head, vaultAfter, consulAfter),
  ]);
  return {
    ...diff,
    widened: await proved(diff.widened, after, before),
    narrowed: await proved(diff.narrowed, before, after),
  };
}

/** What one side declares, at a server of each product. */
interface Sides {
  readonly vault?: ProvenSide | undefined;
  readonly consul?: ProvenSide | undefined;
}

async function proved(all: readonly AccessDifference[], gains: Sides, lacks: Sides): Promise<AccessDifference[]> {
  const found: AccessDifference[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const some = all.slice(from, from + AT_ONCE).map(async (one) => {
      const at = one.server ?? 'vault';
      const reason = await gains[at]?.untried?.(one);
      if (reason !== undefined) return { ...one, proven: false, reason };
      const [has, had] = await Promise.all([gains[at]?.grants(one), lacks[at]?.grantsAtAny(one)]);
      return { ...one, proven: has === true && had !== true };
    });
    found.push(...(await Promise.all(some)));
  }
  return found;
}
