import { UsageError } from '../../errors/index.js';
import type { Delegate, Issuer } from '../../issuer/index.js';
import {
  type CertificateAuthority,
  certificateAuthority,
  type VendorIssuer,
  type VendorSetup,
  vendors,
} from '../../issuer/vendors/index.js';
import { type Outbound, reservePorts } from '../engines/index.js';
import { outboundBy } from './outbound.js';
import { type RefusedRequest, startProxy } from './proxy.js';

export type { VendorIssuer, VendorSetup } from '../../issuer/vendors/index.js';
export type { RefusedRequest } from './proxy.js';
export { type ProxyRelay, startProxyRelay } from './proxy-relay.js';

/** The proxy that answers for vendors' hosts, for clients besides the servers. */
export interface VendorProxy {
  /**
   * Its URL on this host, for `HTTPS_PROXY` or `curl --proxy`.
   *
   * @example
   * await execa('curl', ['--proxy', env.proxy.url, '--cacert', caFile, 'https://gitlab.com/oauth/discovery/keys']);
   */
  readonly url: string;
  /** The CA of what it serves, PEM. */
  readonly caPem: string;
  /** What was asked of it and refused, oldest first. */
  readonly refused: readonly RefusedRequest[];
}

/** How servers reach vendors' hosts, and what answers there. */
export interface Impersonation {
  readonly proxy: VendorProxy;
  /** The proxy's port on 127.0.0.1. */
  readonly port: number;
  /** What a server is started with. */
  readonly outbound: { readonly settings: Outbound; readonly documentAt: (url: string) => Promise<unknown> };
  /** Who signs tokens with a vendor's `iss`. */
  readonly delegate: Delegate;
  /**
   * Has an issuer answer for a URL, whose keys are made when they are first needed.
   * @param shared the clock of the environment's issuer, and what makes the keys
   * @throws VaultproofError as `add` does
   */
  announce(url: string, shared: Pick<Issuer, 'clock'> & Pick<VendorSetup, 'generateKey'>): void;
  /** Begins to make the keys of all that were announced. */
  prepare(): void;
  /**
   * Has an issuer answer for a URL.
   * @param clock of the environment's issuer
   * @throws VaultproofError `vendor_url_invalid`, `vendor_host_taken`
   */
  add(url: string, { clock }: Pick<Issuer, 'clock'>, setup?: VendorSetup): Promise<VendorIssuer>;
  /** Lets a server reach the proxy, where loopback is not enough. */
  listenFor(server: { readonly hostAddress: string | undefined }): Promise<void>;
  /** Ends the proxy; idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts the proxy, which answers for no host yet.
 * @param caBundle CAs that servers trust besides, PEM; default none
 * @param ca signs the certificates of vendors' hosts; default a new one
 * @throws TypeError for a bundle without a certificate
 * @throws VaultproofError `port_in_use`
 */
export async function startImpersonation(caBundle = '', ca?: CertificateAuthority): Promise<Impersonation> {
  checkBundle(caBundle);
  const [authority, reservation] = await Promise.all([ca ?? certificateAuthority(), reservePorts(1)]);
  const [port = 0] = reservation.ports;
  const sites = vendors(authority);
  const proxy = await startProxy(port, sites, authority).catch((error: unknown) => {
    reservation.release();
    throw error;
  });
  const { caPem } = authority;
  const listening = new Map<string, Promise<void>>();
  let stopping: Promise<void> | undefined;
  return {
    proxy: { url: `http://127.0.0.1:${port}`, caPem, refused: proxy.refused },
    port,
    outbound: { settings: outboundBy(port, `${caPem}\n${caBundle}`), documentAt: sites.documentAt },
    delegate: sites.signerOf,
    announce: (url, { clock, generateKey }) => sites.announce(url, { clock, generateKey }),
    prepare: sites.prepare,
    add: (url, { clock }, setup) => sites.add(url, { clock }, setup),
    listenFor: async ({ hostAddress }) => {
      if (hostAddress === undefined) return;
      const opening = listening.get(hostAddress) ?? proxy.listenOn(hostAddress);
      listening.set(hostAddress, opening);
      await opening;
    },
    stop: () => {
      stopping ??= proxy.stop().finally(() => reservation.release());
      return stopping;
    },
  };
}

/** @throws TypeError for a bundle without a certificate */
export function checkBundle(caBundle: string): void {
  if (caBundle === '' || /-----BEGIN CERTIFICATE-----/.test(caBundle)) return;
  throw new UsageError('"caBundle" contains no certificate: give the CAs as PEM, not the path of their file');
}
