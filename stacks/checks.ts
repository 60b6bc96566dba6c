/**
 * What is meant although a stack refuses it, or `vaultproof lint` finds it: by its code, with the reason for each; default
 * none.
 */
export type Allowances = Readonly<Record<string, string>>;

/** Writes allowances where lints find them: into a comment of a resource of cdktf's, which Terraform passes over. */
export function permit(resource: { addOverride(path: string, value: Allowances): void }, allow: Allowances = {}): void {
  if (Object.keys(allow).length > 0) resource.addOverride('//.vaultproof.allow', allow);
}

/** Text as it is: Terraform reads "${" and "%{" as its own. What cdktf itself put in stays. */
export function escaped(text: string): string {
  return text.replace(/\$\{(?!TfToken\[)/g, '$$$${').replace(/%\{/g, '%%{');
}

/**
 * Whatever is declared is in the synthesised JSON and in Terraform's state.
 * @throws TypeError for a private key or a URL with a password; the message has no part of it
 */
export function refuseSecrets(props: object): void {
  for (const [name, value] of Object.entries(props) as [string, unknown][]) {
    const text = JSON.stringify(value) ?? '';
    if (/PRIVATE KEY/.test(text)) {
      throw new TypeError(`"${name}" contains a private key, which would be stored in the state: give the public key`);
    }
    if (/"https?:\/\/[^/"@\s]*:[^/"@\s]*@/.test(text)) {
      throw new TypeError(`"${name}" contains a URL with a password, which would be stored in the state: leave it out`);
    }
  }
}

/**
 * Refuses names that a server or Terraform would not keep apart.
 * @param server `Vault` or `Consul`, for the message
 * @param plural such as `roles`
 * @throws TypeError for a name that is there twice, be it with other capitals, of which both servers take no notice
 */
export function refuseTwice(server: string, plural: string, names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) throw new TypeError(twice(server, plural, other, name));
    seen.set(name.toLowerCase(), name);
  }
}

function twice(server: string, plural: string, name: string, other: string): string {
  if (name === other) return `two ${plural} have the name "${name}": give each a name of its own`;
  return `the ${plural} "${name}" and "${other}" are the same to ${server}, which ignores case: rename one`;
}

/** The names of Consul's services and nodes. */
export const identityName = /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/;
const LONGEST_NAME = 256;

/** Whether Consul takes a name: of this pattern, and not too long. */
export function isConsulName(pattern: RegExp, name: string): boolean {
  return pattern.test(name) && name.length <= LONGEST_NAME;
}

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
    `${server} would fetch its keys from "${origin}" without TLS, so anyone on the network path can replace them: ` +
      'use https://, or give a reason in allow["keys-over-http"]',
  );
}
