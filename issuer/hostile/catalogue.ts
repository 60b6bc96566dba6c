import { algorithms } from './algorithms.js';
import { claims } from './claims.js';
import { forms } from './forms.js';
import { headers } from './headers.js';
import { type HostileToken, hostileToken } from './hostile-token.js';
import { keys } from './keys.js';
import { lookalikes } from './lookalikes.js';
import { signatures } from './signatures.js';
import { times } from './times.js';

/**
 * Every hostile token, by group: times, claims, lookalikes, algorithms, keys, headers, signatures, forms. The outcomes are
 * measured, with the issuer, audience and subject bound, one published ES256 key, and ES256 as the only algorithm allowed.
 */
export const hostileTokens: readonly HostileToken[] = [
  ...times,
  ...claims,
  ...lookalikes,
  ...algorithms,
  ...keys,
  ...headers,
  ...signatures,
  ...forms,
].map(hostileToken);
