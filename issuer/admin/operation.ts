import type { z } from 'zod';

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
  /** What the body must be, as JSON; default there is none. */
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
