import { httpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';

/** A refusal waits for no more than this until it is explained. */
const LIMITS = { timeoutMs: 5_000, totalMs: 10_000 };

/** How a server reaches this host. */
export interface ReachedHost {
  /** The name that the server has for this host. */
  readonly name: string;
  /** The address by which this host reaches the same. */
  readonly address: string;
}

interface Source {
  readonly url: unknown;
  readonly ca: unknown;
}

/**
 * The kids of the keys that an auth method verifies with, as far as they can be fetched from here.
 * @param config `auth/<mount>/config`
 * @param host default the config's URLs are taken as they are
 * @returns undefined for static keys, and where a key set could not be had
 */
export async function fetchKeyIds(
  config: Readonly<Record<string, unknown>>,
  host?: ReachedHost,
): Promise<(string | undefined)[] | undefined> {
  const discovery = { url: config['oidc_discovery_url'], ca: config['oidc_discovery_ca_pem'] };
  const sources = isText(discovery.url) ? [await keySetOf(discovery, host)] : keySets(config);
  const kids = await Promise.all(sources.map((source) => fetchKids(source, host)));
  if (kids.length === 0 || kids.includes(undefined)) return undefined;
  return kids.flatMap((known) => known ?? []);
}

function keySets(config: Readonly<Record<string, unknown>>): Source[] {
  if (isText(config['jwks_url'])) return [{ url: config['jwks_url'], ca: config['jwks_ca_pem'] }];
  const pairs = Array.isArray(config['jwks_pairs']) ? config['jwks_pairs'].filter(isRecord) : [];
  return pairs.map((pair) => ({ url: pair['jwks_url'], ca: pair['jwks_ca_pem'] }));
}

async function keySetOf(discovery: Source, host: ReachedHost | undefined): Promise<Source> {
  const url = `${String(discovery.url).replace(/\/$/, '')}/.well-known/openid-configuration`;
  const document = await fetchObject({ ...discovery, url }, host);
  return { url: document?.['jwks_uri'], ca: discovery.ca };
}

async function fetchKids(source: Source, host: ReachedHost | undefined): Promise<(string | undefined)[] | undefined> {
  const keys = (await fetchObject(source, host))?.['keys'];
  if (!Array.isArray(keys)) return undefined;
  return keys.map((key: unknown) => (isRecord(key) && typeof key['kid'] === 'string' ? key['kid'] : undefined));
}

async function fetchObject(
  { url, ca }: Source,
  host: ReachedHost | undefined,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (!isText(url) || !URL.canParse(url)) return undefined;
  const reachable = new URL(url);
  if (reachable.hostname === host?.name) reachable.hostname = host.address;
  const { origin, pathname, search } = reachable;
  const client = httpClient(origin, { ...LIMITS, ...(isText(ca) ? { ca } : {}) });
  try {
    const { body } = await client.request('GET', pathname + search);
    return isRecord(body) ? body : undefined;
  } catch {
    return undefined;
  } finally {
    client.close();
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
