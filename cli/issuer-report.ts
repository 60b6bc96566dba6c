import type { AdminAccess, StartedIssuer } from '../issuer/index.js';

/** What `issuer --json` prints. */
export interface IssuerReport {
  /** The `iss` of the tokens. */
  readonly url: string;
  readonly jwksUrl: string;
  readonly discoveryUrl: string;
  /** Every URL that serves all of it, the issuer's own first. */
  readonly listeners: readonly string[];
  /** Where tokens are to be had, by dialect. */
  readonly endpoints: Readonly<Record<'token' | 'getToken' | 'authToken' | 'authJwks', string>> & {
    /** Any token; absent where `--users` is given and `--sign` is not. */
    readonly sign?: string;
    /** App Mesh's login, absent where it has no users. */
    readonly appMeshLogin?: string;
    /** Its check, likewise. */
    readonly appMeshAuth?: string;
  };
  /** The admin API, without a token that came from a file; absent unless it was asked for. */
  readonly admin?: Pick<AdminAccess, 'url'> & Partial<AdminAccess>;
  /** The CA of the listeners over https, PEM; absent without such listeners. */
  readonly ca?: string;
}

/** Where an issuer listens, and what it serves there. */
export function describeIssuer(
  { url, jwksUrl }: StartedIssuer,
  listeners: readonly string[],
  has: { readonly sign: boolean; readonly users: boolean },
): Omit<IssuerReport, 'admin' | 'ca'> {
  const serving = (port: number): string => listeners.find((listener) => listener.endsWith(`:${port}`)) ?? url;
  return {
    url,
    jwksUrl,
    discoveryUrl: `${url}/.well-known/openid-configuration`,
    listeners,
    endpoints: {
      token: `${url}/token`,
      ...(has.sign && { sign: `${url}/sign` }),
      getToken: `${serving(5_000)}/get_token`,
      authToken: `${serving(8_080)}/auth/token`,
      authJwks: `${serving(8_080)}/auth/jwks`,
      ...(has.users && {
        appMeshLogin: `${serving(6_060)}/appmesh/login`,
        appMeshAuth: `${serving(6_060)}/appmesh/auth`,
      }),
    },
  };
}

/** The report in lines. */
export function reportLines({ url, jwksUrl, discoveryUrl, listeners, endpoints, admin }: IssuerReport): string[] {
  const row = (name: string, value: string): string => `${name.padEnd(12)} ${value}`;
  return [
    row('issuer', url),
    ...listeners.slice(1).map((listener) => row('also on', listener)),
    row('key set', jwksUrl),
    row('discovery', discoveryUrl),
    row('page', `${url}/`),
    row('token', `POST ${endpoints.token}`),
    ...(endpoints.sign === undefined ? [] : [row('sign', `POST ${endpoints.sign}`)]),
    row('get_token', `POST ${endpoints.getToken}`),
    row('auth/token', `POST ${endpoints.authToken}`),
    row('auth/jwks', endpoints.authJwks),
    ...(endpoints.appMeshLogin === undefined ? [] : [row('appmesh', `POST ${endpoints.appMeshLogin}`)]),
    ...(endpoints.appMeshAuth === undefined ? [] : [row('', `POST ${endpoints.appMeshAuth}`)]),
    ...(admin ? [row('admin', admin.url)] : []),
    ...(admin?.token === undefined ? [] : [row('admin token', admin.token)]),
  ];
}
