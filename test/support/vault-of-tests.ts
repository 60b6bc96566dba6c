import { startVault } from 'vaultproof';
import type { TestContext } from 'vitest';
import { type Capability, capabilityName } from '../../harness/api/vault-capabilities.js';
import { isRunnable } from '../../harness/binaries/index.js';
import { prepared } from './prepared.js';
import { isDemanded } from './requirement.js';

const ASKED = [
  'secret/consul',
  'auth/kubernetes',
  'jwks_pairs',
  'subscribe',
  'allowed_managed_keys',
  'delegated_auth_accessors',
  'command/vault',
] as const satisfies readonly (Capability | 'command/vault')[];

/** What tests ask for that not every Vault or OpenBao has: a capability, or the command that Vault's guides use. */
type Asked = (typeof ASKED)[number];

/** The Vault or OpenBao that the tests run on, and what it lacks of what they ask for. */
export interface VaultOfTests {
  readonly product: 'vault' | 'openbao';
  readonly version: string;
  readonly lacks: readonly Asked[];
}

/** Starts what the tests are going to start, and asks it. */
export async function lookAtVault(signal: AbortSignal): Promise<VaultOfTests> {
  await using vault = await startVault({ signal });
  const { product, version, binFolder } = vault;
  const folders = [binFolder, ...(process.env['PATH'] ?? '').split(':')].filter((folder) => folder !== '');
  const has = async (asked: Asked): Promise<boolean> => {
    if (asked !== 'command/vault') return vault.supports(asked);
    return (await Promise.all(folders.map((folder) => isRunnable(`${folder}/vault`)))).includes(true);
  };
  const answers = await Promise.all(ASKED.map(has));
  return { product, version, lacks: ASKED.filter((_asked, index) => answers[index] === false) };
}

/** Why tests that need something can't run; undefined where they can. */
export function lackOfVault(...all: readonly Asked[]): string | undefined {
  const { product, version, lacks } = prepared().vault;
  const needed = all.find((one) => lacks.includes(one));
  if (needed === undefined) return undefined;
  const what = needed === 'command/vault' ? 'the command "vault"' : capabilityName(needed);
  return `needs ${what}, which ${product === 'openbao' ? 'OpenBao' : 'Vault'} ${version} lacks`;
}

/**
 * A hook that skips a test, with the reason, where the Vault or OpenBao of this machine lacks something. "vault" in
 * VAULTPROOF_REQUIRE makes that a failure instead.
 *
 * @example
 * beforeEach(requiresOfVault('secret/consul'));
 */
export function requiresOfVault(...needed: readonly Asked[]): (context: TestContext) => void {
  return ({ skip }) => {
    const reason = lackOfVault(...needed);
    if (reason === undefined) return;
    if (isDemanded('vault')) throw new Error(`VAULTPROOF_REQUIRE asks for vault: ${reason}`);
    skip(reason);
  };
}

/** What is expected of the product that the tests run on. */
export function ofProduct<Value>(expected: Readonly<Record<VaultOfTests['product'], Value>>): Value {
  return expected[prepared().vault.product];
}
