import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import { isRecord } from '../is-record.js';

const MOST_WORDS = 300;

/** A key and what it holds. */
export interface KvEntry {
  readonly key: string;
  readonly value: string;
  /** What a write compares with, greater after every change. */
  readonly modifyIndex: number;
}

/**
 * The entries in an answer to GET /v1/kv.
 * @throws VaultproofError `request_refused` for what no Consul answers
 */
export function entriesOf(path: string, text: string): readonly KvEntry[] {
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list)) throw new TypeError('no list');
    return list.map(entryOf);
  } catch (cause) {
    const message = `what answered GET "${path}" is no Consul, look at its address`;
    throw new VaultproofError('request_refused', message, { details: { path, status: 200 }, cause });
  }
}

function entryOf(entry: unknown): KvEntry {
  const { Key: key, Value: value, ModifyIndex: modifyIndex } = isRecord(entry) ? entry : {};
  if (typeof key !== 'string' || !Number.isSafeInteger(modifyIndex)) throw new TypeError('no entry');
  // An empty value is null.
  if (value !== null && typeof value !== 'string') throw new TypeError('no value');
  return { key, value: Buffer.from(value ?? '', 'base64').toString('utf8'), modifyIndex: Number(modifyIndex) };
}

/** The error for a refusal of Consul's: method, path, status and Consul's own words, which are plain text. */
export function consulRefusal(method: string, path: string, status: number, words: string): VaultproofError {
  const reason = words.replace(/\s+/g, ' ').trim().slice(0, MOST_WORDS);
  const code = refusalCode(status, reason);
  return new VaultproofError(
    code,
    `consul answered ${method} "${path}" with ${status}: ${reason || 'no reason given'}${remedies[code] ?? ''}`,
    { details: { method, path, status, errors: [reason] } },
  );
}

function refusalCode(status: number, reason: string): ErrorCode {
  if (status === 403) return 'permission_denied';
  if (status === 413) return 'value_too_large';
  if (/ACL support disabled/i.test(reason)) return 'acl_disabled';
  return /no cluster leader/i.test(reason) ? 'no_leader' : 'request_refused';
}

const remedies: Partial<Record<ErrorCode, string>> = {
  permission_denied: '; give a token with the policies of ConsulUsersStack',
  no_leader: '; wait until its servers have elected one',
};
