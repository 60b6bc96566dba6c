import type { Issuer, TokenBuilder } from '../issuer.js';
import type { SigningAlgorithm } from '../keys/algorithms.js';
import { checkOptions, type PresetOptions, type VendorKeys } from './preset.js';

/**
 * SPIRE's OIDC Discovery Provider, whose URL is any.
 * @see https://github.com/spiffe/spire/tree/main/support/oidc-discovery-provider
 */
export const spiffeKeys: VendorKeys = {
  isIssuer: () => false,
  jwksUri: (issuer) => `${issuer}/keys`,
};

/** A workload that asks SPIRE for a JWT-SVID. */
export interface JwtSvid {
  /** Without `spiffe://`, for example `example.org`. */
  readonly trustDomain: string;
  /** For example `/ns/prod/sa/app`. */
  readonly path: string;
  /** Whom it asks it for; there is no default. */
  readonly audience: string | readonly string[];
  /** SPIRE's `jwt_issuer`; null where it has none, as by default. */
  readonly issuer: string | null;
  /** The algorithm of SPIRE's JWT key; default ES256. */
  readonly alg?: SigningAlgorithm;
  /** `default_jwt_svid_ttl`, in seconds; default 300. */
  readonly ttlSeconds?: number;
  /** Claims instead of these; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const svidOptions: PresetOptions<JwtSvid> = {
  trustDomain: 'required',
  path: 'required',
  audience: 'required',
  issuer: 'required',
  alg: 'optional',
  ttlSeconds: 'optional',
  claims: 'optional',
};

/**
 * A JWT-SVID as SPIRE signs it: `sub`, `aud` as a list, `iat` and `exp`, with `iss` if SPIRE was given one, and neither
 * `jti` nor `nbf`.
 * @see https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md
 * @example
 * const svid = jwtSvid({ trustDomain: 'acme.example', path: '/cart', audience: 'vault', issuer: null });
 * const jwt = await issuer.sign(svid);
 */
export function jwtSvid(svid: JwtSvid): TokenBuilder {
  checkOptions('jwtSvid', svid, svidOptions);
  const { trustDomain, path, audience, issuer, alg = 'ES256' } = svid;
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      return {
        sub: `spiffe://${trustDomain}${path}`,
        aud: typeof audience === 'string' ? [audience] : audience,
        iss: issuer,
        iat,
        exp: iat + (svid.ttlSeconds ?? 300),
        jti: null,
        ...svid.claims,
      };
    },
    { alg },
  );
}
