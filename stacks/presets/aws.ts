import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type AwsPrincipals, type AwsProps, awsClaims, awsIssuer, awsPrincipalOptions } from './aws-bounds.js';
import type { VendorBackend } from './claim-bounds.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { AwsProps } from './aws-bounds.js';
export type { VendorBackend } from './claim-bounds.js';

/** Who gets in: one role or user of AWS, from anywhere or from one place. */
export interface AwsRoleProps extends PresetRoleProps, AwsPrincipals {}

/**
 * The backend for the roles and users of an account of AWS with outbound identity federation. AWS signs with what a call of
 * `sts:GetWebIdentityToken` asks for, RS256 or ES384.
 * @throws TypeError for what is not an account's issuer
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_getting_started.html
 * @example
 * const backend = aws({ issuer: 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws' });
 * new VaultJwtStack(app, 'aws', { ...backend, roles: [role] });
 */
export function aws(props: AwsProps): VendorBackend {
  return awsIssuer(props);
}

/**
 * A role for a role or a user of AWS. The identity is its ARN (`sub`). Tags of the call (`request_tags`) are the caller's to
 * choose, and can't be bound.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
 * @example
 * const role = awsRole({
 *   roleName: 'deploy',
 *   principalArn: 'arn:aws:iam::123456789012:role/deploy',
 *   audience: 'https://vault.acme.example',
 *   tokenPolicies: ['deploy'],
 * });
 */
export function awsRole(props: AwsRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  refuseUnknown(what, props, { ...roleOptions, ...awsPrincipalOptions });
  const { sub, ...claims } = awsClaims(what, props);
  return roleFor(props, { userClaim: 'sub', subject: sub, claims });
}
