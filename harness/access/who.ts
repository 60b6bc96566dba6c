import { UsageError } from '../../errors/index.js';
import { hint } from '../../internal/did-you-mean.js';
import { isRecord } from '../../internal/json.js';
import { type KnownOptions, refuseUnknownOptions } from '../../internal/known-options.js';
import type { ConsulAccessRequest } from './consul/acl.js';
import { type ConsulAdmitted, whatCanInConsul, whoCanInConsul } from './consul/who.js';
import type { LoginName } from './logins.js';
import { type DeclaredAccess, requireAccess } from './read/declared.js';
import type { Claims, LoginRefusal } from './vault/login-role.js';
import { type Admitted, type AskedOfVault, askedCapabilities, whatCanInVault, whoCanInVault } from './vault/who.js';

const askedOfVault: KnownOptions<AskedOfVault> = { path: true, capability: true };
const askedOfConsul: KnownOptions<ConsulAccessRequest> = { resource: true, segment: true, access: true };

/** Who may do something. */
export interface WhoCan<Login = Admitted> {
  readonly who: readonly Login[];
  readonly undecided: readonly string[];
}

/** What a token may do. */
export interface WhatCan {
  readonly logins: readonly (LoginName & {
    /** The addresses that may log in, in CIDR notation; undefined for all. */
    readonly from?: readonly string[];
    readonly policies: readonly string[];
    /** Capabilities by the paths of the rules, together of all policies; of Consul access by names such as `key_prefix:app/`. */
    readonly paths: Readonly<Record<string, readonly string[]>>;
  })[];
  readonly refused: readonly (LoginName & Pick<LoginRefusal, 'code' | 'claim'>)[];
  readonly undecided: readonly string[];
}

/**
 * The logins whose tokens have a capability at a path of Vault, or access to something of Consul. A role or a binding rule that lets no
 * token in is not among them.
 * @throws UsageError for a capability or a question that there is not
 * @example
 * whoCan(access, { path: 'kv/data/app/db', capability: 'read' }).who.map(({ role }) => role);
 * whoCan(access, { resource: 'key', segment: 'app/db', access: 'write' }).who.map(({ authMethod, rule }) => [authMethod, rule]);
 */
export function whoCan(access: DeclaredAccess, asked: AskedOfVault): WhoCan;
export function whoCan(access: DeclaredAccess, asked: ConsulAccessRequest): WhoCan<ConsulAdmitted>;
export function whoCan(
  access: DeclaredAccess,
  asked: AskedOfVault | ConsulAccessRequest,
): WhoCan<Admitted | ConsulAdmitted> {
  requireAccess(access);
  if (isOfConsul(asked)) {
    refuseUnknownOptions('whoCan', asked, askedOfConsul);
    return whoCanInConsul(access, asked);
  }
  refuseUnknownOptions('whoCan', asked, askedOfVault);
  const { path, capability } = asked;
  if (typeof path !== 'string')
    throw new UsageError(`"path" is "${String(path)}": expected a path such as "kv/data/app/db"`);
  if (askedCapabilities.includes(capability)) return whoCanInVault(access, asked);
  throw new UsageError(`unknown capability "${capability}": ${hint(String(capability), askedCapabilities)}`);
}

function isOfConsul(asked: AskedOfVault | ConsulAccessRequest): asked is ConsulAccessRequest {
  return isRecord(asked) && 'resource' in asked;
}

/**
 * What a token may do, at each role of Vault and each auth method of Consul that lets it in.
 * @param role only at roles and auth methods of this name; default at all
 * @param claims the claims themselves, and not an object that has them as `claims`
 * @throws UsageError for claims that are not an object, or that are within `claims`
 * @example
 * whatCan(access, { aud: 'vault', sub: 'me' }).logins[0]?.paths; // { 'kv/data/app/*': ['read'] }
 */
export function whatCan(access: DeclaredAccess, claims: Claims, role?: string): WhatCan {
  requireAccess(access);
  if (!isRecord(claims)) throw new UsageError('the claims must be an object, as a token has them');
  const isToken = ['iss', 'sub', 'aud'].some((name) => name in claims);
  if (!isToken && isRecord(claims['claims'])) {
    throw new UsageError('"claims" is an object, and there is no "iss", "sub" or "aud": give the claims themselves');
  }
  const vault = whatCanInVault(access, claims, role);
  const consul = whatCanInConsul(access, claims, role);
  return {
    logins: [...vault.logins, ...consul.logins],
    refused: [...vault.refused, ...consul.refused],
    undecided: [...vault.undecided, ...consul.undecided],
  };
}
