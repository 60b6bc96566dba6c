import type { VaultLoginRole } from '../harness/access/index.js';
import { claimsFor, userLocation } from '../harness/access/vault/index.js';
import type { StartedVault } from '../harness/index.js';
import { isRecord, membersOf } from '../internal/json.js';

type Fields = Readonly<Record<string, unknown>>;

/** A role that is there, and claims that it may let in. */
export interface LoginToTry {
  readonly mount: string;
  readonly role: string;
  /** By a form in a browser, and not with a JWT. */
  readonly inBrowser: boolean;
  readonly claims: Fields;
}

/**
 * The first role of an auth method that lets a token in, and the first that lets someone in by a browser, where there is one.
 * @param issuerUrl where a browser signs in
 */
export async function loginsToTry(vault: StartedVault, issuerUrl: string): Promise<readonly LoginToTry[]> {
  let withJwt: LoginToTry | undefined;
  let browser: LoginToTry | undefined;
  for (const [path, method] of Object.entries(await read(vault, 'sys/auth'))) {
    if (!isRecord(method) || !['jwt', 'oidc'].includes(String(method['type']))) continue;
    const mount = path.replace(/\/$/, '');
    const { keys } = await read(vault, `auth/${mount}/role?list=true`).catch((): Fields => ({}));
    const config = await read(vault, `auth/${mount}/config`).catch((): Fields => ({}));
    for (const role of Array.isArray(keys) ? keys.map(String) : []) {
      const fields = await read(vault, `auth/${mount}/role/${role}`);
      const bounds = boundsOf(vault.product, config, fields);
      const claims = withJwt === undefined ? claimsOf(bounds) : undefined;
      if (claims !== undefined) withJwt = { mount, role, inBrowser: false, claims };
      const there = browser === undefined && isHere(config, fields, issuerUrl);
      const asked = there ? claimsOf({ ...bounds, ...flowOf(config) }) : undefined;
      if (asked !== undefined) browser = { mount, role, inBrowser: true, claims: asked };
    }
  }
  return [withJwt, browser].filter((login) => login !== undefined);
}

/** Whether the server's command line can log in by a browser, which the issuer signs in. */
function isHere({ oidc_discovery_url: url }: Fields, { allowed_redirect_uris: allowed }: Fields, issuerUrl: string) {
  // Whatever the port.
  const ofCommand = /^http:\/\/localhost(?::\d+)?\/oidc\/callback$/;
  return url === issuerUrl && Array.isArray(allowed) && allowed.some((one) => ofCommand.test(String(one)));
}

function flowOf({ oidc_client_id: id, oidc_discovery_url: discoveryUrl }: Fields): Partial<VaultLoginRole> {
  return { flow: 'oidc', oidcClient: { id: text(id), discoveryUrl: text(discoveryUrl) } };
}

async function read(vault: StartedVault, path: string): Promise<Fields> {
  const { data } = await vault.request('GET', path);
  return membersOf(data);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What a role asks of a JWT. */
function boundsOf(product: StartedVault['product'], config: Fields, role: Fields): VaultLoginRole {
  return {
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
}

/** Claims that a role lets in; undefined for one that lets no one in. */
function claimsOf(bounds: VaultLoginRole): Fields | undefined {
  const named = [['sub'], userLocation(bounds)];
  return claimsFor(
    bounds,
    [],
    named.map((location) => ({ location, word: 'me' })),
  );
}
