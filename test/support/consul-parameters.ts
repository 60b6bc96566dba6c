import type { Environment } from 'vaultproof';
import type { TokenClaims } from 'vaultproof/issuer';
import { publicPem } from 'vaultproof/issuer/keys';

/** Where Consul has the keys from: each is a mode of its own. */
export const modes = ['static keys', 'a key set', 'discovery'] as const;
export type Mode = (typeof modes)[number];

/** The modes in which Consul checks claims itself; in discovery a library for OpenID Connect does. */
export const plainModes = ['static keys', 'a key set'] as const;

/** A binding rule as Consul's API has it, without its auth method. */
export interface BindingRule {
  readonly BindType: string;
  readonly BindName: string;
  readonly Selector?: string;
}

/** Auth methods that differ in one parameter, at one Consul. */
export interface ConsulParameters {
  /** The fields of `Config` that give Consul the issuer's keys. */
  keys(mode: Mode): object;
  /**
   * Writes an auth method of type jwt with this `Config`.
   * @param fields those beside `Config`
   * @param rules default one that lets in every subject that was verified, as the service `web`
   * @returns its name
   */
  method(config: object, fields?: object, rules?: readonly BindingRule[]): Promise<string>;
  /** Signs a token about "vishpat" with no `aud`, unless told otherwise. */
  sign(claims?: Partial<TokenClaims>): Promise<string>;
  /** Logs in and out. @returns `let in`, or the error */
  answer(method: string, jwt: string): Promise<unknown>;
  /** The same. @returns the services that the rules bound, or the error */
  services(method: string, jwt: string): Promise<unknown>;
}

/**
 * For tests that share one environment, each with auth methods of its own.
 * @param environment asked when a test runs, since it is there only then
 */
export function consulParameters(environment: () => Pick<Environment, 'consul' | 'issuer'>): ConsulParameters {
  let count = 0;
  const services: ConsulParameters['services'] = (method, jwt) =>
    environment()
      .consul.login({ jwt, method })
      .then(
        async (session) => {
          await session.logout();
          return session.serviceIdentities.map(({ serviceName }) => serviceName).sort();
        },
        (error: unknown) => error,
      );
  return {
    keys: (mode) => {
      const { issuer, consul } = environment();
      if (mode === 'discovery') return { OIDCDiscoveryURL: issuer.url };
      if (mode === 'a key set') return { JWKSURL: issuer.jwksUrlFor(consul) };
      return { JWTValidationPubKeys: issuer.keys.published().map(publicPem) };
    },
    method: async (Config, fields = {}, rules = [{ BindType: 'service', BindName: 'web' }]) => {
      const Name = `method-${++count}`;
      const { consul } = environment();
      await consul.request('PUT', 'acl/auth-method', { Name, Type: 'jwt', MaxTokenTTL: '5m', ...fields, Config });
      for (const rule of rules) await consul.request('PUT', 'acl/binding-rule', { AuthMethod: Name, ...rule });
      return Name;
    },
    sign: (claims = {}) => environment().issuer.sign({ sub: 'vishpat', aud: null, ...claims }),
    answer: async (method, jwt) => {
      const bound = await services(method, jwt);
      return Array.isArray(bound) ? 'let in' : bound;
    },
    services,
  };
}
