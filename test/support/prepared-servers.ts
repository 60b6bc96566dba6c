import type { ErrorCode } from '../../errors/index.js';
import type { VaultOfTests } from './vault-of-tests.js';

/** The images that containers are made of, or why there are none. */
export type TestImages = { readonly vault: string; readonly consul: string } | { readonly missing: string };

/** What the global set-up has obtained for the tests that need servers. */
export interface PreparedServers {
  readonly images: TestImages;
  readonly vault: VaultOfTests;
  /** The variables that make every test use them. */
  readonly env: Readonly<Record<string, string>>;
}

/** What the global set-up writes down for the workers once it is done. */
export type ServersStatus =
  | PreparedServers
  | {
      readonly failure: {
        /** Where it is a VaultproofError. */
        readonly code?: ErrorCode;
        readonly message: string;
        readonly details?: Readonly<Record<string, unknown>>;
      };
    };

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of a file that holds a {@link ServersStatus}, as JSON, once there is one. */
    serversStatus: string;
  }
}

let prepared: PreparedServers | undefined;

/** Tells the tests of this worker what there is. */
export function setPreparedServers(servers: PreparedServers): void {
  prepared = servers;
  Object.assign(process.env, servers.env);
}

/** What tests that need servers run on; undefined in those that don't, for which nobody waits. */
export function preparedServers(): PreparedServers | undefined {
  return prepared;
}
