import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type PresetRoleProps, roleFor, roleOptions } from './bounds.js';
import { type Bound, textOf, type VendorBackend } from './claim-bounds.js';
import { refuseUnknown } from './known-options.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { Bound, VendorBackend } from './claim-bounds.js';

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
export interface SpiffeRoleProps extends PresetRoleProps {
  /** Without `spiffe://`, for example `example.org`. */
  readonly trustDomain: string;
  /** The path of one workload, for example `/ns/prod/sa/app`, or of all below: `{ below: '/ns/prod/' }`. */
  readonly path: Bound;
}

/**
 * The backend for JWT-SVIDs.
 * @see https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md
 * @example
 * new VaultJwtStack(app, 'spire', { ...spiffe({ issuer: 'https://oidc.acme.example' }), roles: [role] });
 */
export function spiffe(props: SpiffeProps): VendorBackend {
  refuseUnknown<SpiffeProps>('SPIFFE', props, { issuer: true, jwksUrl: true, algorithms: true });
  const { issuer, jwksUrl = `${issuer}/keys`, algorithms } = props;
  if (!issuer) throw new TypeError('SPIFFE has no issuer of its own: add "issuer", SPIRE\'s jwt_issuer');
  return { boundIssuer: issuer, jwksUrl, jwtSupportedAlgs: [...(algorithms ?? ['ES256', 'ES384', 'RS256'])] };
}

/**
 * A role for workloads with a SPIFFE ID, which is the identity (`sub`).
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @example
 * const role = spiffeRole({
 *   roleName: 'cart',
 *   trustDomain: 'acme.example',
 *   path: '/cart',
 *   audience: 'https://vault.acme.example',
 *   tokenPolicies: ['cart'],
 * });
 */
export function spiffeRole(props: SpiffeRoleProps): VaultJwtRole {
  const { roleName, trustDomain, path } = props;
  refuseUnknown(`role "${roleName}"`, props, { ...roleOptions, trustDomain: true, path: true });
  if (trustDomain === undefined) throw new TypeError(`role "${roleName}" lets in any trust domain: add trustDomain`);
  if (path === undefined) throw new TypeError(`role "${roleName}" lets in the whole trust domain: add path`);
  if (!/^[a-z0-9._-]+$/.test(trustDomain)) {
    throw new TypeError(`invalid trust domain "${trustDomain}"; expected lower-case letters, digits, ".", "-" and "_"`);
  }
  const segments = textOf(path).replace(typeof path === 'string' ? /^\// : /^\/|\/$/g, '');
  const isPath = textOf(path).startsWith('/') && (segments === '' ? typeof path !== 'string' : isSegments(segments));
  if (!isPath)
    throw new TypeError(`"${textOf(path)}" is not a path of a SPIFFE ID; expected for example "/ns/prod/sa/app"`);
  const id = `spiffe://${trustDomain}${textOf(path)}`;
  const isOne = typeof path === 'string';
  return roleFor(props, {
    userClaim: 'sub',
    subject: isOne ? id : undefined,
    claims: isOne ? {} : { sub: { below: id } },
  });
}

/** @see https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md#22-path */
function isSegments(path: string): boolean {
  return path.split('/').every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && !/^\.\.?$/.test(segment));
}
