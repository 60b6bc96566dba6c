import { isRecord } from '../../internal/json.js';
import type { Json } from '../terraform-json/document.js';

/** Vault's, OpenBao's and Consul's words for keys that they could not fetch when they were configured. */
const NOT_FETCHED = /error checking (?:jwks ?url|oidc ?discovery ?url)/i;
const OF_THIS_HOST = ['localhost', '127.0.0.1', '[::1]', 'host.docker.internal'];

/**
 * What to do where a server could not fetch the keys of an auth method.
 * @param words the server's
 * @param type the resource's type, and its arguments as they are declared
 * @returns undefined for any other refusal
 */
export function keySourceAdvice(words: string, type: string, declared: Json): string | undefined {
  if (!NOT_FETCHED.test(words)) return undefined;
  const server = type.startsWith('consul_') ? 'env.consul' : 'env.vault';
  const { jwks, discovery } = sourcesOf(declared);
  if ([...jwks, ...discovery].some(isElsewhere)) {
    return `correct the cause; in a test, give \`jwksUrl: env.issuer.jwksUrlFor(${server})\``;
  }
  const [argument, method] = discovery.length > 0 ? ['oidcDiscoveryUrl', 'discoveryUrlFor'] : ['jwksUrl', 'jwksUrlFor'];
  return `check that the issuer is running; in a test, give \`${argument}: env.issuer.${method}(${server})\`, which is the URL as that server reaches it`;
}

function sourcesOf(declared: Json): { readonly jwks: readonly unknown[]; readonly discovery: readonly unknown[] } {
  const pairs = Array.isArray(declared['jwks_pairs']) ? declared['jwks_pairs'] : [];
  const config = configOf(declared);
  const jwks = [declared['jwks_url'], config['JWKSURL'], ...pairs.map((pair) => Object(pair).jwks_url)];
  const discovery = [declared['oidc_discovery_url'], config['OIDCDiscoveryURL']];
  return { jwks: jwks.filter(Boolean), discovery: discovery.filter(Boolean) };
}

function configOf({ config, config_json: json }: Json): Json {
  if (isRecord(config)) return config;
  try {
    return Object(JSON.parse(String(json))) as Json;
  } catch {
    return {};
  }
}

/** Whether a URL is another host's, such as a vendor's. */
function isElsewhere(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && !OF_THIS_HOST.includes(new URL(url).hostname);
}
