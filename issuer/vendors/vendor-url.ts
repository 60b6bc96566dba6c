import { isIP } from 'node:net';
import { VaultproofError } from '../../errors/index.js';

/** A vendor's URL, as it is in `iss` and in a server's configuration. */
export interface VendorUrl {
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
