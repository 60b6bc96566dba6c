import type { Issuer, TokenBuilder } from 'vaultproof/issuer';

type Claims = Readonly<Record<string, unknown>>;

/**
 * A token that differs in one claim alone.
 * @param claim its name, or a JSON pointer to it
 * @param value undefined leaves it out
 */
export function changedToken(token: TokenBuilder, claim: string, value: unknown): TokenBuilder {
  const path = claim.startsWith('/') ? claim.slice(1).split('/').map(unescaped) : [claim];
  const make = (issuer: Issuer) => {
    const claims = token(issuer);
    // The issuer gives a token without `iss` its own; null leaves it out.
    return { ...claims, ...changed(claims, path, value ?? (path.length === 1 ? null : undefined)) };
  };
  return Object.assign(make, { ...(token.alg && { alg: token.alg }), ...(token.header && { header: token.header }) });
}

/** A part of a JSON pointer (RFC 6901). */
function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

function changed(claims: Claims, [name = '', ...below]: readonly string[], value: unknown): Claims {
  if (below.length === 0) return { ...claims, [name]: value };
  return { ...claims, [name]: changed(claims[name] as Claims, below, value) };
}
