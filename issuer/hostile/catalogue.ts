import { algorithms } from './algorithms.js';
import { claims } from './claims.js';
import { forms } from './forms.js';
import { headers } from './headers.js';
import { type HostileToken, hostileToken } from './hostile-token.js';
import { keys } from './keys.js';
import { lookalikes } from './lookalikes.js';
import { signatures } from './signatures.js';
import { times } from './times.js';

/** Every hostile token by its group. */
export const hostileGroups: Readonly<Record<string, readonly HostileToken[]>> = {
  times: times.map(hostileToken),
  claims: claims.map(hostileToken),
  lookalikes: lookalikes.map(hostileToken),
  algorithms: algorithms.map(hostileToken),
  keys: keys.map(hostileToken),
  headers: headers.map(hostileToken),
  signatures: signatures.map(hostileToken),
  forms: forms.map(hostileToken),
};

/**
 * Every hostile token, in the order of {@link hostileGroups}. The outcomes are measured, with the issuer, audience and
 * subject bound, one published ES256 key, and ES256 as the only algorithm allowed.
 */
export const hostileTokens: readonly HostileToken[] = Object.values(hostileGroups).flat();
