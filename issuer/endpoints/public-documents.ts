import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Fault, REDIRECTED } from '../faults/named-faults.js';
import { type Fetches, type Publisher, serveFault } from '../faults/publication.js';
import { attackerKeys, LURE_PATH } from '../hostile/attacker.js';
import type { ServeIfMine } from '../http/listen.js';
import { type Content, send } from '../http/send.js';
import type { Issuer } from '../issuer.js';
import { openidMetadata } from './openid.js';

/** Where the key set is, behind the issuer's URL. */
export const JWKS_PATH = '/.well-known/jwks.json';
export const DISCOVERY_PATH = '/.well-known/openid-configuration';
const OAUTH_METADATA_PATH = '/.well-known/oauth-authorization-server';
const JWKS_TYPE = 'application/jwk-set+json';

/** Further members of an issuer's metadata, for endpoints that it has. */
export type Announce = (issuer: Issuer) => Readonly<Record<string, unknown>>;

/**
 * The key set and the discovery documents: everything that a verifier needs, nothing that mints. Never cached, so that
 * a change of keys shows at once. They go past the framework, which costs more than serving them does.
 * @param issuers by the path of their URLs, '' for the server's own
 * @param announce what the metadata says besides the issuer and its keys
 * @param publishers where fetches are counted and faults come from, by issuer
 * @param urlAt an issuer's URL for a request with this `Host` header: a discovery document must name the URL that it was
 * fetched by
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3 which has the issuer's path behind the well-known one
 */
export function publicDocuments(
  issuers: ReadonlyMap<string, Issuer>,
  announce: Announce,
  publishers: ReadonlyMap<Issuer, Publisher>,
  urlAt: (issuer: Issuer, host: string | undefined) => string,
): ServeIfMine {
  const metadata = async (issuer: Issuer, host?: string): Promise<Content> => {
    const url = urlAt(issuer, host);
    // Elsewhere than on loopback there are no further endpoints.
    return json({ ...describe(issuer, url), ...(url === issuer.url && announce(issuer)) });
  };
  const discovery: PublicDocument = { name: 'discovery', serve: metadata };
  const documents = new Map<string, PublicDocument>([
    [JWKS_PATH, { name: 'jwks', serve: keySet }],
    [DISCOVERY_PATH, discovery],
    [LURE_PATH, { name: 'lure', serve: lure }],
  ]);
  return (incoming, outgoing) => {
    const { path, redirected } = targetOf(incoming);
    const found = find(path);
    if (!found) return false;
    const { issuer, document } = found;
    serveDocument(incoming, outgoing, {
      right: () => document.serve(issuer, incoming.headers.host),
      fault: () => publishers.get(issuer)?.fetched(document.name, redirected),
    });
    return true;
  };

  function find(path: string): { issuer: Issuer; document: PublicDocument } | undefined {
    for (const [suffix, document] of documents) {
      const issuer = path.endsWith(suffix) ? issuers.get(path.slice(0, -suffix.length)) : undefined;
      if (issuer) return { issuer, document };
    }
    const issuer = path.startsWith(OAUTH_METADATA_PATH) && issuers.get(path.slice(OAUTH_METADATA_PATH.length));
    return issuer ? { issuer, document: discovery } : undefined;
  }
}

interface PublicDocument {
  readonly name: keyof Fetches;
  readonly serve: (issuer: Issuer, host: string | undefined) => Content | Promise<Content>;
}

/** Answers a request for a document: counted, and with the fault that there is, where it is a GET. */
export function serveDocument(
  { method }: IncomingMessage,
  outgoing: ServerResponse,
  document: { readonly right: () => Content | Promise<Content>; readonly fault: () => Fault | undefined },
): void {
  if (method !== 'GET' && method !== 'HEAD') {
    const refusal = { error: 'method_not_allowed', error_description: 'this takes GET, HEAD' };
    send(outgoing, json(refusal, 'application/json', { Allow: 'GET, HEAD' }), 405);
    return;
  }
  const fault = method === 'GET' ? document.fault() : undefined;
  const right = document.right();
  if (!fault && !(right instanceof Promise)) send(outgoing, right);
  else void serveSlowly(right, fault, outgoing);
}

/** A request's target, which may also be a whole URL (RFC 9112, section 3.2.2). */
export function targetOf({ url = '' }: IncomingMessage): { path: string; redirected: boolean } {
  const redirected = url.endsWith(REDIRECTED);
  if (!url.startsWith('/')) return { path: URL.canParse(url) ? new URL(url).pathname : '', redirected };
  const query = url.indexOf('?');
  return { path: query < 0 ? url : url.slice(0, query), redirected };
}

async function serveSlowly(
  right: Content | Promise<Content>,
  fault: Fault | undefined,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    if (fault) await serveFault(fault, await right, outgoing);
    else send(outgoing, await right);
  } catch {
    if (outgoing.headersSent) outgoing.destroy();
    else send(outgoing, json({ error: 'server_error', error_description: 'the issuer failed' }), 500);
  }
}

/** Serves the attacker keys that hostile tokens' headers point to. */
async function lure(): Promise<Content> {
  return json({ keys: (await attackerKeys()).map(({ publicJwk }) => publicJwk) }, JWKS_TYPE);
}

/** The key set of an issuer. */
export function keySet({ keys }: Pick<Issuer, 'keys'>): Content {
  return json({ keys: keys.published().map(({ publicJwk }) => publicJwk) }, JWKS_TYPE);
}

/** What an issuer's metadata has always. */
export function describe({ keys }: Pick<Issuer, 'keys'>, url: string, jwksUri = `${url}${JWKS_PATH}`): object {
  return {
    issuer: url,
    jwks_uri: jwksUri,
    ...openidMetadata(url),
    subject_types_supported: ['public'],
    // RS256 must be among them (OpenID Connect Discovery, section 3): a key for it is made when someone signs in.
    id_token_signing_alg_values_supported: [...new Set([...keys.published().map(({ alg }) => alg), 'RS256'])],
  };
}

/** An object as JSON that no cache keeps. */
export function json(document: object, type = 'application/json', headers: Content['headers'] = {}): Content {
  return { body: JSON.stringify(document), headers: { 'Content-Type': type, 'Cache-Control': 'no-store', ...headers } };
}
