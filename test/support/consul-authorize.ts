import { type Environment, httpClient } from 'vaultproof';
import type { ConsulAccessRequest } from 'vaultproof/access';

/** Logs in at the auth method `ci` with these claims, and asks Consul whether the token may do something. */
export async function mayInConsul(
  { consul, issuer }: Environment,
  claims: object,
  { resource, segment = '', access }: ConsulAccessRequest,
): Promise<boolean> {
  const jwt = await issuer.sign({ sub: 'me', aud: 'consul', ...claims });
  const session = await consul.login({ jwt, method: 'ci' });
  const http = httpClient(consul.address);
  const { body } = await http.request('POST', '/v1/internal/acl/authorize', {
    headers: { 'x-consul-token': session.token },
    json: [{ Resource: resource, Segment: segment, Access: access }],
  });
  http.close();
  return (body as readonly { readonly Allow: boolean }[])[0]?.Allow === true;
}
