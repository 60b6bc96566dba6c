import { createPublicKey } from 'node:crypto';
import { httpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import type { Refusal } from './login-refused-error.js';
import { mistypedClaim, type Reading, type ReadToken } from './token-claims.js';

/** What a server verifies signatures with, as far as it is known. */
interface KnownKeys {
  /** The kids of the key sets; undefined for static keys, and where a key set could not be had. */
  readonly kids?: readonly (string | undefined)[] | undefined;
  /** Static public keys or certificates, in PEM. */
  readonly pems?: readonly string[] | undefined;
  /** The algorithms that the configuration names; none stands for all. */
  readonly algorithms?: readonly string[] | undefined;
}

/** A refusal's code with both sides. */
type Cause = Pick<Refusal, 'code' | 'claim' | 'expected' | 'found' | 'note'>;

/**
 * Why a signature was refused. Both servers have one sentence for several causes: with a key set, for a `kid` that it lacks
 * and for a signature that does not fit; with static keys, for an algorithm, a payload or a claim too. The header, the
 * payload and the configured keys tell them apart, and nothing is verified.
 */
export function signatureCause(token: ReadToken | undefined, keys: KnownKeys, reading: Reading): Cause {
  if (token === undefined) return { code: 'token_malformed' };
  const { kid = null } = token.header;
  return (
    (keys.pems === undefined ? unknownKey(kid, keys) : staticKeysCause(token, keys.pems, keys, reading)) ??
    unsupportedExtension(token) ?? { code: 'signature_invalid', found: kid, note: cutOff(token) }
  );
}

/** The lengths of signatures, in bytes: with RSA, that of the shortest key (RFC 7518, sections 3.3 to 3.5; RFC 8037, section 3.1). */
const SIGNATURE_BYTES: Readonly<Record<string, number>> = {
  ...{ ES256: 64, ES384: 96, ES512: 132, EdDSA: 64 },
  ...{ RS256: 256, RS384: 256, RS512: 256, PS256: 256, PS384: 256, PS512: 256 },
};

/** What a signature says that is too short for its algorithm. */
function cutOff({ header, signatureBytes }: ReadToken): string | undefined {
  const bytes = SIGNATURE_BYTES[String(header['alg'])];
  if (bytes === undefined || signatureBytes === undefined || signatureBytes >= bytes) return undefined;
  return `the signature has ${signatureBytes} bytes, and ${header['alg']} makes ${bytes}${bytes === 256 ? ' or more' : ''}: is the token cut off?`;
}

/** A token without a kid, or with an empty one, is held against every key. */
function unknownKey(kid: unknown, { kids }: KnownKeys): Cause | undefined {
  if (kids === undefined || kids.includes(kid as string)) return undefined;
  if (kids.length > 0 && (kid === null || kid === '')) return undefined;
  return { code: 'unknown_key', expected: kids, found: kid };
}

function staticKeysCause(
  token: ReadToken,
  pems: readonly string[],
  { algorithms = [] }: KnownKeys,
  reading: Reading,
): Cause | undefined {
  const { alg = null } = token.header;
  const verifiable = [...new Set(pems.flatMap(algorithmsOf))];
  if (verifiable.length > 0 && !verifiable.some((one) => one === alg)) {
    const named = verifiable.filter((one) => algorithms.length === 0 || algorithms.includes(one));
    return { code: 'algorithm_not_allowed', expected: named, found: alg };
  }
  if (token.repeated !== undefined) {
    return { code: 'token_malformed', note: `the payload has the member ${JSON.stringify(token.repeated)} twice` };
  }
  const mistyped = reading.names === 'exact' ? mistypedClaim(token, reading) : undefined;
  return mistyped && { code: 'claim_type_mismatch', ...mistyped };
}

/** A header parameter that must be understood (RFC 7515, section 4.1.11), and is not by go-jose, which knows `b64` alone. */
function unsupportedExtension({ header }: ReadToken): Cause | undefined {
  const { crit } = header;
  if (!Array.isArray(crit) || crit.every((name) => name === 'b64')) return undefined;
  return {
    code: 'token_malformed',
    expected: ['b64'],
    found: crit,
    note: 'the header parameter "crit" requires an extension that the server does not support',
  };
}

/** The algorithms that a key can verify (RFC 7518, section 3.1; RFC 8037, section 3.1). */
function algorithmsOf(pem: string): readonly string[] {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(pem);
    if (asymmetricKeyType === 'rsa') return ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
    if (asymmetricKeyType === 'ed25519') return ['EdDSA'];
    const curves: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
    const algorithm = curves[asymmetricKeyDetails?.namedCurve ?? ''];
    return algorithm === undefined ? [] : [algorithm];
  } catch {
    return [];
  }
}

/** A refusal waits for no more than this until it is explained. */
const LIMITS = { timeoutMs: 5_000, totalMs: 10_000 };

/** How a server reaches this host. */
export interface ReachedHost {
  /** The name that the server has for this host. */
  readonly name: string;
  /** The address by which this host reaches the same. */
  readonly address: string;
  /** What the server is served at the URL of another host, where something answers in its place; default the host is asked. */
  readonly documentAt?: ((url: string) => Promise<unknown>) | undefined;
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
  if (host?.documentAt && ![host.name, '127.0.0.1', 'localhost'].includes(reachable.hostname)) {
    const document = await host.documentAt(url);
    return isRecord(document) ? document : undefined;
  }
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
