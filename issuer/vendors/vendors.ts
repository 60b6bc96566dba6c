import { VaultproofError } from '../../errors/index.js';
import type { Delegate } from '../issuer.js';
import type { CertificateAuthority } from '../tls/authority.js';
import { keySetPlace } from './key-set-place.js';
import { type VendorIssuer, type VendorSetup, type VendorSite, vendorSite } from './vendor-issuer.js';
import { readVendorUrl } from './vendor-url.js';

type Shared = Pick<VendorSetup, 'clock' | 'generateKey'>;

/** The issuers that answer for vendors' URLs, one for each host. */
export interface Vendors {
  /**
   * Has an issuer answer for a URL, whose keys are made when they are first needed: an RSA key takes as long as a server's start.
   * @param shared what all of them have
   * @throws VaultproofError `vendor_url_invalid`, and `vendor_host_taken` for a host that has an issuer
   */
  announce(url: string, shared: Shared): void;
  /**
   * Adds one, or gives back the one that answers for the URL if no set-up is given.
   * @throws VaultproofError as `announce` does
   */
  add(url: string, shared: Shared, setup?: VendorSetup): Promise<VendorIssuer>;
  /** Begins to make the keys of all that were announced. */
  prepare(): void;
  /** What answers for a host; undefined where nothing does. */
  siteOf(host: string): Promise<VendorSite> | undefined;
  /** Who signs what has this `iss`: the issuer that answers for its host. */
  readonly signerOf: Delegate;
  /** A document by its URL, without counting a fetch; undefined for any other URL. */
  documentAt(url: string): Promise<unknown>;
}

interface Entry {
  readonly url: string;
  readonly site: () => Promise<VendorSite>;
}

/**
 * No issuers yet.
 * @param authority what signs the certificates of their hosts
 */
export function vendors(authority: Pick<CertificateAuthority, 'identify'>): Vendors {
  const entries = new Map<string, Entry>();
  const siteAt = (url: unknown): Promise<VendorSite> | undefined =>
    typeof url === 'string' && URL.canParse(url) ? entries.get(new URL(url).hostname)?.site() : undefined;
  const entryFor = (url: string, shared: Shared, setup?: VendorSetup): Entry => {
    const { host } = readVendorUrl(url);
    const known = entries.get(host);
    if (known?.url === url && setup === undefined) return known;
    const { jwksUri, ...rest } = { ...shared, ...setup };
    if (jwksUri !== undefined) readVendorUrl(jwksUri);
    const place = keySetPlace(url, jwksUri);
    const hosts = [...new Set([host, ...place.jwksUris.map((uri) => new URL(uri).hostname)])];
    const taken = hosts.find((one) => entries.has(one));
    if (taken !== undefined) throw hostTaken(url, taken, entries.get(taken)?.url ?? '');
    let made: Promise<VendorSite> | undefined;
    const make = async (): Promise<VendorSite> => {
      try {
        return await vendorSite(url, place, rest, authority.identify(host));
      } catch (error) {
        for (const one of hosts) entries.delete(one);
        throw error;
      }
    };
    const site = (): Promise<VendorSite> => {
      made ??= make();
      return made;
    };
    for (const one of hosts) entries.set(one, { url, site });
    return { url, site };
  };
  return {
    announce: (url, shared) => {
      entryFor(url, shared);
    },
    add: async (url, shared, setup) => (await entryFor(url, shared, setup).site()).issuer,
    prepare: () => {
      // Who needs one that fails is told.
      for (const { site } of entries.values()) site().catch(() => {});
    },
    siteOf: (host) => entries.get(host)?.site(),
    signerOf: (iss) => siteAt(iss)?.then(({ issuer }) => issuer),
    documentAt: async (url) => (await siteAt(url))?.documentAt(url),
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
