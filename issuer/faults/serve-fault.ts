import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Content } from '../http/send.js';
import type { Fault } from './named-faults.js';

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
