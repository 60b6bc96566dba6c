import { importInTurn } from '../../internal/import-in-turn.js';
import type { AccessDifference } from '../access/index.js';

/** Seconds that witnesses are valid. */
const LIFETIME_S = 3600;

/** Signs the witnesses. */
export interface WitnessSigner {
  readonly pem: string;
  /** A JWT with the claims, which is valid now. */
  sign(claims: object): Promise<string>;
}

/** A signer with a key of its own. */
export async function newSigner(): Promise<WitnessSigner> {
  const { generateSigningKey, signCompact } = await importInTurn(() => import('../../issuer/index.js'));
  const { publicPem } = await importInTurn(() => import('../../issuer/keys/index.js'));
  const key = await generateSigningKey('ES256');
  const sign: WitnessSigner['sign'] = (claims) => {
    const now = Math.floor(Date.now() / 1000);
    return signCompact(key, { iat: now, exp: now + LIFETIME_S, ...claims });
  };
  return { pem: publicPem(key), sign };
}

/** A server with what one side declares. */
export interface ProvenSide {
  /** Whether the difference's own role lets its witness in, and grants what it is about. */
  grants(difference: AccessDifference): Promise<boolean>;
  /** Whether any role of the mount does, or the auth method of Consul. */
  grantsAtAny(difference: AccessDifference): Promise<boolean>;
  /** Why its witness can't be tried from here; undefined where it can. */
  untried?(difference: AccessDifference): Promise<string | undefined>;
}
