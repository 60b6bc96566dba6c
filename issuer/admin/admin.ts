import type { ServerResponse } from 'node:http';
import type { Context } from 'hono';
import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import type { Publisher } from '../faults/publication.js';
import { HttpRefusal, refuse } from '../http/refusals.js';
import { bodyText, checkedObject, jsonObject } from '../http/request-body.js';
import type { Issuer } from '../issuer.js';
import type { TlsFaultSwitch } from '../tls/tls-fault.js';
import type { UserStore } from '../users/user-store.js';
import { claimOperations } from './claims.js';
import { clockOperations } from './clock.js';
import { faultOperations, tlsFaultOperations } from './faults.js';
import { keyOperations } from './keys.js';
import { openApi, openApiDocument } from './openapi.js';
import { type Operation, operation } from './operation.js';
import { userOperations } from './users.js';

const JSON_TYPE = 'application/json';

/** What the admin API is about: an issuer, how its documents are served, and the users of its login. */
export interface AdminSubject {
  readonly issuer: Issuer;
  readonly publisher: Publisher;
  /** Of a server that serves HTTPS. */
  readonly tlsFaults: TlsFaultSwitch | undefined;
  /** Without them the API has no users. */
  readonly users: UserStore | undefined;
}

/** Answers a request for a path behind `/admin`, still encoded; who may ask was checked before. */
export type Administer = (context: Context, path: string) => Promise<Response>;

/**
 * The admin API of one issuer: every operation is served as it is described, and described in `/openapi.json`.
 * @param url where it is
 */
export function administer({ issuer, publisher, tlsFaults, users }: AdminSubject, url: string): Administer {
  const operations: readonly Operation[] = [
    ...keyOperations(issuer),
    ...claimOperations(issuer),
    ...faultOperations(publisher),
    ...(tlsFaults ? tlsFaultOperations(tlsFaults) : []),
    ...clockOperations(issuer.clock),
    ...(users ? userOperations(users) : []),
    operation({
      id: 'getOpenApi',
      tag: 'document',
      method: 'GET',
      path: '/openapi.json',
      summary: 'This document',
      open: true,
      status: 200,
      answer: openApiDocument,
      handle: () => openApi(operations, url),
    }),
  ];
  return async (context, path) => {
    const { method } = context.req;
    const here = operations.flatMap((candidate) => {
      const parameter = match(candidate.path, path);
      return parameter === undefined ? [] : [{ candidate, parameter }];
    });
    if (here.length === 0) return refuse(404, 'not_found', 'no such endpoint: see /admin/openapi.json');
    const found = here.find(({ candidate }) => candidate.method === method);
    if (!found) {
      const allow = here.map(({ candidate }) => candidate.method).join(', ');
      throw new HttpRefusal(405, 'method_not_allowed', `this takes ${allow}`, { Allow: allow });
    }
    const { candidate, parameter } = found;
    // What its schema lets through is what its handler takes.
    const body = (await bodyOf(context, candidate)) as never;
    const { outgoing } = context.env as { readonly outgoing: ServerResponse };
    const afterwards = (then: () => void): void => void outgoing.once('finish', then);
    const answer = await run(() => candidate.handle({ parameter, body, afterwards }));
    const headers = { 'Cache-Control': 'no-store' };
    return candidate.status === 204
      ? context.body(null, 204, headers)
      : context.json(answer, candidate.status, headers);
  };
}

/** What is in the place of a template's `{...}`, empty where it has none; undefined when the path is another. */
function match(template: string, path: string): string | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  let parameter = '';
  for (const [index, segment] of given.entries()) {
    if (segment === wanted[index]) continue;
    if (wanted[index]?.startsWith('{') !== true || segment === '') return undefined;
    try {
      parameter = decodeURIComponent(segment);
    } catch {
      return undefined;
    }
  }
  return parameter;
}

async function bodyOf(context: Context, { body: schema, bodyOptional = false }: Operation): Promise<unknown> {
  if (!schema) return undefined;
  const [type] = (context.req.header('content-type') ?? '').split(';');
  const isJson = type?.trim().toLowerCase() === JSON_TYPE;
  const text = isJson || bodyOptional ? await bodyText(context) : '';
  if (bodyOptional && text === '') return checkedObject({}, schema);
  if (!isJson) {
    throw new HttpRefusal(415, 'unsupported_media_type', `the body's Content-Type must be ${JSON_TYPE}`, {
      Accept: JSON_TYPE,
    });
  }
  const body = jsonObject(text);
  refuseHalfCharacters(body);
  return checkedObject(body, schema);
}

const statuses = { kid_taken: 409, unknown_kid: 404, key_invalid: 400 } as const;

/** Runs an operation; an error of ours is a refusal, whose message holds no secret. */
async function run(handle: () => unknown): Promise<unknown> {
  try {
    return await handle();
  } catch (error) {
    if (!(error instanceof VaultproofError)) throw error;
    const { code, message } = error;
    if (!Object.hasOwn(statuses, code)) throw error;
    throw new HttpRefusal(statuses[code as keyof typeof statuses], code, message);
  }
}

/** Refuses JSON that can't be kept as it is: half a character in a text. */
function refuseHalfCharacters(value: unknown): void {
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
    refuse(400, 'invalid_request', 'a string in the body has an unpaired surrogate');
  }
  if (Array.isArray(value)) for (const item of value) refuseHalfCharacters(item);
  if (!isRecord(value)) return;
  for (const [name, item] of Object.entries(value)) {
    refuseHalfCharacters(name);
    refuseHalfCharacters(item);
  }
}
