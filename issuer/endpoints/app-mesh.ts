import type { IncomingMessage } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import type { Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { UsageError } from '../../errors/index.js';
import type { Clock } from '../clock.js';
import { bearerToken } from '../http/authorization.js';
import { ownOriginOnly } from '../http/own-origin.js';
import { dialect, HttpRefusal, onlyMethod, refuse } from '../http/refusals.js';
import { bodyText, jsonBody, requiredText } from '../http/request-body.js';
import type { Issuer } from '../issuer.js';
import type { SharedKeys } from '../keys/shared-keys.js';
import { secretBytes, sharedSecret } from '../keys/shared-secret.js';
import { isUnauthenticated } from '../keys/signing-key.js';
import type { Dialect } from '../start-issuer.js';
import type { Verdict } from '../tokens/check-claims.js';
import { decodeToken } from '../tokens/decode.js';
import { verifyToken } from '../tokens/verify.js';
import { type Authenticator, authenticator, type Outcome } from '../users/authenticator.js';
import { totpParameters } from '../users/totp.js';
import type { User, UserStore } from '../users/user-store.js';

const ISSUER = 'appmesh-auth0';
const AUDIENCE = 'appmesh-service';
/** A week, as App Mesh has it. */
const LIFETIME_SECONDS = 604_800;
/** A year. */
const LONGEST_LIFETIME_SECONDS = 31_536_000;
const MOST_CREDENTIAL_CHARACTERS = 4096;
/** How much later than ours another issuer's clock may be. */
const CLOCK_SKEW_SECONDS = 5;
/** How long a login waits for Consul to have a new key. */
const PUBLISH_MS = 1_000;

/** What App Mesh's login is set up with. */
export interface AppMeshOptions {
  readonly issuer: Issuer;
  readonly users: UserStore;
  /** The audiences that X-Audience may name; default `['appmesh-service']`. */
  readonly audiences?: readonly string[] | undefined;
  /** Signs and verifies with HS256 and this secret of 32 bytes or more; default ES256 with the issuer's key. */
  readonly secret?: string | undefined;
  /**
   * Makes its tokens good at the issuers that share their keys there, and theirs here; default none. Of the issuers of one
   * server that is the one whose URL has no path.
   */
  readonly sharedKeys?: SharedKeys | undefined;
  /** Names, with their ports, that the server goes by besides those of loopback. */
  readonly allowedHosts?: readonly string[] | undefined;
}

/** What a challenge keeps of the login that it came from. */
interface LoginContext {
  readonly expireSeconds: number;
  readonly audience: string | undefined;
}

/**
 * App Mesh's login as seed 003 documents it: `POST /appmesh/login`, `/appmesh/totp/validate` and `/appmesh/auth`. A
 * refusal is `{"message": ...}`. Requests that name another host or come from another site are refused.
 * @throws TypeError for a secret that is too short, or besides shared keys
 * @example
 * const app = appMesh({ issuer, users: await openUserFile('users.yml') });
 */
export function appMesh(options: AppMeshOptions): Hono {
  const { issuer, users, audiences = [AUDIENCE], secret, allowedHosts } = options;
  const sharedKeys = new URL(issuer.url).pathname === '/' ? options.sharedKeys : undefined;
  if (secret !== undefined && sharedKeys)
    throw new UsageError('a secret cannot be shared as a public key: leave "sharedKeys" out');
  sharedKeys?.share(ISSUER, issuer.keys);
  const signer = secret === undefined ? undefined : sharedSecret(secret);
  const app = dialect(({ message }) => ({ message }));
  const who = authenticatorFor(users, issuer.clock);
  const guard = ownOriginOnly(allowedHosts);
  const post = onlyMethod('POST');

  app.all('/appmesh/login', guard, post, async (context) => {
    await bodyText(context);
    const { name, password } = credentials(context);
    const asked = {
      expireSeconds: lifetime('X-Expire-Seconds', context.req.header('x-expire-seconds')),
      audience: audienceOf(context, audiences),
    };
    return answer(
      context,
      await who.login(
        { name, address: addressOf(context) },
        password,
        asked,
        context.req.header('x-totp-code')?.trim() || undefined,
      ),
    );
  });

  app.all('/appmesh/totp/validate', guard, post, async (context) => {
    const body = await jsonBody(context);
    const name = requiredText(body, 'user_name');
    const challenge = requiredText(body, 'totp_challenge');
    const { totp_code: given } = body;
    const code = typeof given === 'string' ? given.trim() : '';
    if (code === '') refuse(400, 'invalid_request', 'no TOTP key provided');
    const expireSeconds = lifetime('expire_seconds', body['expire_seconds'], 0);
    const audience = audienceOf(context, audiences);
    const outcome = await who.complete({ name, address: addressOf(context) }, challenge, code);
    if (outcome.found !== 'user') return answer(context, outcome);
    const { context: asked } = outcome;
    const merged = { expireSeconds: expireSeconds || asked.expireSeconds, audience: audience ?? asked.audience };
    return answer(context, { ...outcome, context: merged });
  });

  app.all('/appmesh/auth', guard, post, async (context) => {
    await bodyText(context);
    const token = bearerToken(context);
    if (token === undefined)
      throw unauthorized('No authentication token provided', { 'WWW-Authenticate': 'Bearer realm="App Mesh"' });
    const audience = audienceOf(context, audiences);
    const permission = context.req.header('x-permission')?.trim() ?? '';
    const user = await userOf(token, audience);
    if (permission !== '' && !user.permissions.includes(permission)) {
      const message = `Permission denied: user '${user.name}' lacks required permission '${permission}'`;
      return refuse(400, 'permission_denied', message);
    }
    return json(context, {
      permission,
      success: true,
      user: user.name,
      ...(audience === undefined ? {} : { audience }),
    });
  });
  return app;

  async function answer(context: Context, outcome: Outcome<LoginContext>): Promise<Response> {
    if (outcome.found === 'user') return json(context, await tokenFor(outcome.user, outcome.context));
    if (outcome.found === 'code_required') {
      const { challenge, expires } = outcome;
      const status = 'TOTP_CHALLENGE_REQUIRED';
      return json(context, { status, ...totpParameters, totp_challenge: challenge, expires }, 428, {
        'WWW-Authenticate': 'TOTP realm="TOTP Authentication", qop="auth"',
      });
    }
    throw outcome.found === 'slow_down' ? tooFast(outcome.retryAfterSeconds) : refusals[outcome.found]();
  }

  async function tokenFor({ name }: User, { expireSeconds, audience }: LoginContext): Promise<object> {
    const iat = issuer.clock.now();
    const exp = iat + expireSeconds;
    const claims = { iss: ISSUER, name, sub: name, aud: audience ?? null, iat, exp, jti: null };
    const access_token = await issuer.sign(claims, signer ? { key: signer } : { alg: 'ES256' });
    // A key that signs for the first time is to be known where the token is taken. Without Consul it is good here.
    if (sharedKeys)
      await Promise.race([sharedKeys.shared().catch(() => {}), after(PUBLISH_MS, undefined, { ref: false })]);
    const profile = { auth_time: iat, name };
    return { access_token, expire_seconds: expireSeconds, expire_time: exp, profile, token_type: 'Bearer' };
  }

  async function userOf(token: string, audience: string | undefined): Promise<User> {
    const verdict = await verdictOf(token);
    if (!verdict.valid) {
      // What is malformed is not described: the description may quote it.
      throw notAuthenticated(verdict.code === 'token_malformed' ? 'the token is malformed' : verdict.reason);
    }
    const { sub, aud } = verdict.claims;
    // A token for another audience is not for us (RFC 7519, section 4.1.3); one without an audience is for any.
    const listed = Array.isArray(aud) ? aud : aud === undefined ? undefined : [aud];
    const acceptable = audience === undefined ? audiences : [audience];
    if (listed ? !acceptable.some((one) => listed.includes(one)) : audience !== undefined) {
      throw notAuthenticated('"aud" is another');
    }
    const user = typeof sub === 'string' ? await users.find(sub) : undefined;
    if (!user) throw notAuthenticated('there is no such user');
    if (user.locked) throw refusals.locked();
    return user;
  }

  /** Keys of one's own first, whatever others call theirs; another's verify what it signed with ES256, and nothing else. */
  async function verdictOf(token: string): Promise<Verdict> {
    const common = { issuer: ISSUER, requiredClaims: ['exp', 'sub'], now: issuer.clock.now() };
    if (secret !== undefined) {
      return verifyToken(token, { ...common, algorithms: ['HS256'], keys: { secret: secretBytes(secret) } });
    }
    const algorithms = ['ES256'];
    const keys = issuer.keys.published().flatMap((own) => (isUnauthenticated(own) ? [] : [own.publicJwk]));
    let verdict = await verifyToken(token, { ...common, algorithms, keys });
    if (verdict.valid || verdict.code !== 'unknown_key') return verdict;
    const { header, claims } = decodeToken(token);
    // Another host's clock may be a little ahead; what ends ends by the later of the two.
    const signedAt = typeof claims['iat'] === 'number' ? claims['iat'] : 0;
    const now = Math.max(common.now, Math.min(signedAt, common.now + CLOCK_SKEW_SECONDS));
    for (const theirs of sharedKeys?.setsWith(ISSUER, header['kid']) ?? []) {
      verdict = await verifyToken(token, { ...common, now, algorithms, keys: theirs });
      if (verdict.valid) break;
    }
    return verdict;
  }
}

/**
 * The same as a dialect of {@link startIssuer}.
 *
 * @example
 * await using issuer = await startIssuer({ dialects: [appMeshDialect({ users: await openUserFile('users.yml') })] });
 */
export function appMeshDialect(options: Omit<AppMeshOptions, 'issuer'>): Dialect {
  const routes = (issuer: Issuer): Hono => appMesh({ ...options, issuer });
  return Object.assign(routes, { users: options.users });
}

const authenticators = new WeakMap<UserStore, WeakMap<Clock, Authenticator<LoginContext>>>();

/** One for all issuers of a server: what was guessed or used at one counts at the others. */
function authenticatorFor(users: UserStore, clock: Clock): Authenticator<LoginContext> {
  const byClock = authenticators.get(users) ?? new WeakMap<Clock, Authenticator<LoginContext>>();
  const known = byClock.get(clock) ?? authenticator<LoginContext>(users, clock);
  authenticators.set(users, byClock.set(clock, known));
  return known;
}

const unauthorized = (message: string, headers = {}): HttpRefusal =>
  new HttpRefusal(401, 'unauthorized', message, headers);
const badRequest = (message: string): HttpRefusal => new HttpRefusal(400, 'invalid_request', message);

const refusals = {
  unknown_user: () => new HttpRefusal(404, 'not_found', 'no such user'),
  wrong_password: () => unauthorized('Incorrect user password'),
  locked: () => unauthorized('the user is locked'),
  wrong_code: () => unauthorized('Incorrect totp key'),
  no_totp: () => badRequest('TOTP authentication not enabled for current user'),
  bad_challenge: () => badRequest('the TOTP challenge is unknown, expired or used, log in again'),
};

function tooFast(seconds: number): HttpRefusal {
  const message = `too many failed attempts, try again in ${seconds} s`;
  return new HttpRefusal(429, 'slow_down', message, { 'Retry-After': String(seconds) });
}

function notAuthenticated(reason: string): HttpRefusal {
  return new HttpRefusal(401, 'invalid_token', `Authentication failed: ${reason}`, {
    'WWW-Authenticate': 'Bearer realm="App Mesh", error="invalid_token"',
  });
}

function json(
  context: Context,
  body: object,
  status: ContentfulStatusCode = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return context.json(body, status, { ...headers, 'Cache-Control': 'no-store' });
}

/**
 * The name and password of an Authorization header: Basic (RFC 7617), or its base64 alone, as the curl line that App
 * Mesh documents sends it.
 */
function credentials(context: Context): { readonly name: string; readonly password: string } {
  const header = context.req.header('authorization')?.trim() ?? '';
  if (header === '') {
    const challenge = { 'WWW-Authenticate': 'Basic realm="App Mesh", charset="UTF-8"' };
    throw unauthorized('No authentication provided', challenge);
  }
  const encoded = /^(?:basic +)?([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1] ?? '';
  const text = encoded.length > MOST_CREDENTIAL_CHARACTERS ? undefined : decoded(encoded);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 1) return refuse(400, 'invalid_request', 'unrecognized authorization type');
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decoded(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The address that a request comes from; empty where no server of Node's has received it. */
function addressOf({ env }: Context): string {
  const { incoming } = (env ?? {}) as { readonly incoming?: IncomingMessage };
  return incoming?.socket.remoteAddress ?? '';
}

/** How long a token is to live, from a number or its digits; by default a week. */
function lifetime(name: string, value: unknown, otherwise: number = LIFETIME_SECONDS): number {
  if (value === undefined || value === null) return otherwise;
  const seconds = typeof value === 'string' && /^[0-9]{1,9}$/.test(value.trim()) ? Number(value) : value;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0 && seconds <= LONGEST_LIFETIME_SECONDS) {
    return seconds;
  }
  const message = `${name} must be a whole number of seconds from 1 to ${LONGEST_LIFETIME_SECONDS}`;
  return refuse(400, 'invalid_request', message);
}

/** The audience that a request names, if it is one of those that are served. */
function audienceOf(context: Context, audiences: readonly string[]): string | undefined {
  const audience = context.req.header('x-audience')?.trim();
  if (audience === undefined || audience === '' || audiences.includes(audience)) return audience || undefined;
  return refuse(400, 'invalid_request', `Audience <${audience}> verification failed`);
}
