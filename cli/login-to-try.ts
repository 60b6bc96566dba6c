import type { VaultLoginRole } from '../harness/access/index.js';
import { claimsFor, userLocation } from '../harness/access/vault/index.js';
import type { StartedVault } from '../harness/index.js';
import { isRecord, membersOf } from '../internal/json.js';

type Fields = Readonly<Record<string, unknown>>;

/** A role that is there, and claims that it may let in. */
export interface LoginToTry {
  readonly mount: string;
  readonly role: string;
  readonly claims: Fields;
}

/** The first role of an auth method for JWTs that lets a token in; undefined where there is none. */
export async function loginToTry(vault: StartedVault): Promise<LoginToTry | undefined> {
  for (const [path, method] of Object.entries(await read(vault, 'sys/auth'))) {
    if (!isRecord(method) || method['type'] !== 'jwt') continue;
    const mount = path.replace(/\/$/, '');
    const { keys } = await read(vault, `auth/${mount}/role?list=true`).catch((): Fields => ({}));
    const config = await read(vault, `auth/${mount}/config`);
    for (const role of Array.isArray(keys) ? keys.map(String) : []) {
      const claims = claimsOf(vault.product, config, await read(vault, `auth/${mount}/role/${role}`));
      if (claims !== undefined) return { mount, role, claims };
    }
  }
  return undefined;
}

async function read(vault: StartedVault, path: string): Promise<Fields> {
  const { data } = await vault.request('GET', path);
  return membersOf(data);
}

/** Claims that the role lets in; undefined for a role that takes no JWT, such as one of the OIDC flow. */
function claimsOf(product: StartedVault['product'], config: Fields, role: Fields): Fields | undefined {
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  const bounds: VaultLoginRole = {
    boundIssuer: text(config['bound_issuer']) ?? text(config['oidc_discovery_url']),
    boundAudiences: Array.isArray(role['bound_audiences']) ? role['bound_audiences'].map(String) : [],
    boundSubject: text(role['bound_subject']),
    boundClaims: membersOf(role['bound_claims']),
    boundClaimsType: text(role['bound_claims_type']),
    userClaim: text(role['user_claim']),
    userClaimJsonPointer: role['user_claim_json_pointer'] === true,
    groupsClaim: text(role['groups_claim']),
    roleType: role['role_type'] === 'oidc' ? 'oidc' : 'jwt',
    // OpenBao lets JWTs in beside one.
    oidcClient: product === 'vault' && text(config['oidc_client_id']) !== undefined ? {} : undefined,
  };
  const named = [['sub'], userLocation(bounds)];
  return claimsFor(
    bounds,
    [],
    named.map((location) => ({ location, word: 'me' })),
  );
}
