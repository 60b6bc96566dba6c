import { type KnownOptions, refuseUnknown } from '../known-options.js';
import { type ClaimBounds, uuid, type VendorBackend } from './claim-bounds.js';

/** The version of access tokens that the application of the audience accepts. */
export type EntraVersion = '1.0' | '2.0';

/** Whose issuer signs. */
export interface EntraProps {
  /** The tenant's UUID: `common` and a domain are in no token's `iss`. */
  readonly tenantId: string;
  /** Default `2.0`; an application whose `requestedAccessTokenVersion` is null has `1.0`, which another issuer signs. */
  readonly version?: EntraVersion;
}

/** Which workloads get in, besides by their groups. */
export interface EntraWorkloads {
  /** The UUID of the workload's service principal (its "object ID" among the enterprise applications). */
  readonly objectId?: string;
  /** The UUID of its application, which has one service principal in each tenant. Default any. */
  readonly clientId?: string;
  /** The tenant's UUID, which its issuer has, too. Default none. */
  readonly tenantId?: string;
}

/** The options that say which workloads get in. */
export const entraWorkloadOptions: KnownOptions<EntraWorkloads> = { objectId: true, clientId: true, tenantId: true };

/**
 * Who signs the access tokens of a tenant.
 * @throws TypeError for a tenant without its UUID, and for an unknown version
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens
 */
export function entraIssuer(props: EntraProps): VendorBackend {
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
 * What the tokens of some workloads must have.
 * @param version that of the issuer, since it names the claim of `clientId`
 * @throws TypeError for an id that is no UUID, and for an unknown version
 */
export function entraClaims(
  { objectId, clientId, tenantId }: EntraWorkloads,
  version: EntraVersion | undefined,
): ClaimBounds {
  const checked = (name: string, id: string | undefined) => (id === undefined ? undefined : uuid(name, id));
  return {
    oid: checked('objectId', objectId),
    [isFirst(version) ? 'appid' : 'azp']: checked('clientId', clientId),
    tid: checked('tenantId', tenantId),
  };
}

function isFirst(version: EntraVersion = '2.0'): boolean {
  if (version === '1.0' || version === '2.0') return version === '1.0';
  throw new TypeError(`"version" must be "1.0" or "2.0", not ${JSON.stringify(version)}`);
}
