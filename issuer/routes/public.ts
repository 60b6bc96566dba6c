import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { getPath } from 'hono/utils/url';
import { REDIRECTED } from '../faults/fault.js';
import type { Fetches, Publisher } from '../faults/publication.js';
import { type Served, serveFault } from '../faults/serve-fault.js';
import { attackerKeys, LURE_PATH } from '../hostile/attacker.js';
import { notFound } from '../http/not-found.js';
import { send } from '../http/send.js';
import type { Issuer } from '../issuer.js';

/** Where the key set is, behind the issuer's URL. */
export const JWKS_PATH = '/.well-known/jwks.json';
export const DISCOVERY_PATH = '/.well-known/openid-configuration';
const OAUTH_METADATA_PATH = '/.well-known/oauth-authorization-server';
const JWKS_TYPE = 'application/jwk-set+json';

/** Further members of an issuer's metadata, for endpoints that it has. */
export type Announce = (issuer: Issuer) => Readonly<Record<string, unknown>>;

/**
 * The key set and the discovery documents: everything that a verifier needs, nothing that mints. Never cached, so that
 * a change of keys shows at once.
 * @param issuers by the path of their URLs, '' for the server's own
 * @param announce what the metadata says besides the issuer and its keys; default nothing
 * @param publishers where fetches are counted and faults come from, by issuer; default nowhere
 * @param otherwise what answers where no document is; default 404
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3 which has the issuer's path behind the well-known one
 */
export function publicRoutes(
  issuers: ReadonlyMap<string, Issuer>,
  announce: Announce = () => ({}),
  publishers: ReadonlyMap<Issuer, Publisher> = new Map(),
  otherwise: Hono['fetch'] = new Hono().notFound(notFound).fetch,
): Pick<Hono, 'fetch'> {
  const metadata = (issuer: Issuer): Served => json({ ...describe(issuer), ...announce(issuer) });
  const discovery: PublicDocument = { name: 'discovery', serve: metadata };
  const documents = new Map<string, PublicDocument>([
    [JWKS_PATH, { name: 'jwks', serve: keySet }],
    [DISCOVERY_PATH, discovery],
    [LURE_PATH, { name: 'lure', serve: lure }],
  ]);
  const fetch: Hono['fetch'] = async (request, env) => {
    const { method, url } = request;
    const found = find(getPath(request));
    if (!found) return otherwise(request, env);
    if (method !== 'GET' && method !== 'HEAD') {
      const refusal = { error: 'method_not_allowed', error_description: 'this takes GET, HEAD' };
      return Response.json(refusal, { status: 405, headers: { Allow: 'GET, HEAD', 'Cache-Control': 'no-store' } });
    }
    const { issuer, document } = found;
    const right = await document.serve(issuer);
    const fault =
      method === 'GET' ? publishers.get(issuer)?.fetched(document.name, url.endsWith(REDIRECTED)) : undefined;
    if (!fault) return send(env, right.body, right.headers);
    await serveFault(fault, right, (env as { outgoing: ServerResponse }).outgoing);
    return RESPONSE_ALREADY_SENT;
  };
  return { fetch };

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
  readonly serve: (issuer: Issuer) => Served | Promise<Served>;
}

/** What hostile tokens point to: the keys that signed them, for whoever can be lured. */
async function lure(): Promise<Served> {
  return json({ keys: (await attackerKeys()).map(({ publicJwk }) => publicJwk) }, JWKS_TYPE);
}

function keySet({ keys }: Issuer): Served {
  return json({ keys: keys.published().map(({ publicJwk }) => publicJwk) }, JWKS_TYPE);
}

function describe({ url, keys }: Issuer): object {
  return {
    issuer: url,
    jwks_uri: `${url}${JWKS_PATH}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(keys.published().map(({ alg }) => alg))],
  };
}

function json(document: object, type: string = 'application/json'): Served {
  return { body: JSON.stringify(document), headers: { 'Content-Type': type, 'Cache-Control': 'no-store' } };
}
