import type { SentRequest } from '../../test/support/provider-fixture.js';

/** The blocks of a configuration: `resource`, `data`, `output`. */
export type Blocks = Readonly<Record<string, unknown>>;

/** What is applied to a fresh server to see what Terraform's provider does. */
export interface ProviderCase {
  /** The fixture's file name. */
  readonly name: string;
  /** The paths to read back after each step, without `/v1/`. */
  readonly read: readonly string[];
  /** Configurations to apply one after the other. */
  readonly steps: readonly Blocks[];
  /** What others made on the server beforehand. */
  readonly before?: readonly SentRequest[];
  /** The server product that has what it takes; default: `vault`, or `consul` for Consul's types. */
  readonly product?: 'openbao';
}

/** A configuration made of a resource's additional arguments. */
export type WithArguments = (more?: Blocks) => Blocks;

/**
 * The life of arguments: absent, set, changed, removed.
 * @param first their values when they are set
 * @param second their values afterwards; default: they are not changed
 */
export function life(
  name: string,
  read: readonly string[],
  config: WithArguments,
  first: Blocks,
  second?: Blocks,
): ProviderCase {
  const changed = second === undefined ? [] : [config(second)];
  return { name, read, steps: [config(), config(first), ...changed, config()] };
}

const TUNE = [
  'default_lease_ttl',
  'max_lease_ttl',
  'audit_non_hmac_request_keys',
  'audit_non_hmac_response_keys',
  'listing_visibility',
  'passthrough_request_headers',
  'allowed_response_headers',
  'token_type',
];

/** A `tune` block as CDKTF writes it: Terraform wants every member, null where it has no value. */
export function tuned(block: Blocks): Blocks {
  return { tune: [{ ...Object.fromEntries(TUNE.map((name) => [name, null])), ...block }] };
}
