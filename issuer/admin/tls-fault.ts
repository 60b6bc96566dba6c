import { z } from 'zod';
import { type TlsFaultName, type TlsFaultSwitch, tlsFaultNames } from '../tls/tls-fault.js';
import { type Operation, operation } from './operation.js';
import { component } from './schemas.js';

const TEN_MINUTES_SECONDS = 600;

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

const current = component(
  'CurrentTlsFault',
  z.strictObject({ name: z.enum(tlsFaultNames).nullable().describe('Null for none.') }),
);

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
      answer: current,
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
