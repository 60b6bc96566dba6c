import { importInTurn, importOnce } from '../../internal/import-in-turn.js';
import type { IssuerOptions, StartedIssuer } from '../../issuer/index.js';
import type { CertificateAuthority } from '../../issuer/vendors/index.js';
import type { Impersonation } from '../impersonation/index.js';
import { importIssuer, type LeaseKeys, leaseKeys } from './lease-keys.js';
import type { LeasedOutbound } from './leased-servers.js';

const importImpersonation = importOnce(() => import('../impersonation/index.js'));

/** What of a lease runs in the process that leases. */
export interface LeaseParts {
  readonly issuer: StartedIssuer;
  /** What answers for vendors, where the lease impersonates some. */
  readonly impersonation: Impersonation | undefined;
  /** Leaves the keys to later leases; idempotent. */
  readonly giveBackKeys: () => void;
}

/** What answers for which vendors. */
export interface LeaseVendors extends Pick<LeasedOutbound, 'authority'> {
  readonly urls: readonly string[];
}

/** Starts the parts of one lease after the other. */
export interface LeasePartsStarter {
  /**
   * The parts of a lease, which were begun ahead of it where the one before had the same.
   * @throws VaultproofError what startIssuer throws; `vendor_url_invalid`, `vendor_host_taken`
   */
  start(options: IssuerOptions | undefined, vendors: LeaseVendors | undefined): Promise<LeaseParts>;
  /** Begins what the next lease is likely to have. */
  begin(vendors: LeaseVendors | undefined): void;
  /** Ends what no one has leased, and begins no more. */
  stop(): Promise<void>;
}

/** Nothing is begun yet. */
export function leasePartsStarter(): LeasePartsStarter {
  /** Those that no one has leased yet, by the vendors that they answer for. */
  const ready = new Map<string, Promise<LeaseParts>>();
  let stopped = false;
  /** A pool has one CA. */
  let authority: Promise<CertificateAuthority> | undefined;
  const keysOfLease = leaseKeys();
  const startParts = async (options: IssuerOptions | undefined, vendors?: LeaseVendors): Promise<LeaseParts> => {
    const { generate: generateKey, giveBack: giveBackKeys } = keysOfLease();
    const issuerOptions = { generateKey, ...options };
    if (vendors === undefined) {
      return { issuer: await startIssuerOf(issuerOptions), impersonation: undefined, giveBackKeys };
    }
    authority ??= authorityOf(vendors);
    const { startImpersonation } = await importImpersonation();
    const impersonation = await startImpersonation('', await authority);
    try {
      const issuer = await startIssuerOf({ ...issuerOptions, delegate: impersonation.delegate });
      await answering({ issuer, impersonation }, vendors.urls, generateKey);
      return { issuer, impersonation, giveBackKeys };
    } catch (error) {
      await impersonation.stop();
      throw error;
    }
  };
  return {
    start: async (options, vendors) => {
      const begun = options === undefined ? ready.get(keyOf(vendors)) : undefined;
      if (begun === undefined) return startParts(options, vendors);
      ready.delete(keyOf(vendors));
      return begun;
    },
    begin: (vendors) => {
      if (stopped || ready.has(keyOf(vendors))) return;
      const parts = startParts(undefined, vendors);
      parts.catch(() => {});
      ready.set(keyOf(vendors), parts);
    },
    stop: async () => {
      stopped = true;
      const unused = await Promise.allSettled(ready.values());
      ready.clear();
      for (const one of unused) if (one.status === 'fulfilled') await stopParts(one.value);
    },
  };
}

/** Ends the parts of a lease. */
export async function stopParts({ issuer, impersonation }: LeaseParts): Promise<void> {
  await Promise.all([issuer.stop(), impersonation?.stop()]);
}

/** Has issuers answer for the URLs, whose keys are made from now on. */
async function answering(
  { issuer, impersonation }: { readonly issuer: StartedIssuer; readonly impersonation: Impersonation },
  urls: readonly string[],
  generateKey: LeaseKeys['generate'],
): Promise<void> {
  try {
    for (const url of urls) impersonation.announce(url, { clock: issuer.clock, generateKey });
  } catch (error) {
    await issuer.stop();
    throw error;
  }
  impersonation.prepare();
}

async function authorityOf({ authority }: LeaseVendors): Promise<CertificateAuthority> {
  const { certificateAuthority } = await importInTurn(() => import('../../issuer/vendors/index.js'));
  return certificateAuthority(authority);
}

function keyOf(vendors: LeaseVendors | undefined): string {
  return JSON.stringify(vendors?.urls ?? null);
}

async function startIssuerOf(options: IssuerOptions): Promise<StartedIssuer> {
  const { startIssuer } = await importIssuer();
  return startIssuer(options);
}
