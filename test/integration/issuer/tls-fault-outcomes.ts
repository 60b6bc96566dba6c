import type { TlsFaultName } from 'vaultproof/issuer';
import type { Outcomes } from './faults-outcomes.js';

/** What the servers do under a TLS fault, whether they are given the key set's URL or the issuer's. */
export interface TlsFaultOutcome {
  readonly fault: TlsFaultName | 'none';
  /** Vault's, and OpenBao's. */
  readonly vault: Outcomes;
  /** The cause when a configuration with discovery is written: OpenBao says it, and Vault in its log alone. */
  readonly cause?: RegExp;
  readonly consul: Outcomes;
}

const refusedByVault: Outcomes = [/error checking .* URL/, 'key_set_unavailable', 'ok', 'key_set_unavailable'];
const refusedByConsul = (words: RegExp): Outcomes => [words, words, 'ok', words];

/** Measured on Vault 1.21.1, OpenBao 2.7.2 and Consul 1.22.7. */
export const tlsFaultOutcomes: readonly TlsFaultOutcome[] = [
  { fault: 'none', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  {
    fault: 'expired-certificate',
    vault: refusedByVault,
    cause: /certificate has expired or is not yet valid: .* is after/,
    consul: refusedByConsul(/certificate has expired or is not yet valid: .* is after/),
  },
  {
    fault: 'early-certificate',
    vault: refusedByVault,
    cause: /certificate has expired or is not yet valid: .* is before/,
    consul: refusedByConsul(/certificate has expired or is not yet valid: .* is before/),
  },
  {
    fault: 'other-host',
    vault: refusedByVault,
    cause: /cannot validate certificate for 127\.0\.0\.1/,
    consul: refusedByConsul(/cannot validate certificate for 127\.0\.0\.1/),
  },
  {
    fault: 'unknown-ca',
    vault: refusedByVault,
    cause: /certificate signed by unknown authority/,
    consul: refusedByConsul(/certificate signed by unknown authority/),
  },
  {
    fault: 'self-signed',
    vault: refusedByVault,
    cause: /certificate signed by unknown authority/,
    consul: refusedByConsul(/certificate signed by unknown authority/),
  },
  {
    fault: 'old-protocol',
    vault: refusedByVault,
    cause: /tls: protocol version not supported/,
    consul: refusedByConsul(/tls: protocol version not supported/),
  },
  { fault: 'cut-handshake', vault: refusedByVault, cause: /: EOF/, consul: refusedByConsul(/: EOF/) },
  {
    fault: 'plain-http',
    vault: refusedByVault,
    cause: /server gave HTTP response to HTTPS client/,
    consul: refusedByConsul(/server gave HTTP response to HTTPS client/),
  },
];
