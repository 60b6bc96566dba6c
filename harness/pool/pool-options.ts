import type { KnownOptions } from '../../internal/known-options.js';
import type { Report } from '../engines/index.js';
import type { ConsulOptions } from '../start-consul.js';
import type { VaultOptions } from '../start-vault.js';

/** What a pool's servers are, and how many there are. */
export interface PoolOptions {
  /** Vaults, with options or the defaults; default true. A lease turns the audit log on. With `tls: true` all servers have one CA. */
  readonly vault?: boolean | Omit<VaultOptions, 'port' | 'auditLog' | 'storage'> | undefined;
  /** Consuls, with options or the defaults; default false. */
  readonly consul?: boolean | Omit<ConsulOptions, 'port'> | undefined;
  /**
   * The URLs of vendors that a lease impersonates where it doesn't say, as of `startEnvironment`; `[]` to name them with
   * `env.impersonate(url)`. Default: servers reach what this host reaches, and those of a lease with `impersonate` are started when it
   * asks.
   */
  readonly impersonate?: readonly string[] | undefined;
  /** CAs that the servers of leases with `impersonate` trust besides, as PEM; default none, not even the system's. */
  readonly caBundle?: string | undefined;
  /** The most servers of each product; default two a core, as far as half the free memory holds them, at least two. */
  readonly size?: number | undefined;
  /** Receives lines about what takes long; default: nobody. */
  readonly report?: Report | undefined;
  /** Ends a download or a build that is on its way. */
  readonly signal?: AbortSignal | undefined;
}

/** See {@link refuseUnknownOptions}. */
export const poolOptions: KnownOptions<PoolOptions> = {
  vault: true,
  consul: true,
  impersonate: true,
  caBundle: true,
  size: true,
  report: true,
  signal: true,
};
