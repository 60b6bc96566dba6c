import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { ErrorCode } from '../../errors/index.js';
import type { LogLines } from '../engines/index.js';
import type { LeasedOutbound, LeaseRequest, ServerFacts } from './leased-servers.js';

/** The servers of a lease, by name. */
export type ServerName = 'vault' | 'consul';

export const SERVER_NAMES: readonly ServerName[] = ['vault', 'consul'];

/** What a process that leases asks for; `id` comes back with the answer. */
export type Request = { readonly id: number } & (
  | { readonly ask: 'lease'; readonly wanted: LeaseRequest }
  | { readonly ask: 'give-back' | 'log'; readonly lease: number; readonly server: ServerName }
  | { readonly ask: 'lead'; readonly port: number; readonly lease: number; readonly server: ServerName }
  | { readonly ask: 'lines'; readonly from: number; readonly lease: number; readonly server: ServerName }
);

/** What the pool's process says. */
export type Message =
  | { readonly id: number; readonly answer: LeaseAnswer | LogLines | string | undefined }
  | { readonly id: number; readonly error: SentError }
  | { readonly lease: number; readonly server: ServerName; readonly exited: string };

/** A lease's number, by which its servers are asked for and given back. */
export interface LeaseAnswer {
  readonly lease: number;
  readonly servers: Readonly<Partial<Record<ServerName, ServerFacts | undefined>>>;
  /** With secrets; undefined where the servers reach what their host reaches. */
  readonly outbound: LeasedOutbound | undefined;
}

/** An error as the other process is to throw it. */
export interface SentError {
  /** Where it is a VaultproofError. */
  readonly code?: ErrorCode | undefined;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** Sends one message, a line of JSON. */
export function send(socket: Socket, message: Request | Message): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

/** Receives messages until the connection is closed. */
export function onMessages<Received>(socket: Socket, receive: (message: Received) => void): void {
  createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })
    .on('line', (line) => receive(JSON.parse(line) as Received))
    .on('error', () => {});
}
