/** Why a Vault that answers can serve nothing. */
export type VaultUnavailability = 'vault_sealed' | 'vault_standby';

const WORDS: readonly (readonly [VaultUnavailability, RegExp])[] = [
  ['vault_sealed', /Vault is sealed/],
  [
    'vault_standby',
    /active cluster node not found|no active Vault instance found|node is not active|Vault is in standby mode/,
  ],
];

/** What to do about it, after what failed. */
export const unavailabilityAdvice: Readonly<Record<VaultUnavailability, string>> = {
  vault_sealed: 'unseal it, and try again',
  vault_standby: 'it stands by for an active node that is not there: unseal or start that one, and try again',
};

/**
 * Whether Vault says that it is sealed, or stands by and has no active node to hand requests on to.
 * @see https://developer.hashicorp.com/vault/docs/concepts/ha
 */
export function vaultUnavailability(words: string): VaultUnavailability | undefined {
  return WORDS.find(([, pattern]) => pattern.test(words))?.[0];
}

/**
 * The active node's address, from the redirect of a standby that can't hand a request on, or was told not to.
 * (Vault also redirects paths that it would write otherwise, without a host.)
 */
export function activeNodeIn(location: string | undefined): string | undefined {
  return location !== undefined && URL.canParse(location) ? new URL(location).origin : undefined;
}
