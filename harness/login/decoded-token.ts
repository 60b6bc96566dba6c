import { decodeJwt, decodeProtectedHeader } from 'jose';
import { isRecord } from '../api/vault-api.js';

/** What a token says of itself; nothing of it is verified. */
export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A JWT's header and claims; undefined where it is no JWT in the compact form. */
export function decodeToken(jwt: string): DecodedToken | undefined {
  try {
    return { header: { ...decodeProtectedHeader(jwt) }, claims: decodeJwt(jwt) };
  } catch {
    return undefined;
  }
}

/** A claim by its name, or by a JSON pointer (RFC 6901) as Vault's roles and Consul's claim mappings may have it. */
export function claimAt(claims: DecodedToken['claims'], name: string): unknown {
  if (!name.startsWith('/')) return claims[name];
  return name
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, part) => {
      if (Array.isArray(value)) return value[Number(part)];
      return isRecord(value) ? value[part] : undefined;
    }, claims);
}
