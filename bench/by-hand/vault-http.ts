import type { ExampleIssuer } from '../../stacks/examples/vault-login.js';
import { exampleProps } from '../../stacks/examples/vault-login.js';

/** Sends a request to Vault's API, without `/v1/` in the path, and returns the body of the answer. */
export type Send = (method: string, path: string, json?: unknown) => Promise<unknown>;

/** Keeps the bodies that are sent, by method and path. */
export function recording<Result>(
  sent: Map<string, unknown>,
  send: (method: string, path: string, json?: unknown) => Promise<Result>,
): (method: string, path: string, json?: unknown) => Promise<Result> {
  return (method, path, json) => {
    sent.set(`${method} ${path}`, json);
    return send(method, path, json);
  };
}

/** Sends these bodies instead: by hand one would send less in them, and what differs then is Vault's work, not ours. */
export function withBodies(sent: ReadonlyMap<string, unknown>, send: Send): Send {
  return (method, path, json) => send(method, path, sent.get(`${method} ${path}`) ?? json);
}

/** Requests by the global fetch, whose connections are kept. */
export function fetchFrom(address: string, token?: string): Send {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { 'x-vault-token': token }),
  };
  return async (method, path, json) => {
    const body = json === undefined ? null : JSON.stringify(json);
    const response = await fetch(`${address}/v1/${path}`, { method, headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`vault answered ${method} "${path}" with ${response.status}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

/**
 * Brings the bundled example about: what doesn't need each other is asked for at the same time.
 * @param readBack asks for the two mounts' accessors as well, as the provider and the direct provisioner do
 */
export async function applyByHand(send: Send, issuer: ExampleIssuer, readBack: boolean): Promise<void> {
  const {
    description,
    roles: [role],
    policies: [policy] = [],
  } = exampleProps(issuer);

  const mountJwt = async (): Promise<void> => {
    await send('POST', 'sys/auth/jwt', { type: 'jwt', description });
    await Promise.all([
      send('POST', 'auth/jwt/config', {
        jwks_url: issuer.jwksUrl,
        bound_issuer: issuer.boundIssuer,
        jwt_supported_algs: ['ES256', 'RS256'],
        default_role: role.roleName,
      }),
      readBack && send('GET', 'sys/auth/jwt'),
    ]);
  };
  const mountKv = async (): Promise<void> => {
    await send('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '1' }, config: {} });
    if (readBack) await send('GET', 'sys/mounts/kv');
  };
  const writeRole = (): Promise<unknown> =>
    send('POST', `auth/jwt/role/${role.roleName}`, {
      role_type: 'jwt',
      user_claim: 'sub',
      bound_audiences: role.boundAudiences,
      bound_subject: role.boundSubject,
      bound_claims: {},
      token_ttl: 900,
      token_max_ttl: 3600,
      token_policies: role.tokenPolicies,
    });
  await Promise.all([
    Promise.all([mountJwt(), send('PUT', `sys/policies/acl/${policy?.name}`, { policy: policy?.policy })]).then(
      writeRole,
    ),
    mountKv(),
  ]);
}

/** Logs in with a JWT and returns the Vault token. */
export async function loginByHand(send: Send, jwt: string): Promise<string> {
  const { auth } = (await send('POST', 'auth/jwt/login', { jwt })) as { auth: { client_token: string } };
  return auth.client_token;
}

/** The first auth mount of a new Vault waits for keys, see bench/first-secret.ts: this is it, and is gone afterwards. */
export async function firstAuthMount(send: Send): Promise<void> {
  await send('POST', 'sys/auth/bench-wait', { type: 'jwt' });
  await send('DELETE', 'sys/auth/bench-wait');
}
