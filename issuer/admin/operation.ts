import { z } from 'zod';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a request comes with, checked. */
export interface AdminRequest<Body> {
  /** What is in the place of the path's `{...}`, decoded; empty where there is none. */
  readonly parameter: string;
  readonly body: Body;
  /** Has something done once the answer is sent. */
  readonly afterwards: (then: () => void) => void;
}

/** One method of one path, as it is served and as the OpenAPI document has it. */
export interface Operation {
  readonly id: string;
  readonly tag: 'keys' | 'claims' | 'faults' | 'clock' | 'users' | 'document';
  readonly method: Method;
  /** Behind `/admin`, with one `{parameter}` at most. */
  readonly path: string;
  readonly summary: string;
  /** What may be in the place of the path's `{...}`; default any text. */
  readonly parameter?: z.ZodType;
  /** What the body must be, as JSON; default no body. */
  readonly body?: z.ZodType;
  /** Whether the body may be left out, and is `{}` then; default false. */
  readonly bodyOptional?: boolean;
  readonly status: 200 | 201 | 204;
  /** What is answered, as JSON; nothing with 204. */
  readonly answer?: z.ZodType;
  /** When it is refused, by status, besides what every operation has. */
  readonly refusals?: Readonly<Partial<Record<404 | 409 | 503, string>>>;
  /** Whether it needs no token; default false. */
  readonly open?: boolean;
  readonly handle: (request: AdminRequest<never>) => unknown;
}

/** The same, whose parts fit each other. */
interface Described<Body extends z.ZodType, Answer extends z.ZodType> extends Operation {
  readonly body?: Body;
  readonly answer?: Answer;
  readonly handle: (request: AdminRequest<z.output<Body>>) => z.input<Answer> | Promise<z.input<Answer>>;
}

/** Describes an operation: what it is handed is what its body was checked for, what it answers what it says it does. */
export function operation<Body extends z.ZodType, Answer extends z.ZodType>(
  described: Described<Body, Answer>,
): Operation {
  return described;
}

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
