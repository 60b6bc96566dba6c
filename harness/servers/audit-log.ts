import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { isRecord, membersOf } from '../../internal/json.js';
import type { ServerInstance } from '../engines/index.js';

/** Who made a request, in an entry of the audit log. */
export interface AuditAuth {
  readonly client_token?: string;
  readonly accessor?: string;
  /** Such as `jwt-vishpat`. */
  readonly display_name?: string;
  readonly policies?: readonly string[];
  readonly token_policies?: readonly string[];
  readonly identity_policies?: readonly string[];
  /** Whether the policies allowed it, and which of them did. */
  readonly policy_results?: {
    readonly allowed: boolean;
    readonly granting_policies?: readonly { readonly name?: string; readonly type: string }[];
  };
  /** Of a JWT login, the role and the claims that `claim_mappings` names. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly entity_id?: string;
  readonly token_type?: string;
  /** Seconds. */
  readonly token_ttl?: number;
  readonly token_issue_time?: string;
}

/** What was asked for, in an entry of the audit log. */
export interface AuditRequest {
  /** The same in the entries of a request and of its response. */
  readonly id: string;
  readonly operation?: string;
  /** Without `/v1/`. */
  readonly path?: string;
  readonly mount_point?: string;
  readonly mount_type?: string;
  readonly client_token?: string;
  readonly client_token_accessor?: string;
  readonly namespace?: { readonly id?: string; readonly path?: string };
  readonly data?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly remote_address?: string;
  readonly remote_port?: number;
  /** Seconds. */
  readonly wrap_ttl?: number;
}

/** What was answered, in an entry of the audit log. */
export interface AuditResponse {
  readonly auth?: AuditAuth;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly secret?: { readonly lease_id?: string };
  readonly redirect?: string;
  readonly warnings?: readonly string[];
  readonly mount_point?: string;
  readonly mount_type?: string;
}

/**
 * An entry of the audit log, by the names that Vault gives its fields. Tokens and other strings of data are HMACs,
 * `hmac-sha256:...`; numbers and booleans of data are not.
 * @see https://developer.hashicorp.com/vault/docs/audit/schema
 */
export interface AuditEntry {
  /** RFC 3339, with nanoseconds. */
  readonly time: string;
  /** A response is written before Vault sends it. */
  readonly type: 'request' | 'response';
  readonly auth?: AuditAuth;
  readonly request: AuditRequest;
  readonly response?: AuditResponse;
  readonly error?: string;
}

/** Some fields of an entry, at any depth. */
export type AuditPattern = { readonly [Name in keyof AuditEntry]?: PartOf<AuditEntry[Name]> };

type PartOf<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Name in keyof Value]?: PartOf<Value[Name]> }
    : Value;

/** How an entry is waited for. */
export interface AuditWaitOptions {
  /** In milliseconds; default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Entries that don't count, such as all that were there before; default none. */
  readonly after?: readonly AuditEntry[] | undefined;
  /** Ends the wait, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the audit device writes. Called, it gives what was written so far, oldest first; iterated over, it gives that and what is
 * written until the server is stopped.
 *
 * @example
 * const firstLogin = async () => {
 *   for await (const entry of env.vault.auditLog) if (entry.request.path === 'auth/jwt/login') return entry;
 * };
 */
export interface AuditLog extends AsyncIterable<AuditEntry> {
  /** @throws TypeError without the option `auditLog` */
  (): Promise<readonly AuditEntry[]>;
  /**
   * The first entry that matches, be it there already or written later.
   * @param wanted some of its fields, or a function
   * @throws VaultproofError `audit_entry_not_found` where there is none in time, with those that came nearest
   * (`details.nearest`), `server_stopped`
   * @example
   * await env.vault.auditLog.waitFor({ type: 'response', request: { path: 'auth/jwt/login' } });
   */
  waitFor(wanted: AuditPattern | ((entry: AuditEntry) => boolean), options?: AuditWaitOptions): Promise<AuditEntry>;
}

const TIMEOUT_MS = 10_000;
const POLL_MS = 20;
const NEAREST = 3;

/** The log of a server, or of a node of it. */
type Log = Pick<ServerInstance, 'linesFrom'>;

/**
 * @param logs of a cluster, one for each node
 * @param stopped is aborted once nothing more is written
 */
export function createAuditLog(isOn: boolean, logs: readonly Log[], stopped: AbortSignal): AuditLog {
  /** Each call resolves with the entries that came since the call before. */
  const reader = (): (() => Promise<readonly AuditEntry[]>) => {
    if (!isOn) throw new UsageError('the audit log is off: start the Vault with { auditLog: true }');
    let positions = logs.map(() => 0);
    return async () => {
      const parts = await Promise.all(logs.map((log, index) => log.linesFrom(positions[index] ?? 0)));
      positions = parts.map(({ next }) => next);
      return auditEntries(parts.flatMap(({ lines }) => lines));
    };
  };
  async function* follow(after: readonly AuditEntry[] = [], signal?: AbortSignal): AsyncGenerator<AuditEntry> {
    const passedOver = new Set(after.map(keyOf));
    const ended = signal ? AbortSignal.any([signal, stopped]) : stopped;
    const read = reader();
    for (;;) {
      signal?.throwIfAborted();
      const isLast = stopped.aborted;
      for (const entry of await read()) if (!passedOver.has(keyOf(entry))) yield entry;
      if (isLast) return;
      await delay(POLL_MS, undefined, { signal: ended }).catch(() => {});
    }
  }
  const waitFor: AuditLog['waitFor'] = async (wanted, { timeoutMs = TIMEOUT_MS, after, signal } = {}) => {
    const limit = AbortSignal.timeout(timeoutMs);
    const passed: AuditEntry[] = [];
    try {
      for await (const entry of follow(after, signal ? AbortSignal.any([signal, limit]) : limit)) {
        if (typeof wanted === 'function' ? wanted(entry) : differences(entry, wanted).length === 0) return entry;
        passed.push(entry);
      }
    } catch (error) {
      if (!limit.aborted || error !== limit.reason) throw error;
      throw notFound(passed, wanted, timeoutMs);
    }
    throw new VaultproofError('server_stopped', 'the server was stopped before it wrote such an audit entry');
  };
  return Object.assign(async () => reader()(), { waitFor, [Symbol.asyncIterator]: () => follow() });
}

function notFound(
  passed: readonly AuditEntry[],
  wanted: Parameters<AuditLog['waitFor']>[0],
  timeoutMs: number,
): VaultproofError {
  const near = passed.map((entry) => ({
    entry,
    differs: typeof wanted === 'function' ? [] : differences(entry, wanted),
  }));
  const nearest = near
    .reverse()
    .toSorted((a, b) => a.differs.length - b.differs.length)
    .slice(0, NEAREST)
    .map(({ entry: { type, request }, differs }) => {
      const entry = `${type} ${request.operation ?? ''} "${request.path ?? ''}"`;
      return differs.length === 0 ? entry : `${entry} (differs in ${differs.join(', ')})`;
    });
  const which = typeof wanted === 'function' ? 'the last were' : 'the nearest were';
  const others = nearest.length === 0 ? 'there was none at all' : `${which}: ${nearest.join('; ')}`;
  return new VaultproofError(
    'audit_entry_not_found',
    `no entry of the audit log matched within ${timeoutMs} ms, ${others}; correct what is waited for, or raise "timeoutMs"`,
    { details: { timeoutMs, nearest } },
  );
}

/** The fields, such as `request.path`, in which an entry is not as it is wanted. */
function differences(value: unknown, wanted: unknown, path = ''): readonly string[] {
  if (!isRecord(wanted)) return isDeepStrictEqual(value, wanted) ? [] : [path];
  const record = membersOf(value);
  return Object.entries(wanted).flatMap(([name, part]) =>
    part === undefined ? [] : differences(record[name], part, path === '' ? name : `${path}.${name}`),
  );
}

/** The audit device shares standard output with the log; its entries are the JSON objects of a known type. */
function auditEntries(lines: readonly string[]): AuditEntry[] {
  const entries = lines.flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      const entry: unknown = JSON.parse(line);
      return isAuditEntry(entry) ? [entry] : [];
    } catch {
      return [];
    }
  });
  // A cluster has a log for each node.
  return entries.toSorted((a, b) => (instant(a) < instant(b) ? -1 : instant(a) > instant(b) ? 1 : 0));
}

function isAuditEntry(entry: unknown): entry is AuditEntry {
  return isRecord(entry) && (entry['type'] === 'request' || entry['type'] === 'response') && isRecord(entry['request']);
}

/** A time whose order is that of its characters: Go leaves zeros at its end out. */
function instant({ time }: AuditEntry): string {
  const [, seconds = time, fraction = ''] = /^([^.Z]+)(?:\.(\d+))?/.exec(time) ?? [];
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}

function keyOf({ time, type, request }: AuditEntry): string {
  return `${type} ${request.id} ${time}`;
}
