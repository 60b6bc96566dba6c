import { randomBytes } from 'node:crypto';
import { UsageError, VaultproofError } from '../../errors/index.js';
import type { HttpAnswer, HttpClient } from '../../internal/http-client.js';
import { membersOf } from '../../internal/json.js';
import { type KnownOptions, refuseUnknownOptions } from '../../internal/known-options.js';
import { LoginRefusedError } from './login-refused-error.js';
import { placeOf } from './vault-login.js';
import { reader, refuseLogin, type ServerInspection, sessionOf, type VaultLoginTried } from './vault-login-answer.js';
import type { VaultSession } from './vault-session.js';

/** What a person's browser comes back with. */
export interface SignInAnswer {
  /** Where the provider sent it, with `code` and `state`, or with `error`. */
  readonly callbackUrl: string;
  /** What Vault learns of the person, to explain a refusal with; default unknown. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

/** A login by the OIDC flow: in a browser, at a provider. */
export interface OidcLoginRequest {
  /**
   * Signs someone in at the provider, as the person in front of the browser does.
   * @param authUrl where Vault sends the browser
   */
  readonly signIn: (authUrl: string) => SignInAnswer | Promise<SignInAnswer>;
  /** The role; default the auth method's `default_role`. */
  readonly role?: string | undefined;
  /** Where the auth method is mounted, without `auth/`; default `oidc`. */
  readonly mount?: string | undefined;
  /** The namespace that the auth method is in; default the root namespace. */
  readonly namespace?: string | undefined;
  /**
   * Where the provider is to send the browser back to, which the role must allow; default
   * `http://localhost:8250/oidc/callback`, that of `vault login -method=oidc`. Nothing has to listen there.
   */
  readonly redirectUri?: string | undefined;
}

const loginOptions: KnownOptions<OidcLoginRequest> = {
  signIn: true,
  role: true,
  mount: true,
  namespace: true,
  redirectUri: true,
};

const REDIRECT_URI = 'http://localhost:8250/oidc/callback';

/** Logs in by the OIDC flow, see `StartedVault.loginWithOidc`. */
export async function oidcLogin(
  client: HttpClient,
  request: OidcLoginRequest,
  inspection: ServerInspection = {},
): Promise<VaultSession> {
  refuseUnknownOptions('loginWithOidc', request, loginOptions);
  const { signIn, role, redirectUri = REDIRECT_URI } = request;
  if (typeof signIn !== 'function') {
    throw new UsageError(
      '"signIn" must be a function: signIn: (authUrl) => env.issuer.signIn(authUrl, { sub: "ada" })',
    );
  }
  const { http, mount, namespace } = await placeOf(client, request, 'oidc');
  const nonce = randomBytes(20).toString('hex');
  const begun: VaultLoginTried = {
    request: { method: 'POST', path: `auth/${mount}/oidc/auth_url` },
    mount,
    role,
    namespace,
    token: async () => undefined,
  };
  const asked = { role, redirect_uri: redirectUri, client_nonce: nonce };
  const answer = await http.request('POST', `/v1/${begun.request.path}`, { json: asked });
  await refuseLogin(http, begun, answer, inspection);
  const { auth_url: authUrl } = membersOf(membersOf(answer.body)['data']);
  if (typeof authUrl !== 'string' || authUrl === '')
    throw await withoutUrl(http, begun, redirectUri, answer, inspection);

  const { callbackUrl, claims } = (await signIn(authUrl)) ?? {};
  const { state, code } = readCallback(callbackUrl);
  const query = new URLSearchParams({ state, code, client_nonce: nonce });
  const path = `auth/${mount}/oidc/callback`;
  const token = async () => claims && { header: {}, claims, names: Object.keys(claims), repeated: undefined };
  const ended: VaultLoginTried = { ...begun, request: { method: 'GET', path }, token };
  const answered = await http.request('GET', `/v1/${path}?${query}`, { shownPath: `/v1/${path}` });
  return sessionOf(http, ended, answered, inspection);
}

/** What a callback brings Vault. @throws VaultproofError `sign_in_refused` with the provider's words */
function readCallback(callbackUrl: unknown): { readonly state: string; readonly code: string } {
  if (typeof callbackUrl !== 'string' || !URL.canParse(callbackUrl)) {
    throw new UsageError(
      '"signIn" must give { callbackUrl }, where the provider sent the browser, as issuer.signIn() does',
    );
  }
  const { searchParams: query } = new URL(callbackUrl);
  const [state, code, error] = ['state', 'code', 'error'].map((name) => query.get(name));
  if (error) {
    const said = [error, query.get('error_description') ?? []].flat().join(': ');
    throw new VaultproofError('sign_in_refused', `the provider refused the sign-in: ${said}`, { details: { error } });
  }
  if (state && code) return { state, code };
  const missing = state ? 'code' : 'state';
  throw new UsageError(
    `the callback URL of "signIn" has no "${missing}": give the whole URL that the browser was sent to`,
  );
}

/** Vault answers an empty URL for whatever is wrong, so that no one learns of the role. */
async function withoutUrl(
  http: HttpClient,
  { request, mount, role }: VaultLoginTried,
  found: string,
  { status }: HttpAnswer,
  { token }: ServerInspection,
): Promise<LoginRefusedError> {
  const read = reader(http, token);
  const config = await read(`auth/${mount}/config`);
  const known = await read(`auth/${mount}/role/${role ?? config?.['default_role']}`);
  const { role_type: type, allowed_redirect_uris: uris } = known ?? {};
  // Null where a role has none.
  const allowed = type === undefined ? undefined : Array.isArray(uris) ? uris.map(String) : [];
  const refused = { status, role, serverMessage: `${request.path} answered with an empty "auth_url"` };
  const isAllowed = allowed?.some((one) => isSameRedirect(one, found)) === true;
  if (allowed !== undefined && !isAllowed) {
    // A role for JWTs that has redirect URIs lets people in, too.
    const note = type === 'jwt' && allowed.length === 0 ? 'the role is for JWTs: its "role_type" is "jwt"' : undefined;
    return new LoginRefusedError({ ...refused, code: 'redirect_uri_not_allowed', expected: allowed, found, note });
  }
  const code = isAllowed ? 'key_set_unavailable' : 'login_refused';
  const note = isAllowed
    ? `Vault could not get the discovery document at "${config?.['oidc_discovery_url']}"`
    : 'Vault says this where the role does not allow the redirect URI, and where it cannot reach the provider';
  return new LoginRefusedError({ ...refused, code, note });
}

/** A port of this host's counts for nothing (RFC 8252, section 7.3). Case does to OpenBao, and Vault allows what differs by it. */
function isSameRedirect(allowed: string, found: string): boolean {
  const [one, other] = [allowed, found].map((uri) =>
    uri.replace(/^(https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])):\d+(?=[/?#]|$)/, '$1'),
  );
  return one === other;
}
