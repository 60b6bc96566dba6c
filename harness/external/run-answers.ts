import { isRecord } from '../../internal/json.js';
import { BUILT_IN_POLICIES } from './run-paths.js';

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
export function withoutPrefix(prefix: string, value: unknown): unknown {
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
    const infos = isRecord(data['key_info']) ? data['key_info'] : {};
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
