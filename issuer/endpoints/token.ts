import type { Context } from 'hono';
import type { JWK } from 'jose';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { hasDigest, sha256 } from '../../internal/digest.js';
import { type KnownOptions, refuseUnknownOptions } from '../../internal/known-options.js';
import { dialect, onlyMethod, onlyType, refuse } from '../http/refusals.js';
import { formBody } from '../http/request-body.js';
import { sendPast } from '../http/send.js';
import type { Issuer } from '../issuer.js';
import { signingAlgorithms } from '../keys/algorithms.js';
import type { Dialect } from '../start-issuer.js';
import { decodeToken } from '../tokens/decode.js';
import { verifyToken } from '../tokens/verify.js';
import { clientCredentials, invalidClient } from './client-credentials.js';
import { AUTHORIZATION_CODE, exchangeCode } from './openid.js';

const LIFETIME_SECONDS = 300;
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** How a token endpoint behaves. */
export interface TokenEndpointOptions {
  /** The only clients that get tokens; default any client with any secret. */
  readonly clients?: readonly TokenClient[] | undefined;
  /** The `aud` of a token when the request names none; default the issuer's URL. */
  readonly audience?: string | readonly string[] | undefined;
  /** How long a token lives, in seconds; default 300. */
  readonly lifetimeSeconds?: number | undefined;
  /**
   * The header parameter `typ`; default `JWT`. With `at+jwt` tokens are access tokens by RFC 9068, which all name their
   * client: jwt-bearer then takes no request without one.
   */
  readonly typ?: 'JWT' | 'at+jwt' | undefined;
  /** Whose assertions jwt-bearer takes, besides the issuer's own tokens. */
  readonly trustedIssuers?: readonly { readonly issuer: string; readonly keys: readonly Readonly<JWK>[] }[] | undefined;
}

const endpointOptions: KnownOptions<TokenEndpointOptions> = {
  clients: true,
  audience: true,
  lifetimeSeconds: true,
  typ: true,
  trustedIssuers: true,
};

/** What a grant entitles to. */
interface Granted {
  readonly sub: string;
  readonly clientId: string | undefined;
  readonly scopes?: readonly string[];
  readonly claims?: Readonly<Record<string, unknown>>;
}

/**
 * An OAuth token endpoint, `POST /token`, with the grants client_credentials and jwt-bearer, and authorization_code for those who
 * {@link Issuer.signIn}; `scope`, and `audience` or `resource` (RFC 8707) for the token's `aud`.
 * @throws TypeError for an unknown option, a lifetime that is no whole number of seconds above 0, or an unknown `typ`
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-2.1
 * @example
 * await using issuer = await startIssuer({ dialects: [tokenDialect({ audience: 'vault', lifetimeSeconds: 300 })] });
 */
export function tokenDialect(options: TokenEndpointOptions = {}): Dialect {
  refuseUnknownOptions('tokenDialect', options, endpointOptions);
  const { clients, lifetimeSeconds = LIFETIME_SECONDS, typ = 'JWT', trustedIssuers = [] } = options;
  for (const client of clients ?? []) refuseUnknownOptions('a client of tokenDialect', client, clientOptions);
  for (const trusted of trustedIssuers) {
    refuseUnknownOptions('a trusted issuer of tokenDialect', trusted, { issuer: true, keys: true });
  }
  if (!Number.isSafeInteger(lifetimeSeconds) || lifetimeSeconds <= 0) {
    throw new UsageError(`"lifetimeSeconds" must be a whole number of seconds above 0, not "${lifetimeSeconds}"`);
  }
  if (typ !== 'JWT' && typ !== 'at+jwt') throw new UsageError(`"typ" must be "JWT" or "at+jwt", not "${typ}"`);
  const announce = ({ url }: Issuer) => ({
    token_endpoint: `${url}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    grant_types_supported: [AUTHORIZATION_CODE, 'client_credentials', JWT_BEARER],
  });
  const routes = (issuer: Issuer) => {
    const app = dialect();
    app.all('/token', onlyMethod('POST'), onlyType('application/x-www-form-urlencoded'), async (context) => {
      const form = await formBody(context, ['audience', 'resource']);
      const client = authenticateClient(context, form, clients);
      if (form.get('grant_type') === AUTHORIZATION_CODE) return exchangeCode(context, form, issuer);
      if (typ === 'at+jwt' && !client) return invalidClient('an access token names its client: send client_id');
      const granted = await grant(issuer, form, client, options);
      const scope = scopeOf(form, granted);
      const aud = audienceOf(form) ?? options.audience ?? issuer.url;
      const iat = issuer.clock.now();
      const claims = {
        sub: granted.sub,
        aud,
        iat,
        exp: iat + lifetimeSeconds,
        ...(granted.clientId === undefined ? {} : { client_id: granted.clientId }),
        ...(scope === undefined ? {} : { scope }),
        ...granted.claims,
      };
      const token = await issuer.sign(claims, { header: { typ } });
      const answer = { access_token: token, token_type: 'Bearer', expires_in: lifetimeSeconds };
      return sendPast(context.env, {
        body: JSON.stringify({ ...answer, ...(scope === undefined ? {} : { scope }) }),
        headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', Pragma: 'no-cache' },
      });
    });
    return app;
  };
  return Object.assign(routes, { announce });
}

async function grant(
  issuer: Issuer,
  form: URLSearchParams,
  client: Pick<TokenClient, 'id' | 'scopes' | 'claims'> | undefined,
  options: TokenEndpointOptions,
): Promise<Granted> {
  const type = form.get('grant_type') ?? refuse(400, 'invalid_request', '"grant_type" is missing');
  const { id: clientId, ...entitled } = client ?? { id: undefined };
  if (type === 'client_credentials') {
    if (clientId === undefined) return invalidClient('the request names no client: send client_id');
    return { sub: clientId, clientId, ...entitled };
  }
  if (type === JWT_BEARER) {
    const assertion = form.get('assertion') ?? refuse(400, 'invalid_request', '"assertion" is missing');
    return { sub: await subjectOf(issuer, assertion, options), clientId, ...entitled };
  }
  return refuse(400, 'unsupported_grant_type', `"grant_type" must be client_credentials or ${JWT_BEARER}`);
}

/** Whom an assertion is about, once it holds (RFC 7523, section 3): iss, sub, aud and exp are all needed. */
async function subjectOf(
  issuer: Issuer,
  assertion: string,
  { trustedIssuers = [] }: TokenEndpointOptions,
): Promise<string> {
  const own = { issuer: issuer.url, keys: issuer.keys.published().map(({ publicJwk }) => publicJwk) };
  const iss = claimedIssuer(assertion);
  const trusted = [own, ...trustedIssuers].find((candidate) => candidate.issuer === iss);
  if (!trusted) return refuse(400, 'invalid_grant', 'the assertion is from an issuer that is not trusted');
  const verdict = await verifyToken(assertion, {
    algorithms: signingAlgorithms,
    keys: trusted.keys,
    issuer: trusted.issuer,
    audience: [issuer.url, `${issuer.url}/token`],
    requiredClaims: ['iss', 'sub', 'aud', 'exp'],
    now: issuer.clock.now(),
  });
  if (!verdict.valid) return refuse(400, 'invalid_grant', `the assertion was refused: ${verdict.reason}`);
  const { sub } = verdict.claims;
  return typeof sub === 'string' && sub !== ''
    ? sub
    : refuse(400, 'invalid_grant', 'the assertion was refused: "sub" must be a string that is not empty');
}

function claimedIssuer(assertion: string): unknown {
  try {
    return decodeToken(assertion).claims['iss'];
  } catch (error) {
    if (!(error instanceof VaultproofError)) throw error;
    return refuse(400, 'invalid_grant', 'the assertion is not a compact JWT');
  }
}

/** The scope as asked for (RFC 6749, section 3.3). */
function scopeOf(form: URLSearchParams, { scopes }: Granted): string | undefined {
  const scope = form.get('scope');
  if (scope === null) return undefined;
  const names = scope.split(' ');
  if (names.some((name) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name))) {
    return refuse(400, 'invalid_scope', '"scope" must be names separated by single spaces');
  }
  if (scopes && names.some((name) => !scopes.includes(name))) {
    return refuse(400, 'invalid_scope', 'the client may not have this scope');
  }
  return scope;
}

function audienceOf(form: URLSearchParams): string | readonly string[] | undefined {
  const named = [...form.getAll('audience'), ...form.getAll('resource')];
  return named.length > 1 ? named : named[0];
}

/** A client of the token endpoint. */
export interface TokenClient {
  readonly id: string;
  readonly secret: string;
  /** The scopes that it may ask for; default any. */
  readonly scopes?: readonly string[];
  /** Claims that its tokens have besides, or instead of, the usual ones. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const clientOptions: KnownOptions<TokenClient> = { id: true, secret: true, scopes: true, claims: true };

/**
 * The client that sends a request, by HTTP Basic or by `client_id` and `client_secret` in the form.
 * @param clients undefined to take any, whatever its secret
 * @returns undefined when the request names no client
 * @throws HttpRefusal 401 `invalid_client`, without a word on whether it was the id or the secret
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
function authenticateClient(
  context: Context,
  form: URLSearchParams,
  clients: readonly TokenClient[] | undefined,
): Pick<TokenClient, 'id' | 'scopes' | 'claims'> | undefined {
  const credentials = clientCredentials(context, form);
  if (!credentials) return undefined;
  if (!clients) return { id: credentials.id };
  const client = clients.find(({ id }) => id === credentials.id);
  // An unknown client takes as long as a known one with a wrong secret.
  const fits = hasDigest(credentials.secret ?? '', sha256(client?.secret ?? ''));
  return client && fits ? client : invalidClient('the client is unknown, or its secret is wrong');
}
