import { httpClient, type StartedConsul } from 'vaultproof';

/** What Consul answered to a login: the token, or its words. */
export type ConsulLogin =
  | { readonly status: 200; readonly accessorId: string; readonly secretId: string }
  | { readonly status: number; readonly message: string };

/** Plain calls to Consul's ACL API, with its management token. */
export interface ConsulAcl {
  /** @throws Error with Consul's words when it doesn't answer 200 */
  put(path: string, json: object): Promise<unknown>;
  /** Writes an auth method of type jwt, and says what became of it; `Config` as Consul has it. */
  writeMethod(name: string, config: object): Promise<{ readonly status: number; readonly message: string }>;
  login(method: string, jwt: string): Promise<ConsulLogin>;
  close(): void;
}

/** A client of a Consul's ACLs. */
export function consulAcl({ address, token }: Pick<StartedConsul, 'address' | 'token'>): ConsulAcl {
  const client = httpClient(address);
  const headers = { 'x-consul-token': token };
  const put: ConsulAcl['put'] = async (path, json) => {
    const { status, body } = await client.request('PUT', path, { headers, json });
    if (status !== 200) throw new Error(`PUT "${path}" answered ${status}: ${String(body)}`);
    return body;
  };
  return {
    put,
    writeMethod: async (name, config) => {
      const json = { Name: name, Type: 'jwt', MaxTokenTTL: '5m', Config: config };
      const { status, body } = await client.request('PUT', '/v1/acl/auth-method', { headers, json });
      return { status, message: status === 200 ? '' : String(body) };
    },
    login: async (method, jwt) => {
      const json = { AuthMethod: method, BearerToken: jwt };
      const { status, body } = await client.request('POST', '/v1/acl/login', { json });
      if (status !== 200) return { status, message: String(body) };
      const { AccessorID, SecretID } = body as { AccessorID: string; SecretID: string };
      return { status: 200, accessorId: AccessorID, secretId: SecretID };
    },
    close: () => client.close(),
  };
}

/**
 * Mounts a JWT login for one subject by hand: an auth method with `sub` as `value.sub`, and a rule that gives that subject
 * a policy.
 * @throws Error with Consul's words
 */
export async function mountConsulJwt(acl: ConsulAcl, name: string, sub: string, config: object): Promise<void> {
  const { status, message } = await acl.writeMethod(name, { ClaimMappings: { sub: 'sub' }, ...config });
  if (status !== 200) throw new Error(`the auth method "${name}" was refused: ${message}`);
  await acl.put('/v1/acl/policy', { Name: `${name}-reader`, Rules: 'key_prefix "app/" { policy = "read" }' });
  await acl.put('/v1/acl/binding-rule', {
    AuthMethod: name,
    BindType: 'policy',
    BindName: `${name}-reader`,
    Selector: `value.sub == "${sub}"`,
  });
}
