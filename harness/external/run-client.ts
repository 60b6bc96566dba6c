import type { HttpClient, HttpRequest } from '../../internal/http-client.js';
import { isRecord, membersOf } from '../../internal/json.js';
import { decodePath, encodePath } from '../api/vault-api.js';
import { BUILT_IN_POLICIES } from './run-paths.js';
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
    callInRun(prefix, { method, path: decodePath(encoded), json }, (id) => known.has(id));
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
    if (isNamespaced) throw outsideOfRun({ method, path: decodePath(encoded) }, 'it is in a namespace');
    if (asked.text !== undefined) throw outsideOfRun({ method, path: decodePath(encoded) }, 'its body is not JSON');
    const isList = method === 'GET' && /(?:^|&)list=true(?:&|$)/.test(query ?? '');
    const call = callOf(isList ? 'LIST' : method, encoded, asked.json);
    const sent = `/v1/${encodePath(call.path)}${query === undefined ? '' : `?${query}`}`;
    const answer = await client.request(method, sent, { ...asked, json: call.json });
    const declared = decodePath(encoded);
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
    const { accessor } = membersOf(membersOf(body)['data']);
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

type Fields = Readonly<Record<string, unknown>>;

/** Mounts that every server has, by their types. */
const BUILT_IN_TYPES: readonly unknown[] = [
  'system',
  'identity',
  'cubbyhole',
  'token',
  'ns_system',
  'ns_identity',
  'ns_token',
  'ns_cubbyhole',
];

/**
 * An answer as a server of the run's own would give it: lists have what is the run's alone, and nothing shows the prefix.
 * @param path of the request as it was declared
 */
export function answerInRun(prefix: string, path: string, body: unknown): unknown {
  return withoutPrefix(prefix, isRecord(body) ? ofRun(prefix, path, body) : body);
}

/** A string, or all strings and names of a value, without the prefix. */
function withoutPrefix(prefix: string, value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(`${prefix}/`, '').replaceAll(`${prefix}-`, '');
  if (Array.isArray(value)) {
    const items = value.map((item) => withoutPrefix(prefix, item));
    // Vault sorts names, which the prefix has put in another order.
    return items.every((item, index) => item === value[index] || typeof item !== 'string') ? items : items.sort();
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [String(withoutPrefix(prefix, name)), withoutPrefix(prefix, field)]),
  );
}

function ofRun(prefix: string, path: string, body: Fields): Fields {
  const mounts = (fields: Fields): Fields =>
    kept(fields, (name, mount) => !isMount(name, mount) || name.startsWith(`${prefix}/`) || isBuiltIn(mount));
  const inData = (change: (data: Fields) => Fields): Fields => {
    const { data } = body;
    return { ...change(body), ...(isRecord(data) && { data: change(data) }) };
  };
  const named = (name: unknown): boolean =>
    String(name).startsWith(`${prefix}-`) || (/^sys\//.test(path) && BUILT_IN_POLICIES.includes(String(name)));
  if (/^sys\/(?:mounts|auth|audit)$/.test(path)) return inData(mounts);
  if (path === 'sys/internal/ui/mounts') {
    return inData((data) =>
      Object.fromEntries(Object.entries(data).map(([kind, all]) => [kind, isRecord(all) ? mounts(all) : all])),
    );
  }
  if (/^(?:sys\/(?:policies\/acl|policy)|identity\/(?:entity|group)\/name|auth\/token\/roles)\/?$/.test(path)) {
    return inData((data) => ({
      ...data,
      ...(Array.isArray(data['keys']) && { keys: data['keys'].filter(named) }),
      ...(Array.isArray(data['policies']) && { policies: data['policies'].filter(named) }),
    }));
  }
  if (!/^identity\/(?:entity|group)(?:-alias)?\/id\/?$/.test(path)) return body;
  return inData((data) => {
    const infos = membersOf(data['key_info']);
    const own = kept(infos, (_, info) => isRecord(info) && isOwnIdentity(prefix, info));
    return { ...data, ...(Array.isArray(data['keys']) && { keys: Object.keys(own), key_info: own }) };
  });
}

/** Whether an entity, a group or an alias has a name of the run, or is of one of its auth methods. */
function isOwnIdentity(prefix: string, { name, mount_path, aliases }: Fields): boolean {
  const isOwn = (path: unknown): boolean => String(path).startsWith(`auth/${prefix}/`);
  const ofMethod = Array.isArray(aliases) && aliases.some((alias) => isRecord(alias) && isOwn(alias['mount_path']));
  return String(name).startsWith(`${prefix}-`) || isOwn(mount_path) || ofMethod;
}

function isMount(name: string, mount: unknown): boolean {
  return name.endsWith('/') && isRecord(mount);
}

function isBuiltIn(mount: unknown): boolean {
  return isRecord(mount) && BUILT_IN_TYPES.includes(mount['type']);
}

function kept(fields: Fields, isKept: (name: string, value: unknown) => boolean): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => isKept(name, value)));
}
