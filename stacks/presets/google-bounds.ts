import type { KnownOptions } from '../known-options.js';
import { type ClaimBounds, digits, refuseWeak, type VendorBackend } from './claim-bounds.js';

/** Which workloads get in: one service account, or its instances. */
export interface GoogleWorkloads {
  /** The service account's unique id, a string of digits: an address may be given to another account after a deletion. */
  readonly serviceAccountId: string;
  /** The service account's address. Default any. */
  readonly email?: string;
  /** The project of the Compute Engine instance. With this or one of the next, a token in the full format is needed. */
  readonly projectId?: string;
  /** The instance's zone, for example `us-central1-a`. Default any. */
  readonly zone?: string;
  /** The instance's id, a string of digits. Default any. */
  readonly instanceId?: string;
  /** The instance's name, which another may have later. Default any. */
  readonly instanceName?: string;
}

/** The options that say which workloads get in. */
export const googleWorkloadOptions: KnownOptions<GoogleWorkloads> = {
  serviceAccountId: true,
  email: true,
  projectId: true,
  zone: true,
  instanceId: true,
  instanceName: true,
};

/**
 * Who signs the ID tokens of Google's accounts.
 * @see https://developers.google.com/identity/openid-connect/reference#discovery-document
 */
export function googleIssuer(): VendorBackend {
  return {
    boundIssuer: 'https://accounts.google.com',
    jwksUrl: 'https://www.googleapis.com/oauth2/v3/certs',
    jwtSupportedAlgs: ['RS256'],
  };
}

/**
 * What the tokens of some workloads must have.
 * @param what the role or the rule, for messages
 * @throws TypeError for bounds that let strangers in; the message says what to add
 */
export function googleClaims(what: string, props: GoogleWorkloads): ClaimBounds & { readonly sub: string } {
  const { serviceAccountId, email, projectId, zone, instanceId, instanceName } = props;
  if (serviceAccountId === undefined) refuseWeak(what, 'every account of Google', 'serviceAccountId');
  return {
    sub: digits('serviceAccountId', serviceAccountId),
    email,
    '/google/compute_engine/project_id': projectId,
    '/google/compute_engine/zone': zone,
    '/google/compute_engine/instance_id': instanceId === undefined ? undefined : digits('instanceId', instanceId),
    '/google/compute_engine/instance_name': instanceName,
  };
}
