import { type Environment, LoginRefusedError, VaultproofError } from 'vaultproof';
import type { Issuer, Publication, SigningAlgorithm, StartedIssuer } from 'vaultproof/issuer';
import { publicPem } from 'vaultproof/issuer/keys';

/** A login as both servers can have it. Vault needs a bound, so its role is for "vishpat" where there is no audience. */
export interface Method {
  readonly issuer: Issuer;
  /** Default a key set. */
  readonly keys?: 'a key set' | 'static keys' | 'discovery';
  readonly boundIssuer?: string;
  readonly audiences?: readonly string[];
  readonly algorithms?: readonly string[];
  /** As the API takes it. */
  readonly clockSkew?: unknown;
  /** How long its tokens are good for, as the API takes it. */
  readonly ttl?: string;
  /** Fields of Vault's role, besides. */
  readonly role?: object;
  /** Of Consul's binding rule; default none. */
  readonly selector?: string;
}

/** One of the two servers. */
export interface Side {
  /** An issuer that nobody has fetched anything of yet. */
  newIssuer(...algorithms: SigningAlgorithm[]): Promise<Issuer & Publication>;
  /** @returns its name, for the login */
  write(method: Method, name?: string): Promise<string>;
  /** @returns `let in`, or the code of the refusal in backquotes */
  login(name: string, jwt: string): Promise<string>;
  /** How long the token is good for. */
  lifetime(name: string, jwt: string): Promise<string>;
  /** Logs in by a bare request. @returns the status, and `JSON` or `text` */
  raw(name: string, jwt: string): Promise<string>;
}

/** Both servers of an environment. */
export function sidesOf(
  env: Pick<Environment, 'issuer' | 'vault' | 'consul'>,
): Readonly<Record<'vault' | 'consul', Side>> {
  return { vault: vaultSide(env), consul: consulSide(env) };
}

let count = 0;
const freeName = (): string => `method-${++count}`;

function newIssuerOf(host: StartedIssuer): Side['newIssuer'] {
  return (...algorithms) => host.addIssuer(`/issuer-${++count}`, algorithms.length > 0 ? { algorithms } : {});
}

function vaultSide({ vault, issuer: host }: Pick<Environment, 'issuer' | 'vault'>): Side {
  const mounted = new Set<string>();
  const login = (mount: string, jwt: string) => vault.login({ jwt, mount, role: 'reader' });
  return {
    newIssuer: newIssuerOf(host),
    write: async (method, name = freeName()) => {
      const { issuer, keys, boundIssuer, audiences, algorithms, clockSkew, ttl, role } = method;
      const source = {
        'a key set': { jwks_url: host.jwksUrlFor(vault, issuer) },
        'static keys': { jwt_validation_pubkeys: issuer.keys.published().map(publicPem) },
        discovery: { oidc_discovery_url: issuer.url },
      }[keys ?? 'a key set'];
      if (!mounted.has(name)) await vault.request('POST', `sys/auth/${name}`, { type: 'jwt' });
      mounted.add(name);
      await vault.request('POST', `auth/${name}/config`, {
        ...source,
        ...(boundIssuer !== undefined && { bound_issuer: boundIssuer }),
        ...(algorithms && { jwt_supported_algs: algorithms }),
      });
      await vault.request('POST', `auth/${name}/role/reader`, {
        role_type: 'jwt',
        user_claim: 'sub',
        ...(audiences ? { bound_audiences: audiences } : { bound_subject: 'vishpat' }),
        ...(clockSkew !== undefined && { clock_skew_leeway: clockSkew }),
        ...(ttl !== undefined && { token_ttl: ttl }),
        ...role,
      });
      return name;
    },
    login: (name, jwt) => verdict(login(name, jwt)),
    lifetime: async (name, jwt) => `${(await login(name, jwt)).ttlSeconds} s`,
    raw: (name, jwt) => post(`${vault.address}/v1/auth/${name}/login`, { role: 'reader', jwt }),
  };
}

function consulSide({ consul, issuer: host }: Pick<Environment, 'issuer' | 'consul'>): Side {
  const bound = new Set<string>();
  return {
    newIssuer: newIssuerOf(host),
    write: async (method, name = freeName()) => {
      const { issuer, keys, boundIssuer, audiences, algorithms, clockSkew, ttl, selector } = method;
      const source = {
        'a key set': { JWKSURL: host.jwksUrlFor(consul, issuer) },
        'static keys': { JWTValidationPubKeys: issuer.keys.published().map(publicPem) },
        discovery: { OIDCDiscoveryURL: issuer.url },
      }[keys ?? 'a key set'];
      await consul.request('PUT', 'acl/auth-method', {
        Name: name,
        Type: 'jwt',
        ...(ttl !== undefined && { MaxTokenTTL: ttl }),
        Config: {
          ...source,
          ClaimMappings: { sub: 'sub', team: 'team', level: 'level' },
          ...(boundIssuer !== undefined && { BoundIssuer: boundIssuer }),
          ...(audiences && { BoundAudiences: audiences }),
          ...(algorithms && { JWTSupportedAlgs: algorithms }),
          ...(clockSkew !== undefined && { ClockSkewLeeway: clockSkew }),
        },
      });
      const rule = { AuthMethod: name, BindType: 'service', BindName: 'web', Selector: selector ?? '' };
      if (!bound.has(name)) await consul.request('PUT', 'acl/binding-rule', rule);
      bound.add(name);
      return name;
    },
    login: (method, jwt) => verdict(consul.login({ jwt, method })),
    lifetime: async (method, jwt) => {
      const { expirationTime } = await consul.login({ jwt, method });
      return expirationTime === undefined ? 'for ever' : `until ${expirationTime.toISOString()}`;
    },
    raw: (name, jwt) => post(`${consul.address}/v1/acl/login`, { AuthMethod: name, BearerToken: jwt }),
  };
}

async function verdict(login: Promise<unknown>): Promise<string> {
  return login.then(
    () => 'let in',
    (error: unknown) => {
      if (error instanceof LoginRefusedError) return `\`${error.code}\``;
      throw error;
    },
  );
}

async function post(url: string, body: object): Promise<string> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  await answer.arrayBuffer();
  const kinds: Readonly<Record<string, string>> = { 'application/json': 'JSON', 'text/plain': 'text' };
  const [type = ''] = (answer.headers.get('content-type') ?? '').split(';');
  return `${answer.status}, ${kinds[type] ?? type}`;
}

/** `refused when written`, with the status, for a method that a server does not take. */
export function refusedWhenWritten(error: unknown): string {
  if (error instanceof VaultproofError && error.code === 'request_refused') {
    return `refused when written: ${String(error.details['status'])}`;
  }
  throw error;
}
