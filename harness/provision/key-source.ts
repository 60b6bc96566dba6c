import type { ErrorCode } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import type { Json } from '../terraform-json/document.js';

/** Vault's, OpenBao's and Consul's words for keys that they could not fetch when they were configured. */
const NOT_FETCHED = /error checking (?:jwks ?url|oidc ?discovery ?url)/i;
const OF_THIS_HOST = ['localhost', '127.0.0.1', '[::1]', 'host.docker.internal'];

const REFUSED_BY_PROXY = /"([^"\s]+?)(?::443)?" is not impersonated/;

/** What is known of a server that could not fetch the keys of an auth method. */
export interface KeySourceFailure {
  readonly advice: string;
  /** Default what the server's answer stands for. */
  readonly code?: ErrorCode;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * What to do where a server could not fetch the keys of an auth method.
 * @param words the server's
 * @param type the resource's type, and its arguments as they are declared
 * @returns undefined for any other refusal
 */
export function keySourceFailure(words: string, type: string, declared: Json): KeySourceFailure | undefined {
  if (!NOT_FETCHED.test(words)) return undefined;
  const [, refused] = REFUSED_BY_PROXY.exec(words.replaceAll('\\"', '"')) ?? [];
  if (refused !== undefined) {
    return {
      code: 'host_not_impersonated',
      advice: `no issuer answers for "${refused}", and with "impersonate" servers reach no other host: name the issuer's URL there, or call \`env.impersonate(url)\` first`,
      details: { host: refused },
    };
  }
  const server = type.startsWith('consul_') ? 'env.consul' : 'env.vault';
  const { jwks, discovery } = sourcesOf(declared);
  const elsewhere = [...jwks, ...discovery].find(isElsewhere);
  const pinned = pinnedCaOf(declared);
  if (elsewhere !== undefined && pinned !== undefined && /x509: /.test(words)) {
    return {
      code: 'vendor_ca_pinned',
      advice: `"${pinned}" pins a CA that did not sign what answers for "${elsewhere}": correct it; in a test that impersonates it, make it a variable, and give \`env.proxy.caPem\` or nothing`,
      details: { argument: pinned },
    };
  }
  if (elsewhere !== undefined) {
    return {
      advice: `correct the cause; in a test, give \`jwksUrl: env.issuer.jwksUrlFor(${server})\`, or have that URL served with \`impersonate\``,
      details: { url: discovery.find(isElsewhere) ?? new URL(String(elsewhere)).origin },
    };
  }
  const [argument, method] = discovery.length > 0 ? ['oidcDiscoveryUrl', 'discoveryUrlFor'] : ['jwksUrl', 'jwksUrlFor'];
  return {
    advice: `check that the issuer is running; in a test, give \`${argument}: env.issuer.${method}(${server})\`, which is the URL as that server reaches it`,
  };
}

function sourcesOf(declared: Json): { readonly jwks: readonly unknown[]; readonly discovery: readonly unknown[] } {
  const pairs = Array.isArray(declared['jwks_pairs']) ? declared['jwks_pairs'] : [];
  const config = configOf(declared);
  const jwks = [declared['jwks_url'], config['JWKSURL'], ...pairs.map((pair) => Object(pair).jwks_url)];
  const discovery = [declared['oidc_discovery_url'], config['OIDCDiscoveryURL']];
  return { jwks: jwks.filter(Boolean), discovery: discovery.filter(Boolean) };
}

/** The argument that names a CA for the keys' host. */
function pinnedCaOf(declared: Json): string | undefined {
  const inConfig = Object.entries(configOf(declared)).filter(([name]) => /^(?:JWKS|OIDCDiscovery)CACert$/.test(name));
  const own = Object.entries(declared).filter(([name]) => /^(?:jwks|oidc_discovery)_ca_pem$/.test(name));
  return [...own, ...inConfig].find(([, value]) => Boolean(value))?.[0];
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
