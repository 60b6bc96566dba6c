import { isIP } from 'node:net';
import { VaultproofError } from '../../errors/index.js';
import type { Delegate } from '../issuer.js';
import type { CertificateAuthority } from '../tls/authority.js';
import { jwksUrisOf } from './jwks-uri.js';
import { type VendorIssuer, type VendorSetup, type VendorSite, vendorSite } from './vendor-issuer.js';

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
    const place = jwksUrisOf(url, jwksUri);
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

/** A vendor's URL, as it is in `iss` and in a server's configuration. */
interface VendorUrl {
  /** The URL as it was given: one with a slash at the end has another `iss` than one without. */
  readonly url: string;
  readonly host: string;
}

const PATH = /^(?:\/[\w.~-]+)*\/?$/;

/**
 * Checks the URL of an issuer that tests answer for.
 * @param url for example `https://token.actions.githubusercontent.com`
 * @throws VaultproofError `vendor_url_invalid` for one that is not https, has a port, a user, a query or a fragment, or
 * whose host is an address or this machine, which servers reach without a proxy
 */
export function readVendorUrl(url: string): VendorUrl {
  const refuse = (why: string): never => {
    throw new VaultproofError(
      'vendor_url_invalid',
      `can't answer for "${url}": ${why}; expected the "iss" of a vendor's tokens, such as "https://gitlab.com"`,
      { details: { url } },
    );
  };
  if (typeof url !== 'string' || !URL.canParse(url)) return refuse('it is not a URL');
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const written = /^[^:]*:\/\/([^/?#]*)([^?#]*)/.exec(url);
  if (protocol !== 'https:') return refuse('it is not https');
  if (username !== '' || password !== '') return refuse('it has a user');
  if (port !== '' || /:\d*$/.test(written?.[1] ?? '')) return refuse('it has a port');
  if (/[?#]/.test(url)) return refuse('it has a query or a fragment');
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return refuse('its host is an address');
  if (!hostname.includes('.') || /(?:^|\.)(?:localhost|host\.docker\.internal)$/.test(hostname)) {
    return refuse('servers connect to its host without a proxy');
  }
  const path = written?.[2] ?? '';
  if (!PATH.test(path) || (pathname !== path && path !== ''))
    return refuse(`its path "${path}" may have only letters, digits and - . _ ~ /`);
  if (written?.[1] !== hostname)
    return refuse(`its host is "${hostname}" in the normal form of URLs: write it that way`);
  return { url, host: hostname };
}
