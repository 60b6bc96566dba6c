import { inspect } from 'node:util';
import { membersOf } from '../../internal/json.js';
import type { KnownOptions } from '../../internal/known-options.js';
import type { ApplyResult } from '../provision/direct.js';
import type { PlannedChange } from './plan-changes.js';
import type { FieldDifference } from './read-back.js';

/** A server to apply to: what `startVault` and `startConsul` return, or an address and a token of one's own. */
export interface TerraformServer {
  /** For example `http://127.0.0.1:8200`. */
  readonly address: string;
  /** It must be allowed to read what it applies, since that is read back. */
  readonly token: string;
  /** The CA to verify its HTTPS with; default those of the system. */
  readonly caPem?: string | undefined;
}

/** A Vault to apply to. */
interface TerraformVault extends TerraformServer {
  /** Gives the end of its log, for causes that Vault says there alone; default: they are not told. */
  readonly logTail?: ((lines: number) => Promise<string>) | undefined;
}

/** How Terraform is run. */
export interface TerraformRunOptions {
  /** The executable of Terraform or OpenTofu; default VAULTPROOF_TERRAFORM_PATH, else the one on PATH. */
  readonly executable?: string | undefined;
  /** What to do when a second plan is not empty after an apply: `throw` (the default) `plan_not_empty`, or `report` it. */
  readonly onPendingChanges?: 'throw' | 'report' | undefined;
  /** What to do when Vault does not have what was declared: `report` it (the default), or `throw` `read_back_differs`. */
  readonly onDifferences?: 'throw' | 'report' | undefined;
  /** Providers that may run besides hashicorp's vault, consul, random, null, time and tls, such as `hashicorp/local`. */
  readonly allowProviders?: readonly string[] | undefined;
  /** Provisioners that may run, such as `local-exec`; with `remote-exec` or `file` a `connection`, too. Default: none. */
  readonly allowProvisioners?: readonly string[] | undefined;
  /** Data sources that may connect to what they name, such as `terraform_remote_state`. Default: none. */
  readonly allowDataSources?: readonly string[] | undefined;
  /** How long Terraform may take to end once it is interrupted, in milliseconds, before it is killed; default 10,000. */
  readonly graceMs?: number | undefined;
  /** Receives a line for every step. Default: they are dropped. */
  readonly report?: ((line: string) => void) | undefined;
  /** Interrupts what runs; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** See {@link refuseUnknownOptions}. */
export const terraformRunOptions: KnownOptions<TerraformRunOptions> = {
  executable: true,
  onPendingChanges: true,
  onDifferences: true,
  allowProviders: true,
  allowProvisioners: true,
  allowDataSources: true,
  graceMs: true,
  report: true,
  signal: true,
};

/** Where and how Terraform is run. */
export interface TerraformOptions extends TerraformRunOptions {
  readonly vault?: TerraformVault | undefined;
  readonly consul?: TerraformServer | undefined;
}

/** What an apply by Terraform did. Sensitive outputs are {@link Sensitive}: `reveal()` has their values. */
export interface TerraformApplyResult extends ApplyResult {
  readonly outputs: Readonly<Record<string, unknown | Sensitive>>;
  /** What a second plan would still change; empty unless `onPendingChanges` is `report`. */
  readonly pending: readonly PlannedChange[];
  /** What Vault does not have as it was declared. */
  readonly differences: readonly FieldDifference[];
}

const SHOWN = '(sensitive)';

/**
 * A value that Terraform calls sensitive: it shows neither in JSON nor in a log, only to who asks for it.
 *
 * @example
 * const { outputs } = await env.terraform.apply('login', json);
 * const password = outputs['password'] instanceof Sensitive ? outputs['password'].reveal() : undefined;
 */
export class Sensitive {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  /** The value itself. */
  reveal(): unknown {
    return this.#value;
  }

  toJSON(): string {
    return SHOWN;
  }

  toString(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}

/** The values of outputs, as `terraform output -json` has them; a sensitive one is a {@link Sensitive}. */
export function outputsIn(outputs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, output]) => {
      const { value, sensitive } = membersOf(output);
      return [name, sensitive === true ? new Sensitive(value) : value];
    }),
  );
}
