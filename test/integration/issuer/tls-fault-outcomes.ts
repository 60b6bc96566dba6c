import type { TlsFaultName } from 'vaultproof/issuer';
import type { Outcomes } from './faults-outcomes.js';

/** What both servers do under a TLS fault, whether they are given the key set's URL or the issuer's. */
export interface TlsFaultOutcome {
  readonly fault: TlsFaultName | 'none';
  readonly vault: Outcomes;
  readonly consul: Outcomes;
}

const refusedByVault: Outcomes = [/error checking .* URL/, 'key_set_unavailable', 'ok', 'key_set_unavailable'];
const refusedByConsul = (words: RegExp): Outcomes => [words, words, 'ok', words];

/** Measured on Vault 1.21.1 and Consul 1.22.7. */
export const tlsFaultOutcomes: readonly TlsFaultOutcome[] = [
  { fault: 'none', vault: ['ok', 'ok', 'ok', 'ok'], consul: ['ok', 'ok', 'ok', 'ok'] },
  {
    fault: 'expired-certificate',
    vault: refusedByVault,
    consul: refusedByConsul(/certificate has expired or is not yet valid: .* is after/),
  },
  {
    fault: 'early-certificate',
    vault: refusedByVault,
    consul: refusedByConsul(/certificate has expired or is not yet valid: .* is before/),
  },
  {
    fault: 'other-host',
    vault: refusedByVault,
    consul: refusedByConsul(/cannot validate certificate for 127\.0\.0\.1/),
  },
  {
    fault: 'unknown-ca',
    vault: refusedByVault,
    consul: refusedByConsul(/certificate signed by unknown authority/),
  },
  {
    fault: 'self-signed',
    vault: refusedByVault,
    consul: refusedByConsul(/certificate signed by unknown authority/),
  },
  {
    fault: 'old-protocol',
    vault: refusedByVault,
    consul: refusedByConsul(/tls: protocol version not supported/),
  },
  { fault: 'cut-handshake', vault: refusedByVault, consul: refusedByConsul(/: EOF/) },
  {
    fault: 'plain-http',
    vault: refusedByVault,
    consul: refusedByConsul(/server gave HTTP response to HTTPS client/),
  },
];
