import type { Allowances } from './allowances.js';

/** Addresses of this host, and the name that containers have for it. */
const OF_THIS_HOST = /^(?:localhost|[\w.-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\]|host\.docker\.internal)(?::\d*)?$/i;

/**
 * Where a URL leads without TLS, beyond this host: anyone who is on the way there can answer in its place. This host is
 * `localhost`, what ends in `.localhost`, 127.0.0.0/8, `[::1]`, and `host.docker.internal`, which is what a container calls it.
 * @returns such as `http://keys.example:8080`, without a password; undefined for any other URL, and where Terraform has yet to
 * fill the host in
 */
export function plainHttpOrigin(url: string): string | undefined {
  const authority = /^\s*http:\/\/([^/?#]*)/i.exec(url)?.[1];
  if (authority === undefined || authority.includes('${')) return undefined;
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return OF_THIS_HOST.test(host) ? undefined : `http://${host}`;
}

/** Where an auth method may fetch its keys. */
interface KeyUrls {
  readonly jwksUrl?: string;
  readonly oidcDiscoveryUrl?: string;
  readonly jwksPairs?: readonly { readonly jwksUrl: string }[];
  readonly allow?: Allowances;
}

/**
 * Refuses keys that are fetched so, unless there is a reason in `allow["keys-over-http"]`.
 * @param server whose auth method it is
 * @throws TypeError
 */
export function refusePlainHttp(server: 'Vault' | 'Consul', method: KeyUrls): void {
  const { jwksUrl = '', oidcDiscoveryUrl = '', jwksPairs = [], allow = {} } = method;
  if (allow['keys-over-http'] !== undefined) return;
  const urls = [jwksUrl, oidcDiscoveryUrl, ...jwksPairs.map((pair) => pair.jwksUrl)];
  const origin = urls.map(plainHttpOrigin).find((found) => found !== undefined);
  if (origin === undefined) return;
  throw new TypeError(
    `${server} would take its keys from "${origin}" without TLS, so that anyone on the way there can put in their own: ` +
      'write https://, or a reason in allow["keys-over-http"]',
  );
}
