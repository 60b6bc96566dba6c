import type { HttpClient, HttpRequest } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import { encodePath } from '../api/vault-api.js';
import { answerInRun } from './run-answers.js';
import { callInRun, outsideOfRun } from './run-requests.js';

/** Members of answers that tell identities and mounts apart. */
const IDS = ['id', 'accessor', 'canonical_id', 'entity_id', 'keys'];

/** What a run has, and is told. */
export interface RunOnServer {
  readonly prefix: string;
  /** Is told the accessor of an auth method before anyone can log in at it. */
  readonly methodMade: (accessor: string) => Promise<void>;
}

/** A client to which a Vault that others use looks as one of its own. */
export interface RunClient extends HttpClient {
  /**
   * Whether a request could be sent.
   * @param path without `/v1/`, encoded
   * @throws VaultproofError `outside_of_run`
   */
  check(method: string, path: string, json?: unknown): void;
}

/** Sends the requests of a run: paths, and names in bodies, get the run's prefix, and answers lose it. */
export function runClient(client: HttpClient, { prefix, methodMade }: RunOnServer): RunClient {
  const known = new Set<string>();
  const callOf = (method: string, encoded: string, json: unknown) =>
    callInRun(prefix, { method, path: decoded(encoded), json }, (id) => known.has(id));
  const learn = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(learn);
    if (!isRecord(value)) return;
    for (const [name, field] of Object.entries(value)) {
      for (const id of IDS.includes(name) ? [field].flat() : []) if (typeof id === 'string') known.add(id);
      learn(field);
    }
  };
  const request: HttpClient['request'] = async (method, path, asked = {}) => {
    const [encoded = '', query] = path.replace(/^\/v1\//, '').split('?');
    const isNamespaced = Object.keys(asked.headers ?? {}).some((name) => name.toLowerCase() === 'x-vault-namespace');
    if (isNamespaced) throw outsideOfRun({ method, path: decoded(encoded) }, 'it is in a namespace');
    if (asked.text !== undefined) throw outsideOfRun({ method, path: decoded(encoded) }, 'its body is not JSON');
    const isList = method === 'GET' && /(?:^|&)list=true(?:&|$)/.test(query ?? '');
    const call = callOf(isList ? 'LIST' : method, encoded, asked.json);
    const sent = `/v1/${encodePath(call.path)}${query === undefined ? '' : `?${query}`}`;
    const answer = await client.request(method, sent, { ...asked, json: call.json });
    const declared = decoded(encoded);
    const body = answerInRun(prefix, declared, answer.body);
    if (answer.status < 300) {
      if (isOfRun(prefix, call.path)) learn(body);
      if (/^sys\/auth\/.*(?<!\/tune)$/.test(declared) && /^(?:POST|PUT)$/.test(method))
        await tellMade(call.path, asked);
    }
    return { ...answer, body };
  };
  const tellMade = async (path: string, { headers }: HttpRequest): Promise<void> => {
    const { body } = await client.request('GET', `/v1/${encodePath(path)}`, { headers });
    learn(body);
    const { accessor } = isRecord(body) && isRecord(body['data']) ? body['data'] : {};
    if (typeof accessor === 'string') await methodMade(accessor);
  };
  return {
    address: client.address,
    product: client.product,
    check: (method, path, json) => void callOf(method, path, json),
    request,
    close: () => client.close(),
  };
}

/** Whether all that an answer tells of is the run's, so that it may name the ids in it. */
function isOfRun(prefix: string, path: string): boolean {
  return path.split('/').includes(prefix) || /^(?:identity\/|auth\/token\/)/.test(path);
}

function decoded(path: string): string {
  return path
    .split('/')
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    })
    .join('/');
}
