import { z } from 'zod';
import { HttpRefusal, refuse } from '../http/refusals.js';
import type { Issuer } from '../issuer.js';
import { signingAlgorithms } from '../keys/algorithms.js';
import { importSigningKey } from '../keys/import-key.js';
import { type KeyRing, type ManagedKey, OVERLAP_SECONDS } from '../keys/key-ring.js';
import { generateSigningKey } from '../keys/signing-key.js';
import { answeredTime, component, type Operation, operation, seconds, time } from './operation.js';

const KID = /^[A-Za-z0-9_-][A-Za-z0-9_.~:@+=-]{0,127}$/;
const alg = z.enum(signingAlgorithms);
const kid = z
  .string()
  .regex(KID, 'must be 1 to 128 of A-Z a-z 0-9 _ . ~ : @ + = - and begin with a letter, a digit, _ or -');
const timesOf = (each: typeof time) => ({
  publishAt: each.exactOptional().describe('When it enters the key set.'),
  activateAt: each.exactOptional().describe('When it signs.'),
  retireAt: each.exactOptional().describe('When it leaves the key set for good.'),
});
const text = z.string();

/** No private member has a place in it. */
const publicJwk = component(
  'PublicJwk',
  z.strictObject({
    kty: z.enum(['EC', 'RSA', 'OKP']),
    kid: text,
    use: text,
    alg,
    crv: text.exactOptional(),
    x: text.exactOptional(),
    y: text.exactOptional(),
    n: text.exactOptional(),
    e: text.exactOptional(),
  }),
);

const key = component(
  'Key',
  z.strictObject({
    kid: text,
    alg,
    state: z
      .enum(['added', 'published', 'active', 'overlapping', 'retired'])
      .describe('`active` is the key that signs for its algorithm; `overlapping` still verifies.'),
    ...timesOf(answeredTime),
    publicJwk,
  }),
);

const newKey = component(
  'NewKey',
  z.strictObject({
    key: z
      .union([z.string(), z.record(z.string(), z.unknown())], 'must be a PEM string, or a JWK')
      .exactOptional()
      .describe('A private key, PEM or JWK; by default one is generated.'),
    alg: alg
      .exactOptional()
      .describe('Default ES256 for a generated key, else the alg of the key or the usual one of its type.'),
    kid: kid.exactOptional().describe("Default the JWK's own, else the thumbprint of RFC 7638."),
    ...timesOf(time),
  }),
);

const at = component('At', z.strictObject({ at: time.exactOptional().describe('Default now.') }));

const rotation = component(
  'Rotation',
  z.strictObject({
    alg: alg.exactOptional().describe('Default the alg of the signing key.'),
    leadSeconds: seconds.exactOptional().describe('How long the new key is published before it signs; default 0.'),
    overlapSeconds: seconds
      .exactOptional()
      .describe(`How long the old key still verifies once the new one signs; default ${OVERLAP_SECONDS}.`),
  }),
);

/** The keys of an issuer: never a private half of one. */
export function keyOperations({ keys }: Pick<Issuer, 'keys'>): readonly Operation[] {
  const find = (wanted: string): ManagedKey =>
    keys.list().findLast((entry) => entry.key.kid === wanted) ?? refuse(404, 'unknown_kid', 'there is no such key');
  const move = (id: 'publish' | 'activate', summary: string): Operation =>
    operation({
      id: `${id}Key`,
      tag: 'keys',
      method: 'POST',
      path: `/keys/{kid}/${id}`,
      summary,
      body: at,
      bodyOptional: true,
      status: 200,
      answer: key,
      refusals: { 404: 'There is no such key.', 409: 'The key is retired for good.' },
      handle: ({ parameter, body }) => {
        if (find(parameter).state === 'retired') refuse(409, 'unknown_kid', 'the key is retired for good, add another');
        keys[id](parameter, body.at);
        return describe(find(parameter));
      },
    });
  return [
    operation({
      id: 'listKeys',
      tag: 'keys',
      method: 'GET',
      path: '/keys',
      summary: 'Every key, the oldest first; of the retired ones the last 100',
      status: 200,
      answer: component('Keys', z.strictObject({ keys: z.array(key) })),
      handle: () => ({ keys: keys.list().map(describe) }),
    }),
    operation({
      id: 'addKey',
      tag: 'keys',
      method: 'POST',
      path: '/keys',
      summary: 'Generates or imports a key; published and active from now on by default',
      body: newKey,
      status: 201,
      answer: key,
      refusals: { 409: 'The kid belongs to another key, which may be retired.' },
      handle: ({ body }) => add(keys, body).then(find).then(describe),
    }),
    operation({
      id: 'getKey',
      tag: 'keys',
      method: 'GET',
      path: '/keys/{kid}',
      summary: 'One key',
      status: 200,
      answer: key,
      refusals: { 404: 'There is no such key.' },
      handle: ({ parameter }) => describe(find(parameter)),
    }),
    move('publish', 'Puts a key into the key set, now or at a time'),
    move('activate', 'Makes a key the signing key, now or from a time on; it is published by then'),
    operation({
      id: 'retireKey',
      tag: 'keys',
      method: 'POST',
      path: '/keys/{kid}/retire',
      summary: 'Takes a key out of the key set for good, now or at a time',
      body: at,
      bodyOptional: true,
      status: 200,
      answer: key,
      refusals: { 404: 'There is no such key.' },
      handle: ({ parameter, body }) => {
        find(parameter);
        keys.retire(parameter, body.at);
        return describe(find(parameter));
      },
    }),
    operation({
      id: 'rotate',
      tag: 'keys',
      method: 'POST',
      path: '/rotate',
      summary: 'Rotates: publishes a generated key, signs with it, and retires the key before it, each at its time',
      body: rotation,
      bodyOptional: true,
      status: 201,
      answer: key,
      handle: async ({ body }) => describe(find((await keys.rotate(body)).kid)),
    }),
  ];
}

async function add(keys: KeyRing, { key: given, ...options }: z.output<typeof newKey>): Promise<string> {
  const { alg: algorithm, kid: own, ...when } = options;
  const made =
    given === undefined
      ? await generateSigningKey(algorithm, { kid: own })
      : await importSigningKey(typeof given === 'string' ? given : JSON.stringify(given), {
          kid: own,
          alg: algorithm,
        });
  const checked = kid.safeParse(made.kid);
  if (!checked.success) throw new HttpRefusal(400, 'invalid_request', `the key's own "kid" ${reason(checked.error)}`);
  keys.add(made, when);
  return made.kid;
}

function reason({ issues }: z.ZodError): string {
  return issues.map(({ message }) => message).join('; ');
}

function describe({ key: { kid: name, alg: algorithm, publicJwk: jwk }, ...life }: ManagedKey): z.input<typeof key> {
  // What the ring has is a JWK of jose's, whose type allows anything.
  return { kid: name, alg: algorithm, ...life, publicJwk: { ...jwk } as z.input<typeof publicJwk> };
}
