import type { ErrorCode } from '../../../errors/index.js';

/** The claims of a token, as they stand in it. */
export type Claims = Readonly<Record<string, unknown>>;

/** What a role of a JWT auth method asks of a token, with what its auth method does. */
export interface VaultLoginRole {
  /** `oidc` for a login in a browser, which also takes a redirect URI that the role allows; default `jwt`. */
  readonly flow?: 'jwt' | 'oidc' | undefined;
  /** The method's, for JWTs alone; default any issuer. */
  readonly boundIssuer?: string | undefined;
  /** One of them must be among the token's; without any, a JWT that has an audience is refused. */
  readonly boundAudiences?: readonly string[] | undefined;
  readonly boundSubject?: string | undefined;
  /** A value, or a list of which one must match, by the claim's name or JSON pointer. */
  readonly boundClaims?: Readonly<Record<string, unknown>> | undefined;
  /** `glob` where `*` in bound claims stands for any characters; default `string`, it does not. */
  readonly boundClaimsType?: string | undefined;
  /** Default `sub`. */
  readonly userClaim?: string | undefined;
  /** True where a user claim that begins with `/` is a JSON pointer; default false. */
  readonly userClaimJsonPointer?: boolean | object | undefined;
  readonly groupsClaim?: string | undefined;
  /** Names of the alias's metadata by claims. */
  readonly claimMappings?: Readonly<Record<string, string>> | undefined;
  /** The addresses that may log in, in CIDR notation; default all. */
  readonly tokenBoundCidrs?: readonly string[] | undefined;
  /** `oidc` refuses JWTs; default `jwt`. */
  readonly roleType?: 'jwt' | 'oidc' | undefined;
  /** The method's: without one, no one logs in by a browser; with one, Vault refuses JWTs; default none. */
  readonly oidcClient?: OidcClient | undefined;
}

/** A client of an OpenID provider. */
export interface OidcClient {
  /** The method's `oidc_client_id`; default any. */
  readonly id?: string | undefined;
  /** The method's `oidc_discovery_url`, which is the issuer; default any. */
  readonly discoveryUrl?: string | undefined;
}

/** Whether a token would log in, with whom it is then, or why not. */
export type LoginVerdict =
  | { readonly in: true; readonly identity: LoginIdentity }
  | {
      readonly in: false;
      /** Vault says the first; of several bound claims a random one. */
      readonly refusals: readonly [LoginRefusal, ...LoginRefusal[]];
    };

/** Who a token is to Vault. */
export interface LoginIdentity {
  /** The alias's name: the user claim's value. */
  readonly alias: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The groups that the token names. */
  readonly groups: readonly string[];
}

/** A check that a token does not pass. */
export interface LoginRefusal {
  /** As a refused login has it. */
  readonly code: ErrorCode;
  readonly claim?: string | undefined;
  readonly expected?: unknown;
  readonly found?: unknown;
}
