import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type PresetRoleProps, roleFor, roleOptions } from './bounds.js';
import { refuseWeak, uuid, type VendorBackend } from './claim-bounds.js';
import { refuseUnknown } from './known-options.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { VendorBackend } from './claim-bounds.js';

/** The version of access tokens that the application of the audience accepts. */
export type EntraVersion = '1.0' | '2.0';

/** Whose issuer signs. */
export interface EntraProps {
  /** The tenant's UUID: `common` and a domain are in no token's `iss`. */
  readonly tenantId: string;
  /** Default `2.0`; an application whose `requestedAccessTokenVersion` is null has `1.0`, which another issuer signs. */
  readonly version?: EntraVersion;
}

/** Which workloads get in: one, or those of a group. */
export interface EntraRoleProps extends PresetRoleProps {
  /** The UUID of the workload's service principal (its "object ID" among the enterprise applications). */
  readonly objectId?: string;
  /** The UUID of a group that it must be in. The claim needs `groupMembershipClaims`; beyond 200 groups it is absent. */
  readonly groupId?: string;
  /** The UUID of its application, which has one service principal in each tenant. Default any. */
  readonly clientId?: string;
  /** The tenant's UUID, which its issuer has, too. Default none. */
  readonly tenantId?: string;
  /** That of the backend, since it names the claim of `clientId`; default `2.0`. */
  readonly version?: EntraVersion;
}

/**
 * The backend for the workloads of a tenant of Microsoft Entra: managed identities, and applications by themselves.
 * @throws TypeError for a tenant without its UUID, and for an unknown version
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens
 * @example
 * new VaultJwtStack(app, 'entra', { ...entra({ tenantId: 'aaaabbbb-0000-cccc-1111-dddd2222eeee' }), roles: [role] });
 */
export function entra(props: EntraProps): VendorBackend {
  refuseUnknown<EntraProps>('Microsoft Entra', props, { tenantId: true, version: true });
  const tenantId = uuid('tenantId', props.tenantId);
  const jwtSupportedAlgs = ['RS256'];
  const host = 'https://login.microsoftonline.com';
  if (isFirst(props.version)) {
    const boundIssuer = `https://sts.windows.net/${tenantId}/`;
    return { boundIssuer, jwksUrl: `${host}/common/discovery/keys`, jwtSupportedAlgs };
  }
  const jwksUrl = `${host}/${tenantId}/discovery/v2.0/keys`;
  return { boundIssuer: `${host}/${tenantId}/v2.0`, jwksUrl, jwtSupportedAlgs };
}

/**
 * A role for workloads of a tenant. The identity is the service principal (`oid`). The audience is the application that
 * stands for Vault: its UUID, in version 1.0 the URI that the token was asked for.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * @example
 * const role = entraRole({
 *   roleName: 'deploy',
 *   objectId: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
 *   audience: '00001111-aaaa-2222-bbbb-3333cccc4444',
 *   tokenPolicies: ['deploy'],
 * });
 */
export function entraRole(props: EntraRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  const own = { objectId: true, groupId: true, clientId: true, tenantId: true, version: true } as const;
  refuseUnknown(what, props, { ...roleOptions, ...own });
  const { objectId, groupId, clientId, tenantId } = props;
  if ((objectId ?? groupId) === undefined)
    refuseWeak(what, 'every workload and user of the tenant', 'objectId or groupId');
  const checked = (name: string, id: string | undefined) => (id === undefined ? undefined : uuid(name, id));
  return roleFor(props, {
    userClaim: 'oid',
    claims: {
      oid: checked('objectId', objectId),
      groups: checked('groupId', groupId),
      [isFirst(props.version) ? 'appid' : 'azp']: checked('clientId', clientId),
      tid: checked('tenantId', tenantId),
    },
  });
}

function isFirst(version: EntraVersion = '2.0'): boolean {
  if (version === '1.0' || version === '2.0') return version === '1.0';
  throw new TypeError(`"version" must be "1.0" or "2.0", not ${JSON.stringify(version)}`);
}
