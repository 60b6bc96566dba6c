import type { KeyObject } from 'node:crypto';
import { randomBytes } from 'node:crypto';
import { importOnce } from '../../internal/import-in-turn.js';
import type { SigningAlgorithm, SigningKey } from '../../issuer/index.js';

export const importIssuer = importOnce(() => import('../../issuer/index.js'));

/** The keys of one lease. */
export interface LeaseKeys {
  /** Makes a key, of the private key of a lease that has ended where there is one. */
  readonly generate: (alg: SigningAlgorithm) => Promise<SigningKey>;
  /** Leaves the RSA keys to later leases; idempotent. */
  giveBack(): void;
}

/**
 * Keys for one lease after the other. An RSA key takes a sixth of a second of processor time, many times what a lease does, so that
 * a lease has those of ended ones under names (`kid`) of its own: servers find a key by its name, and refuse a token of another lease.
 */
export function leaseKeys(): () => LeaseKeys {
  const spare: KeyObject[] = [];
  return () => {
    const taken: KeyObject[] = [];
    return {
      generate: async (alg) => {
        const { generateSigningKey, signingKey } = await importIssuer();
        if (!/^[RP]S/.test(alg)) return generateSigningKey(alg);
        const kid = randomBytes(32).toString('base64url');
        const privateKey = spare.shift();
        const key = privateKey ? await signingKey(privateKey, { alg, kid }) : await generateSigningKey(alg, { kid });
        if (key.privateKey) taken.push(key.privateKey);
        return key;
      },
      giveBack: () => {
        spare.push(...taken.splice(0));
      },
    };
  };
}
