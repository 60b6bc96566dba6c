import { Hono } from 'hono';
import { once } from '../../internal/once.js';
import { printedAs } from '../../internal/printable.js';
import { isOpenidPath, openidRoutes } from '../endpoints/openid.js';
import { DISCOVERY_PATH, describe, json, keySet, serveDocument, targetOf } from '../endpoints/public-documents.js';
import { type Fetches, type InitialFaults, type Publication, publisher } from '../faults/publication.js';
import { requestListener, type ServeIfMine } from '../http/listen.js';
import type { Content } from '../http/send.js';
import { createIssuer, describeIssuer, type Issuer, type IssuerSetup } from '../issuer.js';
import type { HostIdentity } from '../tls/authority.js';
import { type TlsFaultName, type TlsFaultSwitch, type TlsFaults, tlsFaultSwitch } from '../tls/tls-fault.js';
import type { JwksUris } from './jwks-uri.js';

/** What an issuer that answers for a vendor's URL begins with. */
export interface VendorSetup extends IssuerSetup {
  /** Where its key set is; default the vendor's own path, or each known vendor's where the URL is not a known one. */
  readonly jwksUri?: string;
  /** Faults to begin with, by document; default none. */
  readonly faults?: InitialFaults;
  /** A fault of the connections to begin with; default none. */
  readonly tlsFault?: TlsFaultName;
}

/** An issuer that answers for a vendor's URL: `url` is the vendor's; keys, faults and counts are its own. */
export interface VendorIssuer extends Issuer, Publication {
  /** Where its key set is, at the vendor's host. */
  readonly jwksUri: string;
  /** Faults of the connections to its hosts, such as an expired certificate. */
  readonly tlsFaults: TlsFaults;
}

/** An issuer with what serves its documents. */
export interface VendorSite {
  readonly issuer: VendorIssuer;
  /** Answers a request to one of its hosts; false for a path that has none of its documents. */
  readonly serve: ServeIfMine;
  /** A document by its URL, without counting a fetch; undefined for any other URL. */
  readonly documentAt: (url: string) => unknown;
  /** What the servers of its hosts take their faults from. */
  readonly tlsFaults: TlsFaultSwitch;
}

/**
 * Makes an issuer for a vendor's URL, with an RS256 key by default, as vendors sign.
 * @param identity what the server of the URL's host shows
 */
export async function vendorSite(
  url: string,
  { jwksUri, jwksUris }: JwksUris,
  { faults, tlsFault, ...setup }: Omit<VendorSetup, 'jwksUri'>,
  identity: HostIdentity,
): Promise<VendorSite> {
  const tlsFaults = tlsFaultSwitch(identity, tlsFault);
  const algorithms = setup.keys?.length ? {} : { algorithms: ['RS256'] as const };
  const made = await createIssuer(url, { ...algorithms, ...setup });
  const publishing = publisher(faults);
  const { faults: served, fetches } = publishing;
  const { get, set, clear } = tlsFaults;
  const publication = { faults: served, fetches, jwksUri, tlsFaults: { get, set, clear } };
  const discovery = (): Content => json(describe(made, url, jwksUri));
  const keys = (): Content => keySet(made);
  const base = url.replace(/\/$/, '');
  const openid = once(() => requestListener(new Hono().route(new URL(base).pathname, openidRoutes(made))));
  const documents = new Map<string, { readonly name: keyof Fetches; readonly right: () => Content }>([
    [`${base}${DISCOVERY_PATH}`, { name: 'discovery', right: discovery }],
    ...jwksUris.map((uri) => [uri, { name: 'jwks', right: keys }] as const),
  ]);
  return {
    issuer: printedAs({ ...made, ...publication }, () => describeIssuer(made)),
    serve: (incoming, outgoing) => {
      const { path, redirected } = targetOf(incoming);
      const asked = `https://${hostOf(incoming.headers.host)}${path}`;
      const document = documents.get(asked);
      if (document === undefined) {
        const isSignIn = asked.startsWith(`${base}/`) && isOpenidPath(asked.slice(base.length));
        if (isSignIn) void openid()(incoming, outgoing);
        return isSignIn;
      }
      const { name, right } = document;
      serveDocument(incoming, outgoing, { right, fault: () => publishing.fetched(name, redirected) });
      return true;
    },
    documentAt: (uri) => {
      const document = documents.get(uri);
      return document && JSON.parse(document.right().body);
    },
    tlsFaults,
  };
}

/** The host of a `Host` header, without the port of HTTPS. */
export function hostOf(header: string | undefined): string {
  return (header ?? '').toLowerCase().replace(/:443$/, '');
}
