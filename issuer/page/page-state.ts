import type { JWK } from 'jose';
import type { Clock } from '../clock.js';
import { DISCOVERY_PATH, JWKS_PATH } from '../endpoints/public-documents.js';
import type { Issuer } from '../issuer.js';
import type { KeyState, KeyTimes } from '../keys/key-ring.js';

/** What the page shows of an issuer: public facts only. */
export interface PageState {
  /** The issuer's URL. */
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly discoveryUrl: string;
  /** Its time, in seconds since 1970, and how far that is from the system's, in seconds. */
  readonly clock: { readonly now: number; readonly movedBy: number };
  /** Every key of the issuer, in the order in which they were added. */
  readonly keys: readonly PageKey[];
}

/** A key as the page shows it; times are seconds since 1970. */
export interface PageKey extends KeyTimes {
  readonly kid: string;
  readonly alg: string;
  readonly state: KeyState;
  /** The public key; there while it is in the key set. */
  readonly jwk?: Readonly<JWK>;
}

/** The members of a public key (RFC 7518, section 6; RFC 8037, section 2). Whatever else a key brings stays here. */
const publicMembers = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'use', 'alg'] as const;

/** Takes down an issuer's state. */
export function pageState({ url, clock, keys }: Issuer): PageState {
  return {
    issuer: url,
    jwksUrl: `${url}${JWKS_PATH}`,
    discoveryUrl: `${url}${DISCOVERY_PATH}`,
    clock: readClock(clock),
    keys: keys.list().map(({ key: { kid, alg, publicJwk }, state, ...times }) => ({
      kid,
      alg,
      state,
      ...times,
      ...(state === 'added' || state === 'retired' ? {} : { jwk: publicHalf(publicJwk) }),
    })),
  };
}

/** Both times within one second of the system's, so that their difference is not one off. */
function readClock(clock: Clock): PageState['clock'] {
  for (;;) {
    const system = Math.floor(Date.now() / 1000);
    const now = clock.now();
    if (Math.floor(Date.now() / 1000) === system) return { now, movedBy: now - system };
  }
}

function publicHalf(jwk: Readonly<JWK>): JWK {
  return Object.fromEntries(publicMembers.flatMap((name) => (jwk[name] === undefined ? [] : [[name, jwk[name]]])));
}
