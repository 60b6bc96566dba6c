import { z } from 'zod';
import { signingAlgorithms } from '../keys/algorithms.js';

const object = z.record(z.string(), z.unknown());

/** What `POST /sign` takes. */
export const signRequest = z
  .strictObject(
    {
      claims: object.optional(),
      payload: z.string().optional(),
      header: object.optional(),
      alg: z.enum(signingAlgorithms).optional(),
      kid: z.string().optional(),
      hostile: z.string().optional(),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? `unknown ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}: put claims below "claims"`
          : undefined,
    },
  )
  .refine(({ claims, payload, hostile }) => payload === undefined || (claims ?? hostile) === undefined, {
    message: '"payload" is signed unchanged: leave "claims" and "hostile" out',
  })
  .refine(({ kid, alg }) => kid === undefined || alg === undefined, { message: 'give one of "kid" and "alg"' })
  .refine(({ hostile, header, kid, alg }) => hostile === undefined || (header ?? kid ?? alg) === undefined, {
    message: '"hostile" takes "claims" alone',
  });
export type SignRequest = z.output<typeof signRequest>;
