import type { KnownOptions } from '../../internal/known-options.js';
import type { IssuerOptions } from '../../issuer/index.js';
import type { TerraformRunOptions } from '../terraform/index.js';

/** How long a lease waits for a server by default. */
export const LEASE_TIMEOUT_MS = 60_000;

/** Which servers a lease is to have. */
export interface ServersWanted {
  /** Those that were just started and that no one has used; default false. */
  readonly fresh?: boolean | undefined;
  /** Whether it is to have a Vault; default what the pool has. */
  readonly vault?: boolean | undefined;
  /** Whether it is to have a Consul; default what the pool has. */
  readonly consul?: boolean | undefined;
  /** Turns the audit log of the Vault on, to be read with `StartedVault.auditLog`: what was asked since the lease began; default false. */
  readonly auditLog?: boolean | undefined;
  /** How long to wait for a server while all are leased, in milliseconds; default 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** What one lease is to be. */
export interface LeaseOptions extends ServersWanted {
  /**
   * The URLs of vendors whose tokens are signed here, as of `startEnvironment`; `false` for servers that reach what this host reaches.
   * Default what the pool has.
   */
  readonly impersonate?: readonly string[] | false | undefined;
  /** Options of the environment's issuer. */
  readonly issuer?: IssuerOptions | undefined;
  /** How Terraform is run where it is asked for. */
  readonly terraform?: TerraformRunOptions | undefined;
}

/** See {@link refuseUnknownOptions}. */
export const leaseOptions: KnownOptions<LeaseOptions> = {
  vault: true,
  consul: true,
  fresh: true,
  auditLog: true,
  timeoutMs: true,
  impersonate: true,
  issuer: true,
  terraform: true,
};
