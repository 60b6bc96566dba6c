import type { HttpClient } from '../../internal/http-client.js';
import { importInTurn } from '../../internal/import-in-turn.js';
import { isRecord } from '../../internal/json.js';
import type { AccessDifference, DeclaredLogin } from '../access/index.js';
import { LoginRefusedError } from '../login/login-refused-error.js';
import type { StartedVault } from '../servers/vault-handle.js';
import { type WitnessSigner, witnessAlgorithms } from './side.js';
import { mountOf } from './vault-paths.js';

/** Where a browser comes back to in logins by the OIDC flow. */
export const REDIRECT_URI = 'http://localhost/callback';

/**
 * Where an auth method gets its keys, and whose client it is: the provider stands for that of the declaration.
 * @param logins all that there are at the method
 */
export async function methodConfig(
  logins: readonly DeclaredLogin[],
  vault: StartedVault,
  signer: WitnessSigner,
): Promise<Readonly<Record<string, unknown>>> {
  const boundIssuer = logins[0]?.bounds.boundIssuer ?? '';
  const { oidcClient, boundAudiences = [] } =
    logins.find(({ bounds }) => bounds.oidcClient !== undefined)?.bounds ?? {};
  if (oidcClient === undefined) return { jwt_validation_pubkeys: [signer.pem], bound_issuer: boundIssuer };
  return {
    oidc_discovery_url: await signer.providerFor(vault),
    // One that is not known is the one that ID tokens have to be for.
    oidc_client_id: oidcClient.id ?? boundAudiences[0] ?? 'any',
    oidc_client_secret: 'any',
    bound_issuer: boundIssuer,
    jwt_supported_algs: witnessAlgorithms,
  };
}

/** The Vault token of a login; undefined where it is refused. */
export async function logIn(
  http: HttpClient,
  login: DeclaredLogin,
  witness: AccessDifference['witness'],
  signer: WitnessSigner,
): Promise<string | undefined> {
  if (login.bounds.flow === 'oidc') return logInByBrowser(http, login, witness, signer);
  const jwt = await signer.sign(witness.claims);
  const { body } = await http.request('POST', `/v1/${mountOf(login)}/login`, { json: { jwt, role: login.role } });
  const auth = isRecord(body) ? body['auth'] : undefined;
  return isRecord(auth) && typeof auth['client_token'] === 'string' ? auth['client_token'] : undefined;
}

/** The same by the OIDC flow: the provider says what the declared one would say. */
async function logInByBrowser(
  http: HttpClient,
  { mount, namespace, role, bounds: { oidcClient } }: DeclaredLogin,
  { claims: { iss, ...claims } }: AccessDifference['witness'],
  { signIn }: WitnessSigner,
): Promise<string | undefined> {
  const isOfOther = iss !== undefined && oidcClient?.discoveryUrl !== undefined && iss !== oidcClient.discoveryUrl;
  if (isOfOther) return undefined;
  const { oidcLogin } = await importInTurn(() => import('../login/oidc-login.js'));
  try {
    const session = await oidcLogin(http, {
      ...{ mount, namespace, role, redirectUri: REDIRECT_URI },
      signIn: (authUrl) => signIn(authUrl, { ...claims, sub: String(claims['sub']) }),
    });
    return session.token;
  } catch (error) {
    if (error instanceof LoginRefusedError) return undefined;
    throw error;
  }
}
