import { VaultproofError } from '../../errors/index.js';
import type { ServeIfMine } from '../http/listen.js';
import type { Delegate } from '../issuer.js';
import { keySetPlace } from './key-set-place.js';
import { hostOf, type VendorIssuer, type VendorSetup, type VendorSite, vendorSite } from './vendor-issuer.js';
import { readVendorUrl } from './vendor-url.js';

/** The issuers that answer for vendors' URLs, one for each host. */
export interface Vendors {
  /**
   * Adds one, or gives back the one that answers for the URL if no set-up is given.
   * @param shared what all of them have
   * @throws VaultproofError `vendor_url_invalid`, and `vendor_host_taken` for a host that has an issuer
   */
  add(url: string, shared: Pick<VendorSetup, 'clock'>, setup?: VendorSetup): Promise<VendorIssuer>;
  /** Whether an issuer answers for a host. */
  has(host: string): boolean;
  /** Who signs what has this `iss`: the issuer that answers for its host. */
  readonly signerOf: Delegate;
  /** Answers a request to one of the hosts; false for what is none of their documents. */
  readonly serve: ServeIfMine;
  /** A document by its URL, without counting a fetch; undefined for any other URL. */
  documentAt(url: string): unknown;
}

interface Entry {
  readonly url: string;
  readonly added: Promise<VendorIssuer>;
  site?: VendorSite;
}

/**
 * No issuers yet.
 * @param onHost is told of each host before its issuer answers
 */
export function vendors(onHost: (host: string) => void): Vendors {
  const entries = new Map<string, Entry>();
  const siteOf = (url: unknown): VendorSite | undefined =>
    typeof url === 'string' && URL.canParse(url) ? entries.get(new URL(url).hostname)?.site : undefined;
  return {
    add: async (url, shared, setup) => {
      const { host } = readVendorUrl(url);
      const known = entries.get(host);
      if (known?.url === url && setup === undefined) return known.added;
      const { jwksUri, ...rest } = { ...shared, ...setup };
      if (jwksUri !== undefined) readVendorUrl(jwksUri);
      const place = keySetPlace(url, jwksUri);
      const hosts = [...new Set([host, ...place.jwksUris.map((uri) => new URL(uri).hostname)])];
      const taken = hosts.find((one) => entries.has(one));
      if (taken !== undefined) throw hostTaken(url, taken, entries.get(taken)?.url ?? '');
      const made = vendorSite(url, place, rest);
      const added = made.then(({ issuer }) => issuer);
      added.catch(() => {});
      const entry: Entry = { url, added };
      for (const one of hosts) entries.set(one, entry);
      try {
        entry.site = await made;
      } catch (error) {
        for (const one of hosts) entries.delete(one);
        throw error;
      }
      hosts.forEach(onHost);
      return entry.added;
    },
    has: (host) => entries.has(host),
    signerOf: (iss) => siteOf(iss)?.issuer,
    serve: (incoming, outgoing) => entries.get(hostOf(incoming.headers.host))?.site?.serve(incoming, outgoing) ?? false,
    documentAt: (url) => siteOf(url)?.documentAt(url),
  };
}

function hostTaken(url: string, host: string, taken: string): VaultproofError {
  const why =
    url === taken
      ? 'it has an issuer already: change that one, which `env.impersonate(url)` gives back'
      : `"${taken}" has the host "${host}", and a host has one issuer: sign with that one, and give "iss" in the claims`;
  return new VaultproofError('vendor_host_taken', `can't answer for "${url}": ${why}`, {
    details: { url, host, taken },
  });
}
