import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, type PresetOptions, uuidOf, type VendorKeys } from './preset.js';

/**
 * Microsoft Entra, where each tenant has two issuers: one for each version of its access tokens. The keys of both are at
 * one host.
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens
 */
export const entraKeys: VendorKeys = {
  isIssuer: ({ host }) => host === 'login.microsoftonline.com' || host === 'sts.windows.net',
  jwksUri: (issuer) =>
    issuer.startsWith('https://sts.windows.net/')
      ? 'https://login.microsoftonline.com/common/discovery/keys'
      : `${issuer.replace(/\/v2\.0$/, '')}/discovery/v2.0/keys`,
};

/** A workload of a tenant of Entra: a managed identity, or an application by itself. */
export interface EntraWorkload {
  /** The tenant's UUID. */
  readonly tenantId: string;
  /** The UUID of the workload's service principal; default one made of the tenant's and the application's. */
  readonly objectId?: string;
  /** The UUID of its application; default one made of the tenant's. */
  readonly clientId?: string;
  /** The UUIDs of its groups; default none, and then the claim is absent, as it is without `groupMembershipClaims`. */
  readonly groupIds?: readonly string[];
  /** The version of access tokens that the application of the audience accepts; default `2.0`. */
  readonly version?: '1.0' | '2.0';
  /** The application that the token is for: its UUID, or in version 1.0 its URI as well. */
  readonly audience: string;
  /** Default 3600, the least that Entra gives by itself. */
  readonly lifetimeSeconds?: number;
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const workloadOptions: PresetOptions<EntraWorkload> = {
  tenantId: 'required',
  objectId: 'optional',
  clientId: 'optional',
  groupIds: 'optional',
  version: 'optional',
  audience: 'required',
  lifetimeSeconds: 'optional',
  claims: 'optional',
};

/**
 * The access token of a workload of Entra, signed with RS256: `sub` is `oid`, as where no user is involved. Left out are
 * `aio`, `rh` and `uti`, which are not for those who get a token, and how the workload proved itself.
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * @example
 * const tenantId = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
 * const jwt = await issuer.sign(entra({ tenantId, audience: '00001111-aaaa-2222-bbbb-3333cccc4444' }));
 */
export function entra(workload: EntraWorkload): TokenBuilder {
  checkOptions('entra', workload, workloadOptions);
  const { tenantId, version = '2.0', groupIds, lifetimeSeconds = 3_600 } = workload;
  const { clientId = uuidOf('application', tenantId) } = workload;
  const { objectId = uuidOf('service principal', tenantId, clientId) } = workload;
  const isFirst = version === '1.0';
  const iss = isFirst ? `https://sts.windows.net/${tenantId}/` : `https://login.microsoftonline.com/${tenantId}/v2.0`;
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      return {
        iss,
        aud: workload.audience,
        sub: objectId,
        oid: objectId,
        tid: tenantId,
        ...(isFirst ? { appid: clientId, idp: iss } : { azp: clientId }),
        ...(groupIds === undefined ? {} : { groups: groupIds }),
        ver: version,
        iat,
        nbf: iat,
        exp: iat + lifetimeSeconds,
        jti: null,
        ...workload.claims,
      };
    },
    { alg: 'RS256' as const },
  );
}
