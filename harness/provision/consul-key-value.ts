import { consulKeyPath } from '../../internal/consul-api.js';
import { isRecord } from '../../internal/json.js';
import { ifThere } from './request-wrappers.js';
import type { ServerRequest } from './resource-type.js';

/** Consul refuses a transaction of more operations. */
const MOST_OPERATIONS = 64;

/** A change of Consul's key-value store. */
export type KeyOperation =
  | { readonly Verb: 'set'; readonly Key: string; readonly Value: string; readonly Flags: number }
  | { readonly Verb: 'delete'; readonly Key: string };

/** A key to set, with its value as the transaction's body has it. */
export function keySet(key: string, value: string, flags: number): KeyOperation {
  return { Verb: 'set', Key: key, Value: Buffer.from(value).toString('base64'), Flags: flags };
}

/**
 * Changes keys, in transactions.
 * @see https://developer.hashicorp.com/consul/api-docs/txn
 */
export async function changeKeys(
  request: ServerRequest,
  operations: readonly KeyOperation[],
  datacenter: string | undefined,
): Promise<void> {
  for (let at = 0; at < operations.length; at += MOST_OPERATIONS) {
    const some = operations.slice(at, at + MOST_OPERATIONS).map((operation) => ({ KV: operation }));
    await request('PUT', `txn${query(datacenter)}`, some);
  }
}

/** A key's value; undefined where there is none. */
export async function keyValue(
  request: ServerRequest,
  key: string,
  datacenter: string | undefined,
): Promise<string | undefined> {
  const found = await ifThere(request('GET', `kv/${consulKeyPath(key)}${query(datacenter)}`));
  const pair = found?.['0'];
  return isRecord(pair) ? Buffer.from(String(pair['Value'] ?? ''), 'base64').toString('utf8') : undefined;
}

/** The datacenter that is asked for, or else the agent's own. */
export async function datacenterOf(request: ServerRequest, datacenter: string | undefined): Promise<string> {
  if (datacenter !== undefined) return datacenter;
  const { Config: config } = await request('GET', 'agent/self');
  return String((config as { readonly Datacenter?: string } | undefined)?.Datacenter ?? '');
}

function query(datacenter: string | undefined): string {
  return datacenter === undefined ? '' : `?dc=${encodeURIComponent(datacenter)}`;
}
