import { statusOf } from '../api/vault-api.js';
import type { Attributes } from './arguments.js';
import type { Applied, Computed, ResourceType, ServerRequest } from './resource-type.js';

/** Requests, and whether one of them may have changed something although nobody heard of it. */
interface WatchedRequests {
  readonly request: ServerRequest;
  /** Whether a request that writes had no answer. */
  isLost(): boolean;
}

/** Watches requests for an answer that is lost, as by a connection that was cut: the server may have done what it was asked for. */
export function watchAnswers(request: ServerRequest): WatchedRequests {
  let isLost = false;
  return {
    request: async (method, path, ...more) => {
      try {
        return await request(method, path, ...more);
      } catch (error) {
        isLost ||= method !== 'GET' && statusOf(error) === undefined;
        throw error;
      }
    },
    isLost: () => isLost,
  };
}

/** A resource whose last write had no answer. */
interface WrittenUnheard {
  readonly type: ResourceType;
  /** What the server made of it before. */
  readonly computed: Computed;
  /** What it may be; it may not be there, either. */
  readonly maybe: readonly Attributes[];
}

/**
 * What is there of a resource whose last write had no answer.
 * @param others what the server made of the other resources of the type, which it is not
 */
export async function findWritten(
  request: ServerRequest,
  { type, computed, maybe }: WrittenUnheard,
  others: readonly Computed[],
): Promise<Applied<Attributes>[]> {
  const find = type.find ?? (async (_, one) => one);
  const found = await Promise.all(maybe.map((attributes) => find(request, { attributes, computed }, others)));
  return found.filter((one) => one !== undefined);
}

/** Whether what a server has is as it was declared, by the members that are given; lists in any order, and none for null. */
export function isAsDeclared(
  found: Readonly<Record<string, unknown>>,
  declared: Readonly<Record<string, unknown>>,
): boolean {
  return Object.keys(declared).every((name) => comparable(found[name]) === comparable(declared[name]));
}

function comparable(value: unknown): string {
  if (Array.isArray(value)) return value.map(comparable).sort().join('\n');
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  return comparable(Object.entries(value).map(([name, member]) => `${name}=${comparable(member)}`));
}
