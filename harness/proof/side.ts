import { importInTurn } from '../../internal/import-in-turn.js';
import type { NetworkPeer } from '../../internal/listening.js';
import type { StartedIssuer } from '../../issuer/index.js';
import type { AccessDifference } from '../access/index.js';

/** Seconds that witnesses are valid. */
const LIFETIME_S = 3600;

/** Signs the witnesses, and is the provider where they log in in a browser. */
export interface WitnessSigner extends AsyncDisposable {
  readonly pem: string;
  /** A JWT with the claims, which is valid now. */
  sign(claims: object): Promise<string>;
  /** Lets a server reach the provider, and gives its URL there. */
  providerFor(server: NetworkPeer): Promise<string>;
  /** Signs someone in at the provider. */
  readonly signIn: StartedIssuer['signIn'];
}

/** The algorithms of witnesses and of ID tokens. */
export const witnessAlgorithms = ['ES256', 'RS256'] as const;

/** A signer with keys of its own. */
export async function newSigner(): Promise<WitnessSigner> {
  const { signCompact, startIssuer } = await importInTurn(() => import('../../issuer/index.js'));
  const { publicPem } = await importInTurn(() => import('../../issuer/keys/index.js'));
  const issuer = await startIssuer({ algorithms: ['ES256'] });
  const key = issuer.keys.active();
  const sign: WitnessSigner['sign'] = (claims) => {
    const now = Math.floor(Date.now() / 1000);
    return signCompact(key, { iat: now, exp: now + LIFETIME_S, ...claims });
  };
  return {
    pem: publicPem(key),
    sign,
    providerFor: async (server) => {
      await issuer.listenFor(server);
      return issuer.discoveryUrlFor(server);
    },
    signIn: issuer.signIn,
    [Symbol.asyncDispose]: issuer.stop,
  };
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
