import { Token } from 'cdktf';
import type { Allowances } from './checks.js';
import type { MappedClaims } from './consul-binding-rule.js';

/** Where Consul has the keys from that verify a token: exactly one of the three. */
export type ConsulKeySource =
  /** A key set, and the CA of the server that it is fetched from, PEM. */
  | { readonly jwksUrl: string; readonly jwksCaCert?: string }
  /** Public keys, PEM. */
  | { readonly jwtValidationPubKeys: readonly string[] }
  /** An issuer whose discovery document names the key set; its `issuer` must be this URL byte for byte. */
  | { readonly oidcDiscoveryUrl: string; readonly oidcDiscoveryCaCert?: string };

/** An algorithm that Consul may be told to take. */
export type ConsulJwtAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'PS256'
  | 'PS384'
  | 'PS512';

/**
 * The auth method, in Consul's words. Leeways are seconds, and -1 is none; in discovery Consul looks at none
 * of them, takes no token after its `exp`, and those of the next five minutes.
 * The provider has no `TokenNameFormat`: tokens are named `jwt-`, the method's name and a number.
 * @see https://developer.hashicorp.com/consul/docs/secure/acl/auth-method/jwt
 */
export type ConsulJwtMethod = ConsulKeySource & {
  /** Default `jwt`. */
  readonly name?: string;
  readonly displayName?: string;
  readonly description?: string;
  /**
   * How long a token is valid, at least `1m`; default `1h`. Consul's own is `0s`, which never expires and takes a reason in
   * `allow["no-max-token-ttl"]`.
   */
  readonly maxTokenTtl?: string;
  /** Where a token is valid: in its datacenter or in all; default `local`. */
  readonly tokenLocality?: 'local' | 'global';
  /** The `iss` that a token must have. Consul checks none without it, save in discovery, which checks the URL. */
  readonly boundIssuer?: string;
  /** The values of which `aud` must have one. Without it, a token with an `aud` is refused, save in discovery. */
  readonly boundAudiences?: readonly string[];
  /** What Consul takes in discovery, default what the discovery document lists; otherwise it takes what the keys are for. */
  readonly jwtSupportedAlgs?: readonly ConsulJwtAlgorithm[];
  /** By claim, or by a path such as `/kubernetes.io/namespace`, the name that selectors have for its value. */
  readonly claimMappings?: Readonly<Record<string, string>>;
  /** The same for claims that are lists. */
  readonly listClaimMappings?: Readonly<Record<string, string>>;
  /** How long a token without `exp` is valid from its `iat` or `nbf`; default 150 s. */
  readonly expirationLeeway?: number;
  /** How long before its `exp` a token with neither `iat` nor `nbf` is valid; default 150 s. */
  readonly notBeforeLeeway?: number;
  /** How long after `exp` and before `iat` and `nbf` a token gets in; default 60 s. */
  readonly clockSkewLeeway?: number;
  /** `no-bound-issuer` for a method that doesn't check who signed, `keys-over-http` for keys without TLS, and what else lints are to pass over. */
  readonly allow?: Allowances;
};

/** Consul compares no `iss` unless it is told to, which nobody notices: leaving it out takes a reason. */
export function requireIssuer(props: ConsulJwtMethod): void {
  const isBound = (props.boundIssuer ?? '') !== '' || 'oidcDiscoveryUrl' in props;
  if (isBound || props.allow?.['no-bound-issuer'] !== undefined) return;
  throw new TypeError(
    'Consul does not check "iss" without a "boundIssuer": set it, or give a reason in allow["no-bound-issuer"]',
  );
}

/** A duration as Go writes it. */
const DURATION = /^(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|[µμ]s|ms|s|m|h))+)$/;

/** Consul's tokens end with nobody's help only when they are told to. */
export function requireEnd({ maxTokenTtl, allow = {} }: ConsulJwtMethod): void {
  if (maxTokenTtl !== undefined && !Token.isUnresolved(maxTokenTtl) && !DURATION.test(maxTokenTtl)) {
    throw new TypeError(`invalid "maxTokenTtl" ${JSON.stringify(maxTokenTtl)}; expected a duration such as "1h"`);
  }
  if (maxTokenTtl === undefined || /[1-9]/.test(maxTokenTtl) || allow['no-max-token-ttl'] !== undefined) return;
  throw new TypeError(
    `tokens never expire with a "maxTokenTtl" of "${maxTokenTtl}": give a duration, or a reason in allow["no-max-token-ttl"]`,
  );
}

/** The names that selectors have for claims. */
export function mappedClaims({ claimMappings = {}, listClaimMappings = {} }: ConsulJwtMethod): MappedClaims {
  const namesOf = (argument: string, mappings: Readonly<Record<string, string>>): string[] => {
    const names = Object.keys(mappings).map((claim) => mappings[claim] ?? '');
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice === undefined) return names;
    throw new TypeError(`"${argument}" maps two claims to "${twice}": give each a name of its own`);
  };
  return { value: namesOf('claimMappings', claimMappings), list: namesOf('listClaimMappings', listClaimMappings) };
}

/**
 * The auth method's `Config`.
 * @see https://developer.hashicorp.com/consul/docs/reference/acl/auth-method/jwt
 */
export function configJson(props: ConsulJwtMethod): string {
  return goJson({
    ...keysOf(props),
    BoundIssuer: props.boundIssuer,
    BoundAudiences: props.boundAudiences,
    JWTSupportedAlgs: props.jwtSupportedAlgs,
    ClaimMappings: props.claimMappings,
    ListClaimMappings: props.listClaimMappings,
    ExpirationLeeway: nanoseconds('expirationLeeway', props.expirationLeeway),
    NotBeforeLeeway: nanoseconds('notBeforeLeeway', props.notBeforeLeeway),
    ClockSkewLeeway: nanoseconds('clockSkewLeeway', props.clockSkewLeeway),
  });
}

function keysOf(props: ConsulKeySource): object {
  const sources = ['jwksUrl', 'jwtValidationPubKeys', 'oidcDiscoveryUrl'];
  const given = sources.filter((name) => props[name as keyof typeof props] !== undefined);
  if (given.length !== 1) {
    throw new TypeError(`give exactly one of ${sources.join(', ')}, not ${given.join(' and ') || 'none'}`);
  }
  const [source] = given;
  if (source === 'jwtValidationPubKeys' && source in props) return { JWTValidationPubKeys: props[source] };
  if (source === 'jwksUrl' && source in props) return { JWKSURL: props[source], JWKSCACert: props.jwksCaCert };
  if (source === 'oidcDiscoveryUrl' && source in props) {
    return { OIDCDiscoveryURL: props[source], OIDCDiscoveryCACert: props.oidcDiscoveryCaCert };
  }
  return {};
}

const SECOND = 1_000_000_000;
const DAY = 86_400;

/** Consul's API takes a leeway as a whole number of nanoseconds. */
function nanoseconds(name: string, seconds: number | undefined): number | undefined {
  if (seconds === undefined || seconds === -1) return seconds;
  if (seconds > 0 && seconds <= DAY) return Math.round(seconds * SECOND);
  if (seconds === 0) throw new TypeError(`Consul reads 0 as its default: leave "${name}" out, or give -1 for none`);
  throw new TypeError(`"${name}" is ${seconds}: give seconds, a day at most, or -1 for none`);
}

/** JSON as Go writes it: the provider compares it with Consul's as text, and its plan is empty only where they are the same. */
function goJson(value: object): string {
  const sorted = JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    const members: Record<string, unknown> = {};
    for (const name of Object.keys(member).sort()) members[name] = (member as Record<string, unknown>)[name];
    return members;
  });
  return sorted.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${`000${char.charCodeAt(0).toString(16)}`.slice(-4)}`);
}
