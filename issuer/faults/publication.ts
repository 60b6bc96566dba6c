import { type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { UsageError } from '../../errors/index.js';
import { type KnownOptions, refuseUnknownOptions } from '../../internal/known-options.js';
import type { Content } from '../http/send.js';
import { type DocumentName, type Fault, type FaultName, faultNames, namedFaults } from './named-faults.js';

/** The faults of one issuer's documents. */
export interface Faults {
  /** The fault of a document as it was set, and for how many fetches it still is; undefined for none. */
  get(document: DocumentName): CurrentFault | undefined;
  /**
   * Has a document served with a fault from the next fetch on; one that was set before is gone.
   * @throws TypeError for an unknown name or option, a status or a header that no server sends, a negative or broken number
   */
  set(document: DocumentName, fault: Fault | FaultName): void;
  /** Has a document, or all of them, served as they are. */
  clear(document?: DocumentName): void;
}

/** A fault that a document has now. */
export interface CurrentFault {
  readonly fault: Fault | FaultName;
  /** Infinity until it is cleared. */
  readonly fetchesLeft: number;
}

/** How often each document was fetched with GET, whatever was answered. */
export interface Fetches {
  readonly jwks: number;
  /** Both discovery documents. */
  readonly discovery: number;
  /** What hostile tokens point to with `jku` and `x5u`: 0 unless a verifier can be lured. */
  readonly lure: number;
}

/** How one issuer's documents are served. */
export interface Publication {
  readonly faults: Faults;
  readonly fetches: Fetches;
}

/** What the routes use of a publication. */
export interface Publisher extends Publication {
  /** Counts a fetch, and says with which fault to answer it. */
  fetched(document: keyof Fetches, redirected?: boolean): Fault | undefined;
  /** Counts the fetches from 0 again. */
  resetFetches(): void;
}

/** Faults to begin with, by document. */
export type InitialFaults = Readonly<Partial<Record<DocumentName, Fault | FaultName>>>;

/** A publication without fetches. @throws TypeError as {@link Faults.set} does */
export function publisher(initial: InitialFaults = {}): Publisher {
  const fetches = { jwks: 0, discovery: 0, lure: 0 };
  const current = new Map<keyof Fetches, { readonly told: Fault | FaultName; readonly fault: Fault; left: number }>();
  const faults: Faults = {
    get: (document) => {
      const entry = current.get(document);
      return entry && entry.left > 0 ? { fault: entry.told, fetchesLeft: entry.left } : undefined;
    },
    set: (document, fault) => {
      if (document !== 'jwks' && document !== 'discovery') {
        throw new UsageError(`unknown document "${String(document)}"; expected "jwks" or "discovery"`);
      }
      const checked = check(fault);
      current.set(document, { told: fault, fault: checked, left: checked.times ?? Number.POSITIVE_INFINITY });
    },
    clear: (document) => (document === undefined ? current.clear() : void current.delete(document)),
  };
  for (const [document, fault] of Object.entries(initial)) if (fault) faults.set(document as DocumentName, fault);
  return {
    faults,
    fetches,
    resetFetches: () => {
      Object.assign(fetches, { jwks: 0, discovery: 0, lure: 0 });
    },
    fetched: (document, redirected = false) => {
      fetches[document] += 1;
      const entry = current.get(document);
      if (!entry || entry.left <= 0 || (redirected && isRedirect(entry.fault))) return undefined;
      entry.left -= 1;
      return entry.fault;
    },
  };
}

function isRedirect({ status = 200 }: Fault): boolean {
  return status >= 300 && status < 400;
}

const faultOptions: KnownOptions<Fault> = {
  status: true,
  body: true,
  headers: true,
  delayMs: true,
  cut: true,
  dripMs: true,
  times: true,
};

function check(told: Fault | FaultName): Fault {
  if (typeof told === 'string' && !faultNames.includes(told)) {
    throw new UsageError(`unknown fault "${told}"; expected one of ${faultNames.join(', ')}`);
  }
  const fault = typeof told === 'string' ? namedFaults[told] : told;
  refuseUnknownOptions('a fault', fault, faultOptions);
  const { status = 200 } = fault;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new UsageError(`"status" must be from 200 to 599, not "${status}"`);
  }
  for (const name of ['delayMs', 'dripMs', 'times'] as const) {
    const value = fault[name] ?? 0;
    if (!Number.isInteger(value) || value < 0) {
      throw new UsageError(`"${name}" must be a whole number of 0 or more, not "${value}"`);
    }
  }
  for (const [name, value] of Object.entries(fault.headers ?? {})) checkHeader(name, value);
  return fault;
}

function checkHeader(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    throw new UsageError(`"headers" has ${JSON.stringify(name)}, which can't be sent with that name or that value`);
  }
}

const PIECE_MS = 50;

/** Answers a fetch with a fault, past the framework, which would never send half an answer. */
export async function serveFault(fault: Fault, right: Content, outgoing: ServerResponse): Promise<void> {
  const { status = 200, delayMs = 0, dripMs = 0, cut } = fault;
  if (delayMs > 0) await wait(delayMs, undefined, { ref: false });
  if (cut === 'at-once' || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  const body = Buffer.from(bodyOf(fault, right));
  outgoing.writeHead(status, {
    ...lowerCased(right.headers),
    'content-length': body.length,
    ...lowerCased(fault.headers ?? {}),
  });
  if (cut === 'half-way') {
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => outgoing.destroy());
    return;
  }
  const pieces = Math.max(1, Math.ceil(dripMs / PIECE_MS));
  const size = Math.max(1, Math.ceil(body.length / pieces));
  for (let at = 0; at < body.length && !outgoing.destroyed; at += size) {
    if (at > 0) await wait(PIECE_MS, undefined, { ref: false });
    outgoing.write(body.subarray(at, at + size));
  }
  outgoing.end();
}

function bodyOf({ body }: Fault, right: Content): string {
  if (body === undefined) return right.body;
  const made = typeof body === 'function' ? body(JSON.parse(right.body) as Record<string, unknown>) : body;
  return typeof made === 'string' ? made : JSON.stringify(made);
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
