import { z } from 'zod';
import type { Operation } from './operation.js';
import { component, components, problem } from './operation.js';

type Json = Readonly<Record<string, unknown>>;

const JSON_TYPE = 'application/json';

/** The document itself, which is what it says. */
export const openApiDocument = component('OpenApiDocument', z.record(z.string(), z.unknown()));

/** What operations are refused for in general. */
const refused = {
  400: { name: 'BadRequest', reason: 'The body is invalid; `error_description` says where.' },
  401: { name: 'Unauthorized', reason: 'The token is missing or wrong.' },
  403: { name: 'Forbidden', reason: 'The request names another host, or comes from another site.' },
  405: { name: 'MethodNotAllowed', reason: 'The path does not support this method.' },
  413: { name: 'ContentTooLarge', reason: 'The body is over 64 KiB.' },
  415: { name: 'UnsupportedMediaType', reason: 'The body is not `application/json`.' },
} as const;

/**
 * Describes operations, with the schemas that check their requests.
 * @param server where they are
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApi(operations: readonly Operation[], server: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = paths[operation.path] ?? {};
    path[operation.method.toLowerCase()] = describe(operation);
    paths[operation.path] = path;
  }
  const responses = Object.fromEntries(
    Object.entries(refused).map(([code, { name, reason }]) => [name, refusal(code, reason)]),
  );
  return {
    openapi: '3.1.1',
    info: {
      title: "The admin API of vaultproof's issuer",
      version: '1',
      description: 'Keys, claims, faults, clock and users of one issuer.',
    },
    servers: [{ url: server }],
    security: [{ admin: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { admin: { type: 'http', scheme: 'bearer', description: "The issuer's admin token." } },
      responses,
      schemas: schemasFor({ paths, responses }),
    },
  };
}

function describe({ id, tag, summary, path, body, status, answer, ...operation }: Operation): Json {
  const [, parameter] = /\{(\w+)\}/.exec(path) ?? [];
  const schema = operation.parameter ? inline(operation.parameter) : { type: 'string', minLength: 1 };
  const required = operation.bodyOptional !== true;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(operation.open && { security: [] }),
    ...(parameter !== undefined && { parameters: [{ name: parameter, in: 'path', required: true, schema }] }),
    ...(body && { requestBody: { required, content: { [JSON_TYPE]: { schema: reference(body) } } } }),
    responses: {
      [status]: {
        description: status === 201 ? 'Made.' : 'Done.',
        headers: cacheControl,
        ...(answer && { content: { [JSON_TYPE]: { schema: reference(answer) } } }),
      },
      ...refusalsOf(operation, body !== undefined),
    },
  };
}

function refusalsOf({ open, refusals = {} }: Pick<Operation, 'open' | 'refusals'>, hasBody: boolean): Json {
  const codes = [...(hasBody ? ([400, 413, 415] as const) : []), ...(open ? [] : ([401] as const)), 403, 405] as const;
  const general = codes.map((code) => [code, { $ref: `#/components/responses/${refused[code].name}` }]);
  const own = Object.entries(refusals).map(([code, reason]) => [code, refusal(code, reason)]);
  return Object.fromEntries([...general, ...own]);
}

function refusal(code: string, description: string): Json {
  const headers = {
    ...cacheControl,
    ...(code === '401' && { 'WWW-Authenticate': header('How to authenticate (RFC 6750, section 3).') }),
    ...(code === '405' && { Allow: header('The methods that the path supports.') }),
  };
  return { description, headers, content: { [JSON_TYPE]: { schema: reference(problem) } } };
}

const cacheControl = { 'Cache-Control': { ...header('Always `no-store`.'), schema: { const: 'no-store' } } };

function header(description: string): Json {
  return { description, required: true, schema: { type: 'string' } };
}

function reference(schema: z.ZodType): Json {
  return { $ref: locationOf(components.get(schema)?.id ?? '') };
}

function locationOf(id: string): string {
  return `#/components/schemas/${id}`;
}

/** The components that something refers to, and those that they refer to. */
function schemasFor(referring: Json): Json {
  const { schemas: all } = z.toJSONSchema(components, { uri: locationOf, io: 'input' });
  const needed = new Set<string>();
  const follow = (value: unknown): void => {
    for (const [id, schema] of Object.entries(all)) {
      if (needed.has(id) || !JSON.stringify(value).includes(`"${locationOf(id)}"`)) continue;
      needed.add(id);
      follow(schema);
    }
  };
  follow(referring);
  const found = Object.entries(all).filter(([id]) => needed.has(id));
  return Object.fromEntries(found.map(([id, schema]) => [id, bare(schema)]));
}

function inline(schema: z.ZodType): Json {
  return bare(z.toJSONSchema(schema, { io: 'input' }));
}

/** A schema within a document has no address and no dialect of its own. */
function bare(schema: Json): Json {
  const { $schema: _dialect, $id: _address, ...rest } = schema;
  return rest;
}
