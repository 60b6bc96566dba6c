import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';

/** A key and what it holds. */
export interface KvEntry {
  readonly key: string;
  readonly value: string;
  /** What a write compares with, greater after every change. */
  readonly modifyIndex: number;
}

/**
 * The entries in an answer to GET /v1/kv.
 * @throws VaultproofError `unexpected_answer` for what no Consul answers
 */
export function entriesOf(path: string, list: unknown): readonly KvEntry[] {
  try {
    if (!Array.isArray(list)) throw new TypeError('no list');
    return list.map(entryOf);
  } catch (cause) {
    const message = `what answered GET "${path}" is no Consul, look at its address`;
    throw new VaultproofError('unexpected_answer', message, { details: { path, status: 200 }, cause });
  }
}

function entryOf(entry: unknown): KvEntry {
  const { Key: key, Value: value, ModifyIndex: modifyIndex } = isRecord(entry) ? entry : {};
  if (typeof key !== 'string' || !Number.isSafeInteger(modifyIndex)) throw new TypeError('no entry');
  // An empty value is null.
  if (value !== null && typeof value !== 'string') throw new TypeError('no value');
  return { key, value: Buffer.from(value ?? '', 'base64').toString('utf8'), modifyIndex: Number(modifyIndex) };
}
