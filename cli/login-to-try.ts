import type { StartedVault } from '../harness/index.js';
import { isRecord } from '../internal/json.js';

type Fields = Readonly<Record<string, unknown>>;

/** A role that is there, and claims that it may let in. */
export interface LoginToTry {
  readonly mount: string;
  readonly role: string;
  readonly claims: Fields;
}

/** The first role of the first auth method for JWTs; undefined where there is none. */
export async function loginToTry(vault: StartedVault): Promise<LoginToTry | undefined> {
  for (const [path, method] of Object.entries(await read(vault, 'sys/auth'))) {
    if (!isRecord(method) || method['type'] !== 'jwt') continue;
    const mount = path.replace(/\/$/, '');
    const { keys } = await read(vault, `auth/${mount}/role?list=true`).catch((): Fields => ({}));
    const role = Array.isArray(keys) ? keys.map(String)[0] : undefined;
    if (role === undefined) continue;
    const [config, known] = await Promise.all([
      read(vault, `auth/${mount}/config`),
      read(vault, `auth/${mount}/role/${role}`),
    ]);
    return { mount, role, claims: claimsFor(config, known) };
  }
  return undefined;
}

async function read(vault: StartedVault, path: string): Promise<Fields> {
  const { data } = await vault.request('GET', path);
  return isRecord(data) ? data : {};
}

/** What the role binds, by the first value of each; a claim at a JSON pointer is left for the reader to add. */
function claimsFor(config: Fields, role: Fields): Fields {
  const iss = config['bound_issuer'] || config['oidc_discovery_url'];
  const bound = isRecord(role['bound_claims']) ? Object.entries(role['bound_claims']) : [];
  const named = bound
    .filter(([name]) => !name.startsWith('/'))
    .map(([name, value]) => [name, exampleOf(value)] as const);
  const user = String(role['user_claim']);
  const aud = firstOf(role['bound_audiences']);
  return {
    ...(iss ? { iss } : {}),
    sub: role['bound_subject'] || 'me',
    ...(aud === undefined ? {} : { aud }),
    ...(user === 'sub' || user.startsWith('/') ? {} : { [user]: 'me' }),
    ...Object.fromEntries(named),
  };
}

/** A value that a bound, or a glob, lets in. */
function exampleOf(bound: unknown): unknown {
  const value = firstOf(bound);
  return typeof value === 'string' ? value.replaceAll('*', 'x') : value;
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}
