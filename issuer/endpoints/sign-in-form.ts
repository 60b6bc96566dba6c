import type { Context } from 'hono';
import { html } from 'hono/html';
import { UsageError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { HttpRefusal } from '../http/refusals.js';
import { formBody } from '../http/request-body.js';
import type { Issuer } from '../issuer.js';
import { AUTHORIZE_PATH, readAuthUrl, refusedCallback, type SignInClaims } from '../sign-ins.js';

const EXAMPLE = JSON.stringify({ sub: 'ada', email: 'ada@acme.example', groups: ['staff'] }, null, 2);

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
};

const STYLE =
  'body{font:16px system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem}textarea{width:100%;font:14px monospace}' +
  '[role=alert]{color:#b00020}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}[role=alert]{color:#f88}}';

/** Asks the person in front of a browser who to be: the claims that the client learns. */
export function showForm(context: Context, issuer: Issuer): Response | Promise<Response> {
  return page(context, issuer, { claims: EXAMPLE });
}

/** Signs in with the claims of the form, or refuses to, and sends the browser back to the client. */
export async function answerForm(context: Context, issuer: Issuer): Promise<Response> {
  const form = await formBody(context);
  const { redirectUri, state } = askedBy(context, issuer);
  // A code is in the address.
  context.header('Cache-Control', 'no-store');
  if (form.has('refuse')) return context.redirect(refusedCallback(redirectUri, state));
  const claims = form.get('claims') ?? '';
  try {
    const { callbackUrl } = await issuer.signIn(authUrlOf(context, issuer), readClaims(claims));
    return context.redirect(callbackUrl);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return page(context, issuer, { claims, wrong: error.message });
  }
}

function readClaims(text: string): SignInClaims {
  let claims: unknown;
  try {
    claims = JSON.parse(text);
  } catch {
    throw new UsageError('the claims are not JSON');
  }
  if (!isRecord(claims)) throw new UsageError('the claims are not a JSON object');
  return claims as SignInClaims;
}

function page(
  context: Context,
  issuer: Issuer,
  { claims, wrong }: { readonly claims: string; readonly wrong?: string },
): Response | Promise<Response> {
  const { clientId, redirectUri, scope } = askedBy(context, issuer);
  const rows = Math.min(30, claims.split('\n').length + 2);
  return context.html(
    html`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in at ${issuer.url}</title>
<style>${STYLE}</style>
<h1>Sign in</h1>
<p>The client <b>${clientId}</b> asks who you are, for the scope "${scope}". It learns the claims below, and the browser goes back to
${redirectUri}.</p>
<form method="post">
<p><label for="claims">Claims</label></p>
<p><textarea id="claims" name="claims" rows="${rows}" spellcheck="false" autofocus>${claims}</textarea></p>
${wrong === undefined ? '' : html`<p role="alert">${wrong}</p>`}
<p><button>Sign in</button> <button name="refuse" value="1">Refuse</button></p>
</form></html>`,
    wrong === undefined ? 200 : 400,
    HEADERS,
  );
}

function askedBy(context: Context, issuer: Issuer): ReturnType<typeof readAuthUrl> {
  try {
    return readAuthUrl(authUrlOf(context, issuer), issuer.url);
  } catch (error) {
    if (error instanceof UsageError) throw new HttpRefusal(400, 'invalid_request', error.message);
    throw error;
  }
}

/** Whatever name of this host the browser has it by. */
function authUrlOf(context: Context, { url }: Issuer): string {
  return `${url}${AUTHORIZE_PATH}${new URL(context.req.url).search}`;
}
