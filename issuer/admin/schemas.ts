import { z } from 'zod';

/** The schemas that the OpenAPI document has by name. */
export const components = z.registry<{ readonly id: string }>();

/** Gives a schema a name in the OpenAPI document. */
export function component<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  components.add(schema, { id });
  return schema;
}

/** Until the end of the year 9999. */
export const time = z.int().min(0).max(253_402_300_799).describe("Seconds since 1970, by the issuer's clock.");

/** A time in an answer: a clock that goes on, and an overlap after a rotation, may pass the end of the year 9999. */
export const answeredTime = z.int().min(0).describe("Seconds since 1970, by the issuer's clock.");

/** Ten years at most. */
export const seconds = z.int().min(0).max(315_360_000);

/** A refusal, as OAuth words them (RFC 6749, section 5.2). */
export const problem = component(
  'Problem',
  z.strictObject({
    error: z.string().describe('A code for the reason.'),
    error_description: z.string().describe('What is wrong, and where; never a secret.'),
  }),
);
