import { z } from 'zod';
import { type DocumentName, type Fault, faultNames } from '../faults/named-faults.js';
import type { Publisher } from '../faults/publication.js';
import { refuse } from '../http/refusals.js';
import { type TlsFaultName, type TlsFaultSwitch, tlsFaultNames } from '../tls/tls-fault.js';
import { component, type Operation, operation } from './operation.js';

const TEN_MINUTES_SECONDS = 600;

const documentName = z.enum(['jwks', 'discovery']);
const milliseconds = z
  .int()
  .min(0)
  .max(TEN_MINUTES_SECONDS * 1_000);

const ALONE = 'give either "name", or the parts of the fault';
const fault = component(
  'Fault',
  z
    .strictObject({
      name: z
        .enum(faultNames)
        .exactOptional()
        .describe('The name of a fault of docs/faults.md; without other members.'),
      status: z.int().min(200).max(599).exactOptional().describe('Default 200.'),
      body: z
        .union([z.string(), z.record(z.string(), z.unknown())], 'must be a string or an object')
        .exactOptional()
        .describe('A string is served verbatim, an object as JSON; default the right document.'),
      headers: z
        .record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), z.string().regex(/^[\t\x20-\x7e]{0,1024}$/))
        .exactOptional()
        .describe('Added to the right headers, or replacing them.'),
      delayMs: milliseconds.exactOptional().describe('How long the response is delayed; default 0.'),
      cut: z.enum(['at-once', 'half-way']).exactOptional().describe('When the connection is cut.'),
      dripMs: milliseconds.exactOptional().describe('How long sending the body takes; default it is sent at once.'),
      times: z.int().min(0).max(1_000_000).exactOptional().describe('For how many fetches; default until cleared.'),
    })
    .refine((given) => given.name === undefined || Object.keys(given).length === 1, ALONE)
    .meta({ anyOf: [{ required: ['name'], maxProperties: 1 }, { not: { required: ['name'] } }] }),
);

const current = component(
  'CurrentFault',
  z.strictObject({
    fault: fault.nullable().describe('The fault that was set, null for none; a body made by a function is left out.'),
    fetchesLeft: z.int().min(0).exactOptional().describe('How many more fetches it applies to; absent until cleared.'),
  }),
);

const fetches = component(
  'Fetches',
  z.strictObject({
    jwks: z.int().min(0),
    discovery: z.int().min(0).describe('Both discovery documents.'),
    lure: z.int().min(0).describe('The attacker keys that `jku` and `x5u` of hostile tokens point to.'),
  }),
);

/** With these nobody reaches this API, either. */
const shuttingOut: readonly TlsFaultName[] = ['cut-handshake', 'old-protocol', 'plain-http'];

const tlsFault = component(
  'TlsFault',
  z
    .strictObject({
      name: z.enum(tlsFaultNames).describe('A TLS fault of docs/faults.md.'),
      seconds: z
        .int()
        .min(1)
        .max(TEN_MINUTES_SECONDS)
        .exactOptional()
        .describe(
          `For how long; default until cleared. Needed for ${shuttingOut.join(', ')}, which shut this API out.`,
        ),
    })
    .refine(({ name, seconds }) => seconds !== undefined || !shuttingOut.includes(name), {
      message: 'this fault shuts the admin API out, too: say for how many "seconds"',
    }),
);

const currentTlsFault = component(
  'CurrentTlsFault',
  z.strictObject({ name: z.enum(tlsFaultNames).nullable().describe('Null for none.') }),
);

/** How an issuer's documents are served, and how often they were fetched. */
export function faultOperations(publisher: Publisher): readonly Operation[] {
  const { faults } = publisher;
  const one = { tag: 'faults', path: '/faults/{document}', parameter: documentName } as const;
  const refusals = { 404: 'There is no such document.' };
  return [
    operation({
      id: 'listFaults',
      tag: 'faults',
      method: 'GET',
      path: '/faults',
      summary: 'The fault of each document',
      status: 200,
      answer: component('Faults', z.strictObject({ jwks: current, discovery: current })),
      handle: () => ({ jwks: describe(publisher, 'jwks'), discovery: describe(publisher, 'discovery') }),
    }),
    operation({
      ...one,
      id: 'getFault',
      method: 'GET',
      summary: 'The fault of a document',
      status: 200,
      answer: current,
      refusals,
      handle: ({ parameter }) => describe(publisher, known(parameter)),
    }),
    operation({
      ...one,
      id: 'putFault',
      method: 'PUT',
      summary: 'Serves a document with a fault from the next fetch on',
      body: fault,
      status: 200,
      answer: current,
      refusals,
      handle: ({ parameter, body }) => {
        const { name, ...own } = body;
        faults.set(known(parameter), name ?? own);
        return describe(publisher, known(parameter));
      },
    }),
    operation({
      ...one,
      id: 'deleteFault',
      method: 'DELETE',
      summary: 'Clears the fault of a document',
      status: 204,
      refusals,
      handle: ({ parameter }) => faults.clear(known(parameter)),
    }),
    operation({
      id: 'getFetches',
      tag: 'faults',
      method: 'GET',
      path: '/fetches',
      summary: 'How often each document was fetched with GET, with any status',
      status: 200,
      answer: fetches,
      handle: () => ({ ...publisher.fetches }),
    }),
    operation({
      id: 'resetFetches',
      tag: 'faults',
      method: 'DELETE',
      path: '/fetches',
      summary: 'Counts from 0 again',
      status: 204,
      handle: () => publisher.resetFetches(),
    }),
  ];
}

function known(name: string): DocumentName {
  const checked = documentName.safeParse(name);
  return checked.success ? checked.data : refuse(404, 'not_found', 'unknown document; expected "jwks" or "discovery"');
}

function describe({ faults }: Publisher, document: DocumentName): z.input<typeof current> {
  const now = faults.get(document);
  if (!now) return { fault: null };
  const left = Number.isFinite(now.fetchesLeft) ? { fetchesLeft: now.fetchesLeft } : {};
  return { fault: typeof now.fault === 'string' ? { name: now.fault } : withoutFunction(now.fault), ...left };
}

function withoutFunction({ body, headers, ...rest }: Fault): z.input<typeof fault> {
  const copy = typeof body === 'string' ? body : { ...body };
  return {
    ...rest,
    ...(headers && { headers: { ...headers } }),
    ...(body === undefined || typeof body === 'function' ? {} : { body: copy }),
  };
}

/** The fault of the connections to all issuers of a server that serves HTTPS. */
export function tlsFaultOperations(faults: TlsFaultSwitch): readonly Operation[] {
  let timer: NodeJS.Timeout | undefined;
  const here = { tag: 'faults', path: '/tls-fault' } as const;
  return [
    operation({
      ...here,
      id: 'getTlsFault',
      method: 'GET',
      summary: 'The fault of the connections',
      status: 200,
      answer: currentTlsFault,
      handle: () => ({ name: faults.get() ?? null }),
    }),
    operation({
      ...here,
      id: 'putTlsFault',
      method: 'PUT',
      summary: 'Cuts every connection after this response, and serves all later ones with a fault',
      body: tlsFault,
      status: 200,
      answer: tlsFault,
      handle: ({ body, afterwards }) => {
        const { name, seconds } = body;
        faults.check(name);
        afterwards(() => {
          clearTimeout(timer);
          faults.set(name);
          if (seconds !== undefined) timer = setTimeout(faults.clear, seconds * 1_000).unref();
        });
        return body;
      },
    }),
    operation({
      ...here,
      id: 'deleteTlsFault',
      method: 'DELETE',
      summary: 'Cuts every connection after this response, and serves all later ones without a fault',
      status: 204,
      handle: ({ afterwards }) =>
        afterwards(() => {
          clearTimeout(timer);
          faults.clear();
        }),
    }),
  ];
}
