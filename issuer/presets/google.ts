import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, numericId, type PresetOptions, type VendorKeys } from './preset.js';

/**
 * Google, whose accounts share an issuer, with its keys at another host.
 * @see https://developers.google.com/identity/openid-connect/reference#discovery-document
 */
export const googleKeys: VendorKeys = {
  isIssuer: ({ host }) => host === 'accounts.google.com',
  jwksUri: () => 'https://www.googleapis.com/oauth2/v3/certs',
};

/** A service account of Google Cloud, and the instance that asks its metadata server for a token. */
export interface GoogleServiceAccount {
  /** Its address, for example `deploy@acme-prod.iam.gserviceaccount.com`. */
  readonly email: string;
  /** Its unique id, as a string of digits; default one made of the address. */
  readonly serviceAccountId?: string;
  /** Whether the token has the address, as with `includeEmail` or in the full format; default true. */
  readonly includeEmail?: boolean;
  /** The name of a Compute Engine instance that asks for the full format; default none, and then there is nothing of it. */
  readonly instanceName?: string;
  /** The instance's id, as a string of digits; default one made of the names. */
  readonly instanceId?: string;
  /** The instance's project; default the one in the address. */
  readonly projectId?: string;
  /** The project's number; default one made of its id. */
  readonly projectNumber?: number;
  /** The instance's zone; default `us-central1-a`. */
  readonly zone?: string;
  /** What the token is asked for: Google has no default. */
  readonly audience: string;
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const accountOptions: PresetOptions<GoogleServiceAccount> = {
  email: 'required',
  serviceAccountId: 'optional',
  includeEmail: 'optional',
  instanceName: 'optional',
  instanceId: 'optional',
  projectId: 'optional',
  projectNumber: 'optional',
  zone: 'optional',
  audience: 'required',
  claims: 'optional',
};

/**
 * The ID token of a service account, signed with RS256, for an hour. `google.compute_engine` is there for an instance that
 * asks with `format=full`; licenses are left out.
 * @see https://cloud.google.com/compute/docs/instances/verifying-instance-identity
 * @see https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateIdToken
 * @example
 * const email = 'deploy@acme-prod.iam.gserviceaccount.com';
 * const jwt = await issuer.sign(google({ email, instanceName: 'builder', audience: 'https://vault.acme.example' }));
 */
export function google(account: GoogleServiceAccount): TokenBuilder {
  checkOptions('google', account, accountOptions);
  const { email, serviceAccountId = numericId('service account', email), includeEmail = true, instanceName } = account;
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      return {
        iss: 'https://accounts.google.com',
        sub: serviceAccountId,
        azp: serviceAccountId,
        aud: account.audience,
        ...(includeEmail ? { email, email_verified: true } : {}),
        ...(instanceName === undefined ? {} : { google: { compute_engine: instance(account, instanceName, iat) } }),
        iat,
        exp: iat + 3_600,
        jti: null,
        ...account.claims,
      };
    },
    { alg: 'RS256' as const },
  );
}

/** What the full format says of an instance, which was created a day ago. */
function instance(account: GoogleServiceAccount, name: string, now: number): Record<string, unknown> {
  const { zone = 'us-central1-a' } = account;
  const project = account.projectId ?? /@([^.]+)\.iam\.gserviceaccount\.com$/.exec(account.email)?.[1] ?? 'acme';
  return {
    instance_creation_timestamp: now - 86_400,
    instance_id: account.instanceId ?? numericId('instance', project, zone, name),
    instance_name: name,
    project_id: project,
    project_number: account.projectNumber ?? Number(numericId('project', project).slice(0, 12)),
    zone,
  };
}
