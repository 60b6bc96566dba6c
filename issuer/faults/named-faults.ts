/** The documents that verifiers fetch, of one issuer. */
export type DocumentName = 'jwks' | 'discovery';

/** How a document is served wrongly. What is not named stays right. */
export interface Fault {
  /** Default 200. */
  readonly status?: number;
  /**
   * A text as it is, an object as JSON, or a function that makes one of them of the right document, for example to add
   * a key to the set; default the right document.
   */
  readonly body?: FaultyBody | ((document: Readonly<Record<string, unknown>>) => FaultyBody);
  /** Added to the right ones or instead of them, for example `Content-Type` or `Location`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long nothing comes, in milliseconds; default 0. */
  readonly delayMs?: number;
  /** Breaks the connection off before the first byte, or half-way through the body. */
  readonly cut?: 'at-once' | 'half-way';
  /** Over how many milliseconds the body is spread, a piece every 50 ms; default it comes at once. */
  readonly dripMs?: number;
  /** How many fetches it is for, and then no more; default until it is cleared. */
  readonly times?: number;
}

type FaultyBody = string | Readonly<Record<string, unknown>>;

/** Faults by name, for those who have no functions: a command line, an API. */
export const faultNames = [
  'server-error',
  'not-found',
  'redirect',
  'wrong-content-type',
  'not-json',
  'cut-at-once',
  'cut-half-way',
  'slow',
  'slow-drip',
  'huge',
  'empty-object',
  'empty-key-set',
  'poisoned-key-set',
  'unknown-key-type',
  'secret-in-key-set',
  'other-issuer',
] as const;
/** The name of a fault. */
export type FaultName = (typeof faultNames)[number];

/** What a redirect of the fault `redirect` leads to: the document as it is, whatever fault is set. */
export const REDIRECTED = '?redirected';

const SLOW_MS = 1_000;
const HUGE_BYTES = 8 * 1_048_576;

const keysOf = ({ keys }: Readonly<Record<string, unknown>>): unknown[] => (Array.isArray(keys) ? keys : []);

/** What the names stand for. Those about keys are for the key set, `other-issuer` for the discovery document. */
export const namedFaults: Readonly<Record<FaultName, Fault>> = {
  'server-error': { status: 500, body: { error: 'server_error' } },
  'not-found': { status: 404, body: 'not found' },
  redirect: { status: 302, headers: { Location: REDIRECTED }, body: '' },
  'wrong-content-type': { headers: { 'Content-Type': 'text/html' } },
  'not-json': { body: '<!doctype html><title>Bad gateway</title>', headers: { 'Content-Type': 'text/html' } },
  'cut-at-once': { cut: 'at-once' },
  'cut-half-way': { cut: 'half-way' },
  slow: { delayMs: SLOW_MS },
  'slow-drip': { dripMs: SLOW_MS },
  huge: { body: (document) => ({ ...document, padding: 'x'.repeat(HUGE_BYTES) }) },
  'empty-object': { body: {} },
  'empty-key-set': { body: { keys: [] } },
  // Its coordinates are cut short.
  'poisoned-key-set': {
    body: (set) => ({ keys: [...keysOf(set), { kty: 'EC', crv: 'P-256', kid: 'bad', x: 'AAAA', y: 'AAAA' }] }),
  },
  'unknown-key-type': {
    body: (set) => ({ keys: [...keysOf(set), { kty: 'AKP', kid: 'new', alg: 'ML-DSA-44', pub: 'AAAA' }] }),
  },
  'secret-in-key-set': { body: (set) => ({ keys: [...keysOf(set), { kty: 'oct', kid: 'secret', k: 'c2VjcmV0' }] }) },
  'other-issuer': { body: (document) => ({ ...document, issuer: 'https://elsewhere.example' }) },
};
