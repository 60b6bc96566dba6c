import { createHash, randomBytes } from 'node:crypto';
import { UsageError } from '../errors/index.js';
import { refuseUnknownOptions } from '../internal/known-options.js';
import type { Clock } from './clock.js';
import type { SignOptions, TokenClaims } from './tokens/claims.js';
import { decodeToken } from './tokens/decode.js';

/** Where a browser is sent to sign in, behind the issuer's URL. */
export const AUTHORIZE_PATH = '/oidc/authorize';

/** How long a code, and what it is exchanged for, can be used, in seconds. */
const LIFETIME_SECONDS = 300;

/** How many codes, and access tokens, are kept at once: the oldest give way, whether anyone asked for them or not. */
const MOST_KEPT = 1_000;

/** What a provider says of someone: `sub`, and any other claim. Those of the protocol (`aud`, `nonce`, ...) are replaced, too. */
export type SignInClaims = Omit<Partial<TokenClaims>, 'sub'> & {
  readonly sub: string;
  readonly [claim: string]: unknown;
};

/** How someone signs in. */
export interface SignInOptions extends SignOptions {
  /** What the userinfo endpoint says besides `sub`; default nothing. A client takes it in place of the ID token's claims. */
  readonly userinfo?: Readonly<Record<string, unknown>> | undefined;
}

/** Someone who signed in. */
export interface SignedIn {
  /** Where the browser is sent back to, with `code` and `state`. */
  readonly callbackUrl: string;
  /** What the client learns: the claims of the ID token, and of userinfo in their place. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What a client exchanges a code for. */
export interface ExchangedCode {
  readonly idToken: string;
  readonly accessToken: string;
  readonly lifetimeSeconds: number;
}

/** A request to exchange a code (RFC 6749, section 4.1.3; RFC 7636, section 4.5). */
export interface CodeExchange {
  readonly code: string;
  readonly clientId: string | undefined;
  readonly redirectUri: string | undefined;
  readonly codeVerifier: string | undefined;
}

/** Those who signed in at an issuer, until their clients have learnt of it. */
export interface SignIns {
  /** See `Issuer.signIn`. */
  signIn(authUrl: string, claims: SignInClaims, options?: SignInOptions): Promise<SignedIn>;
  /** Exchanges a code, which works once; otherwise gives what is wrong with the request. */
  exchange(request: CodeExchange): ExchangedCode | { readonly refused: string };
  /** What the userinfo endpoint says for an access token; undefined for one that is not good. */
  userinfo(accessToken: string): Readonly<Record<string, unknown>> | undefined;
}

/** Signs an ID token. */
export type SignIdToken = (claims: TokenClaims, options: SignOptions) => Promise<string>;

/** Where people sign in. */
interface SigningProvider {
  readonly url: string;
  readonly clock: Clock;
  readonly sign: SignIdToken;
}

interface Authorization {
  readonly clientId: string;
  readonly redirectUri: string;
  /** The SHA-256 of the code verifier, in base64url; undefined without PKCE. */
  readonly challenge: string | undefined;
  readonly idToken: string;
  readonly userinfo: Readonly<Record<string, unknown>>;
  readonly until: number;
}

/**
 * No one has signed in yet.
 * @see https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
 */
export function signIns({ url, clock, sign }: SigningProvider): SignIns {
  const codes = new Map<string, Authorization>();
  const tokens = new Map<string, Pick<Authorization, 'userinfo' | 'until'>>();
  return {
    signIn: async (authUrl, claims, options = {}) => {
      refuseUnknownOptions('signIn', options, { alg: true, key: true, header: true, userinfo: true });
      const { userinfo = {}, ...signing } = options;
      const { issuer, clientId, redirectUri, state, nonce, challenge } = readAuthUrl(authUrl, url);
      const now = clock.now();
      const said = { iss: issuer, aud: clientId, ...(nonce !== undefined && { nonce }), auth_time: now, ...claims };
      const idToken = await sign(said, signing);
      const code = randomBytes(24).toString('base64url');
      const learnt = decodeToken(idToken).claims;
      const info: Readonly<Record<string, unknown>> = { sub: learnt['sub'], ...userinfo };
      keep(codes, code, { clientId, redirectUri, challenge, idToken, userinfo: info, until: now + LIFETIME_SECONDS });
      const callbackUrl = callback(redirectUri, { code, state });
      // Of another subject, a client takes nothing (OpenID Connect Core, section 5.3.2).
      return { callbackUrl, claims: { ...learnt, ...(info['sub'] === learnt['sub'] && info) } };
    },
    exchange: ({ code, clientId, redirectUri, codeVerifier }) => {
      const found = codes.get(code);
      codes.delete(code);
      if (found === undefined || found.until < clock.now()) return { refused: 'the code is unknown, used, or too old' };
      if (clientId !== found.clientId) return { refused: 'the code was given to another client' };
      if (redirectUri !== found.redirectUri) return { refused: '"redirect_uri" is not that of the authorization' };
      const challenge = codeVerifier === undefined ? undefined : s256(codeVerifier);
      if (challenge !== found.challenge) return { refused: '"code_verifier" does not fit the code challenge' };
      const accessToken = randomBytes(24).toString('base64url');
      keep(tokens, accessToken, { userinfo: found.userinfo, until: clock.now() + LIFETIME_SECONDS });
      return { idToken: found.idToken, accessToken, lifetimeSeconds: LIFETIME_SECONDS };
    },
    userinfo: (accessToken) => {
      const found = tokens.get(accessToken);
      return found === undefined || found.until < clock.now() ? undefined : found.userinfo;
    },
  };
}

/** Puts in what is the youngest, and drops the oldest of too many. */
function keep<Kept>(all: Map<string, Kept>, name: string, one: Kept): void {
  all.set(name, one);
  const [oldest] = all.keys();
  if (oldest !== undefined && all.size > MOST_KEPT) all.delete(oldest);
}

/** What a client asks of a browser that it sends here (RFC 6749, section 4.1.1; RFC 7636, section 4.3). */
interface AuthorizationRequest {
  /** The issuer's URL, as the client reaches it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  readonly challenge: string | undefined;
  /** Default nothing. */
  readonly scope: string;
}

/** @throws TypeError for a URL that is not one of this issuer's, and for a flow that it has not */
export function readAuthUrl(authUrl: string, ownUrl: string): AuthorizationRequest {
  const asked = URL.canParse(authUrl) ? new URL(authUrl) : undefined;
  const own = ownUrl.replace(/\/$/, '');
  const [base = ''] = String(authUrl).split(`${AUTHORIZE_PATH}?`);
  const path = (text: string): string => new URL(text).pathname.replace(/\/$/, '');
  if (asked === undefined || base === authUrl || path(base) !== path(own)) {
    throw new UsageError(
      `"${String(authUrl).slice(0, 100)}" is not a sign-in at "${ownUrl}": expected "${own}${AUTHORIZE_PATH}?...", as Vault's "oidc/auth_url" answers`,
    );
  }
  const parameter = (name: string): string | undefined => {
    if (asked.searchParams.getAll(name).length > 1) throw new UsageError(`the sign-in repeats "${name}": give it once`);
    return asked.searchParams.get(name) || undefined;
  };
  const required = (name: string): string => {
    const value = parameter(name);
    if (value === undefined) throw new UsageError(`the sign-in has no "${name}": add it to its URL`);
    return value;
  };
  const [type, method] = [required('response_type'), parameter('code_challenge_method')];
  if (type !== 'code') throw new UsageError(`unsupported response type "${type}"; expected "code"`);
  if (method !== undefined && method !== 'S256') {
    throw new UsageError(`unsupported code challenge method "${method}"; expected "S256"`);
  }
  const redirectUri = required('redirect_uri');
  if (!URL.canParse(redirectUri) || redirectUri.includes('#')) {
    throw new UsageError(`"redirect_uri" is "${redirectUri}": expected a URL without a fragment`);
  }
  return {
    issuer: base === own ? ownUrl : base,
    clientId: required('client_id'),
    redirectUri,
    state: parameter('state'),
    nonce: parameter('nonce'),
    challenge: parameter('code_challenge'),
    scope: parameter('scope') ?? '',
  };
}

/** Where a browser is sent back to by someone who does not sign in. */
export function refusedCallback(redirectUri: string, state: string | undefined): string {
  return callback(redirectUri, { error: 'access_denied', state });
}

function callback(redirectUri: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

function s256(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
