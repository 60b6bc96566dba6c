import { VaultproofError } from '../../errors/index.js';
import type { VaultBody } from '../api/vault-api.js';
import type { ServerRequest } from './resource-type.js';

/** Requests, and whether one of them may have changed something although nobody heard of it. */
export interface WatchedRequests {
  readonly request: ServerRequest;
  /** Whether a request that writes had no answer. */
  isLost(): boolean;
}

/** Watches requests for an answer that is lost, as by a connection that was cut: the server may have done what it was asked for. */
export function watchAnswers(request: ServerRequest): WatchedRequests {
  let isLost = false;
  return {
    request: async (method, path, json) => {
      try {
        return await request(method, path, json);
      } catch (error) {
        isLost ||= method !== 'GET' && statusOf(error) === undefined;
        throw error;
      }
    },
    isLost: () => isLost,
  };
}

/** Reads what may not be there: undefined where the server says that it is not. */
export async function ifThere(answer: Promise<VaultBody>): Promise<VaultBody | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Whether a server says that something is not there. */
export function isGone(error: unknown): boolean {
  return statusOf(error) === 404;
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

function statusOf(error: unknown): unknown {
  return error instanceof VaultproofError ? error.details['status'] : undefined;
}
