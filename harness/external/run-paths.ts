/** What a server has besides the mounts of its users. */
const BUILT_IN = ['sys', 'auth', 'identity', 'cubbyhole'];

/** Endpoints below `sys/` that concern the caller's own token, or change nothing that lasts. */
const OF_CALLER =
  /^(?:capabilities(?:-self|-accessor)?|(?:leases\/)?(?:lookup|renew|revoke)|remount|(?:wrapping|tools)\/.+|internal\/ui\/resultant-acl)$/;
/** Endpoints below `auth/token/` that concern one token that the caller has, or make one that ends with it. */
const OF_ONE_TOKEN = /^(?:create|(?:lookup|renew|revoke)(?:-self|-accessor)?)$/;
/** The names of policies that every server has. */
export const BUILT_IN_POLICIES: readonly string[] = ['default', 'root'];

/**
 * A path of Vault's API as a run has it: `kv/data/app` becomes `PREFIX/kv/data/app`, `auth/jwt/login`
 * `auth/PREFIX/jwt/login`, and `sys/policies/acl/app` `sys/policies/acl/PREFIX-app`.
 * @param path of a request, or of a policy, with its `+` and `*`
 * @param reads whether nothing can be changed there by what is asked for
 * @returns undefined for what lies outside of a run: what all of the server share, and identities by their ids
 */
export function pathInRun(prefix: string, path: string, reads: boolean): string | undefined {
  const [first = '', ...others] = path.split('/');
  const rest = others.join('/');
  if (first === '+' || (others.length === 0 && matchesBuiltIn(path))) return undefined;
  const asItIs = reads ? path : undefined;
  if (first === 'sys') return below('sys', inSys(prefix, rest)) ?? asItIs;
  if (first === 'identity') {
    return below('identity', inIdentity(prefix, rest)) ?? (/\/id\//.test(rest) ? undefined : asItIs);
  }
  if (first === 'cubbyhole') return path;
  if (first !== 'auth') return `${prefix}/${path}`;
  if (rest === 'token' || rest.startsWith('token/')) {
    return below('auth/token', inTokens(prefix, rest.slice('token/'.length))) ?? asItIs;
  }
  return `auth/${prefix}/${rest}`;
}

/** The name of a policy, a role of tokens, an entity or a group, as a run has it. */
export function nameInRun(prefix: string, name: string): string {
  return `${prefix}-${name}`;
}

/** Why a path can't be in a run. */
export function shared(path: string): string {
  return `"${path}" is shared by all who use this Vault`;
}

/** Whether a pattern of one segment is, or begins, the name of what every server has. */
function matchesBuiltIn(pattern: string): boolean {
  if (!pattern.endsWith('*')) return false;
  const begin = pattern.slice(0, -1);
  return begin === '+' || BUILT_IN.some((name) => name.startsWith(begin));
}

function inSys(prefix: string, path: string): string | undefined {
  const [, folder = '', rest = ''] =
    /^(mounts\/auth|mounts|auth|audit|policies\/acl|policy|remount\/status|internal\/ui\/mounts|leases\/(?:lookup|renew|revoke-prefix|revoke-force|revoke)|renew|revoke-prefix|revoke-force|revoke)(?:\/(.*))?$/.exec(
      path,
    ) ?? [];
  if (rest === '') return folder !== '' || OF_CALLER.test(path) ? path : undefined;
  if (folder === 'remount/status') return path;
  if (/^polic/.test(folder)) return `${folder}/${nameInRun(prefix, rest)}`;
  if (/^(?:mounts|auth|audit)/.test(folder)) {
    const isOfAll = folder.endsWith('auth') && /^token(?:\/|$)/.test(rest);
    return isOfAll ? undefined : `${folder}/${prefix}/${rest}`;
  }
  if (folder === '') return OF_CALLER.test(path) ? path : undefined;
  const inside = pathInRun(prefix, rest, false);
  return inside?.split('/').includes(prefix) ? `${folder}/${inside}` : undefined;
}

function inTokens(prefix: string, path: string): string | undefined {
  const [, folder, name = ''] = /^(roles|create)(?:\/(.*))?$/.exec(path) ?? [];
  if (folder !== undefined) return name === '' ? path : `${folder}/${nameInRun(prefix, name)}`;
  return OF_ONE_TOKEN.test(path) ? path : undefined;
}

function inIdentity(prefix: string, path: string): string | undefined {
  const [, kind, by, rest = ''] =
    /^(entity|group|entity-alias|group-alias)(?:\/(name|id)(?:\/(.*))?)?$/.exec(path) ?? [];
  if (/^lookup\/(?:entity|group)$/.test(path)) return path;
  if (kind === undefined) return undefined;
  if (rest === '') return path;
  return by === 'name' ? `${kind}/name/${nameInRun(prefix, rest)}` : undefined;
}

function below(folder: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : `${folder}/${path}`.replace(/\/$/, '');
}
