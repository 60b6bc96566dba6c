import { VaultproofError } from '../../errors/index.js';

/** A run on a Vault that others use. */
export interface ExternalRun {
  /** What its mounts and names begin with. */
  readonly prefix: string;
  readonly address: string;
  /**
   * Whether a request could be sent.
   * @param path without `/v1/`, encoded
   * @throws VaultproofError `outside_of_run`
   */
  check(method: string, path: string, json?: unknown): void;
}

const runs = new WeakMap<object, ExternalRun>();

/** Keeps which run a handle is of. */
export function keepRun(vault: object, run: ExternalRun): void {
  runs.set(vault, run);
}

/** The run that a handle is of; undefined for a Vault that was started. */
export function runOf(vault: object | undefined): ExternalRun | undefined {
  return vault && runs.get(vault);
}

/** @throws VaultproofError `outside_of_run` */
export function refuseTerraform({ address }: ExternalRun): never {
  throw new VaultproofError(
    'outside_of_run',
    `nothing was applied, because Terraform would write to the Vault at "${address}" past its run: apply it without "provisioner", or on a Vault that is started`,
    { details: { address } },
  );
}
