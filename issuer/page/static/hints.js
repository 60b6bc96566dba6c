/** @import { Decoded } from './jwt.js' */
import { secondsInWords } from './times.js';

const VAULT_SKEW_SECONDS = 60;
/** How far a time that is missing is taken to be from one that is there: a leeway of 150 s, and the clocks' own. */
const VAULT_DERIVED_SECONDS = 150 + VAULT_SKEW_SECONDS;

/**
 * What Vault and Consul make of a token that a strict verifier sees otherwise, or that surprises who configures them.
 * @param {Decoded} decoded
 * @param {{ now: number, movedBy: number, hasWhiteSpace: boolean }} context
 * @returns {string[]}
 */
export function hints({ header, claims, problem }, { now, movedBy, hasWhiteSpace }) {
  const found = [];
  if (hasWhiteSpace) found.push('White space around the token was left out. Vault and Consul do the same.');
  if (problem?.startsWith('it is in the JSON form')) found.push('Vault and Consul accept the JSON form, too.');
  if (problem?.includes('"Bearer "')) found.push('Vault and Consul accept only the token: leave "Bearer " out.');
  if (problem?.includes('white space'))
    found.push('Vault and Consul ignore white space inside a token; strict verifiers do not.');
  const alg = header?.object?.['alg'];
  if (typeof alg === 'string' && alg.startsWith('HS'))
    found.push('Neither Vault nor Consul accepts HS*: sign with a private key.');
  if (!claims?.object) return found;
  return [...found, ...bounds(claims.object), ...times(claims.object, now), ...clockHint(movedBy)];
}

/** @type {(claims: Readonly<Record<string, unknown>>) => string[]} */
function bounds({ sub, aud, iss }) {
  const found = [];
  found.push(
    aud === undefined
      ? 'It has no aud: a Vault role with bound_audiences refuses it.'
      : 'It has an aud: a Vault role without bound_audiences refuses it.',
  );
  if (iss === undefined) found.push('It has no iss: Vault compares it only where bound_issuer is set.');
  if (typeof sub !== 'string') found.push('It has no sub: a role with user_claim=sub finds no user.');
  return found;
}

/** @type {(claims: Readonly<Record<string, unknown>>, now: number) => string[]} */
function times({ exp, nbf, iat }, now) {
  const begins = nbf ?? iat;
  if (exp === undefined) {
    return [
      begins === undefined
        ? 'It has none of exp, nbf and iat: Vault and Consul refuse it.'
        : `It has no exp: Vault and Consul let it in all the same, by default until ${VAULT_DERIVED_SECONDS} s after its nbf or iat.`,
    ];
  }
  if (typeof exp !== 'number') return [];
  if (begins === undefined && exp - now > VAULT_DERIVED_SECONDS) {
    return [
      `It has neither nbf nor iat: Vault and Consul refuse it, by default until ${VAULT_DERIVED_SECONDS} s before its exp.`,
    ];
  }
  if (now >= exp && now - exp < VAULT_SKEW_SECONDS) {
    return [`It expired just now: Vault and Consul let it in for ${VAULT_SKEW_SECONDS} s more (clock_skew_leeway).`];
  }
  return [];
}

/** @type {(movedBy: number) => string[]} */
function clockHint(movedBy) {
  if (movedBy === 0) return [];
  const way = movedBy > 0 ? 'ahead of' : 'behind';
  return [
    `Times are compared by the issuer's clock, which is ${secondsInWords(movedBy)} ${way} the system's. Vault uses its own clock.`,
  ];
}
