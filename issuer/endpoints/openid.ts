import type { Context, Hono } from 'hono';
import { importOnce } from '../../internal/import-in-turn.js';
import { ownOriginOnly } from '../http/own-origin.js';
import { dialect, HttpRefusal, onlyMethod, onlyType, refuse } from '../http/refusals.js';
import { formBody } from '../http/request-body.js';
import { sendPast } from '../http/send.js';
import type { Issuer } from '../issuer.js';
import { AUTHORIZE_PATH } from '../sign-ins.js';
import { clientCredentials } from './client-credentials.js';

const TOKEN_PATH = '/oidc/token';
const USERINFO_PATH = '/oidc/userinfo';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The grant of a code (RFC 6749, section 4.1). */
export const AUTHORIZATION_CODE = 'authorization_code';

/** What an issuer's metadata says of its sign-ins, with the issuer's URL as it is reached. */
export function openidMetadata(url: string): Readonly<Record<string, unknown>> {
  const base = url.replace(/\/$/, '');
  return {
    authorization_endpoint: `${base}${AUTHORIZE_PATH}`,
    token_endpoint: `${base}${TOKEN_PATH}`,
    userinfo_endpoint: `${base}${USERINFO_PATH}`,
    response_types_supported: ['code'],
    grant_types_supported: [AUTHORIZATION_CODE],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  };
}

/** Whether a path, behind an issuer's, is one that {@link openidRoutes} has. */
export function isOpenidPath(path: string): boolean {
  return [AUTHORIZE_PATH, TOKEN_PATH, USERINFO_PATH].includes(path);
}

/**
 * Where a client exchanges the code of a sign-in, and asks who that is. Any client may, with any secret: it has a code by
 * `issuer.signIn()`, or by the form.
 * @param form whether anyone may sign in by a form in a browser; default false
 * @see https://openid.net/specs/openid-connect-core-1_0.html#TokenEndpoint
 * @see https://openid.net/specs/openid-connect-core-1_0.html#UserInfo
 */
export function openidRoutes(issuer: Issuer, form = false): Hono {
  const app = dialect();
  if (form) {
    const load = importOnce(() => import('./sign-in-form.js'));
    app.get(AUTHORIZE_PATH, async (context) => (await load()).showForm(context, issuer));
    app.post(AUTHORIZE_PATH, ownOriginOnly(), onlyType(FORM_TYPE), async (context) =>
      (await load()).answerForm(context, issuer),
    );
  }
  app.all(AUTHORIZE_PATH, onlyMethod('GET', 'POST'), () =>
    refuse(
      400,
      'access_denied',
      'no one can sign in here in a browser: call issuer.signIn(authUrl, claims) with this URL, or start the issuer with { signInForm: true }, which shows a form on 127.0.0.1 alone',
    ),
  );
  app.all(TOKEN_PATH, onlyMethod('POST'), onlyType(FORM_TYPE), async (context) => {
    const form = await formBody(context);
    const type = form.get('grant_type') ?? refuse(400, 'invalid_request', '"grant_type" is missing');
    if (type !== AUTHORIZATION_CODE) {
      return refuse(400, 'unsupported_grant_type', `"grant_type" must be ${AUTHORIZATION_CODE} here`);
    }
    return exchangeCode(context, form, issuer);
  });
  app.all(USERINFO_PATH, onlyMethod('GET', 'POST'), (context) => {
    const [, token = ''] = /^bearer +(\S+) *$/i.exec(context.req.header('authorization') ?? '') ?? [];
    const said = issuer.signIns.userinfo(token);
    if (said !== undefined) return answer(context, said);
    throw new HttpRefusal(401, 'invalid_token', 'the access token is unknown or too old', {
      'WWW-Authenticate': 'Bearer error="invalid_token"',
    });
  });
  return app;
}

/** Answers a request for a code's tokens. */
export function exchangeCode(context: Context, form: URLSearchParams, issuer: Issuer): Response {
  const code = form.get('code') ?? refuse(400, 'invalid_request', '"code" is missing');
  const exchanged = issuer.signIns.exchange({
    code,
    clientId: clientCredentials(context, form)?.id,
    redirectUri: form.get('redirect_uri') ?? undefined,
    codeVerifier: form.get('code_verifier') ?? undefined,
  });
  if ('refused' in exchanged) return refuse(400, 'invalid_grant', exchanged.refused);
  const { accessToken, idToken, lifetimeSeconds } = exchanged;
  return answer(context, {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: lifetimeSeconds,
    id_token: idToken,
  });
}

function answer({ env }: Context, body: object): Response {
  return sendPast(env, {
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', Pragma: 'no-cache' },
  });
}
