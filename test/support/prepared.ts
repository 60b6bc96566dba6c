import type { ErrorCode } from '../../errors/index.js';
import type { VaultOfTests } from './vault-of-tests.js';

/** The images that containers are made of, or the reason why none could be made. */
export type TestImages = { readonly vault: string; readonly consul: string } | { readonly missing: string };

/** What the global set-up has made ready for the integration tests. */
export interface Prepared {
  readonly images: TestImages;
  readonly vault: VaultOfTests;
  /** The path of `vaultproof`, compiled from its source as it is now. */
  readonly cli: string;
  /** The variables that every test runs with. */
  readonly env: Readonly<Record<string, string>>;
}

/** What the global set-up writes down for the workers once it is done. */
export type Preparation =
  | Prepared
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
    /** The path of a file that holds a {@link Preparation}, as JSON, once there is one. */
    preparation: string;
  }
}

let current: Prepared | undefined;

/** Tells the tests of this worker what there is. */
export function setPrepared(prepared: Prepared): void {
  current = prepared;
  Object.assign(process.env, prepared.env);
}

/** What integration tests run on; the others have nothing, since nobody waits for them. */
export function prepared(): Prepared {
  if (!current) throw new Error('only integration tests have servers, images and the command line');
  return current;
}
