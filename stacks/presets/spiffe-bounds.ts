import { type KnownOptions, refuseUnknown } from '../known-options.js';
import { type Bound, refuseWeak, textOf, type VendorBackend } from './claim-bounds.js';

/** Which SPIRE signs. */
export interface SpiffeProps {
  /** SPIRE's `jwt_issuer`: without one its tokens have no `iss`, and Vault would take any. */
  readonly issuer: string;
  /** Where Vault fetches the keys; default `/keys` of the issuer, where SPIRE's OIDC Discovery Provider has them. */
  readonly jwksUrl?: string;
  /** The algorithms of SPIRE's JWT keys; default `['ES256', 'ES384', 'RS256']`. */
  readonly algorithms?: readonly string[];
}

/** Which workloads get in. */
export interface SpiffeWorkloads {
  /** Without `spiffe://`, for example `example.org`. */
  readonly trustDomain: string;
  /** The path of one workload, for example `/ns/prod/sa/app`, or of all below: `{ below: '/ns/prod/' }`. */
  readonly path: Bound;
}

/** The options that say which workloads get in. */
export const spiffeWorkloadOptions: KnownOptions<SpiffeWorkloads> = { trustDomain: true, path: true };

/**
 * Who signs JWT-SVIDs.
 * @throws TypeError without an issuer
 * @see https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md
 */
export function spiffeIssuer(props: SpiffeProps): VendorBackend {
  refuseUnknown<SpiffeProps>('SPIFFE', props, { issuer: true, jwksUrl: true, algorithms: true });
  const { issuer, jwksUrl = `${issuer}/keys`, algorithms } = props;
  if (!issuer) throw new TypeError('SPIFFE has no issuer of its own: add "issuer", SPIRE\'s jwt_issuer');
  return { boundIssuer: issuer, jwksUrl, jwtSupportedAlgs: [...(algorithms ?? ['ES256', 'ES384', 'RS256'])] };
}

/**
 * The SPIFFE ID of some workloads, or what each of theirs begins with.
 * @param what the role or the rule, for messages
 * @throws TypeError for bounds that let strangers in; the message says what to add
 */
export function spiffeIds(what: string, { trustDomain, path }: SpiffeWorkloads): Bound {
  if (trustDomain === undefined) refuseWeak(what, 'any trust domain', 'trustDomain');
  if (path === undefined) refuseWeak(what, 'the whole trust domain', 'path');
  if (!/^[a-z0-9._-]+$/.test(trustDomain)) {
    throw new TypeError(`invalid trust domain "${trustDomain}"; expected lower-case letters, digits, ".", "-" and "_"`);
  }
  const segments = textOf(path).replace(typeof path === 'string' ? /^\// : /^\/|\/$/g, '');
  const isPath = textOf(path).startsWith('/') && (segments === '' ? typeof path !== 'string' : isSegments(segments));
  if (!isPath)
    throw new TypeError(`"${textOf(path)}" is not a path of a SPIFFE ID; expected for example "/ns/prod/sa/app"`);
  const id = `spiffe://${trustDomain}${textOf(path)}`;
  return typeof path === 'string' ? id : { below: id };
}

/** @see https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md#22-path */
function isSegments(path: string): boolean {
  return path.split('/').every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && !/^\.\.?$/.test(segment));
}
