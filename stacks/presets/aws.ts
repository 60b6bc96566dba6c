import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type PresetRoleProps, roleFor, roleOptions } from './bounds.js';
import { type ClaimBounds, refuseWeak, type VendorBackend } from './claim-bounds.js';
import { refuseUnknown } from './known-options.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { VendorBackend } from './claim-bounds.js';

const ISSUER = /^https:\/\/[\w-]+\.tokens\.sts\.global\.api\.aws$/;
const PRINCIPAL = /^arn:aws[\w-]*:iam::\d{12}:(?:role|user)\/[^*]+$/;

/** Where the claims of AWS are in a token, as a JSON pointer: they are below `https://sts.amazonaws.com/`. */
const CLAIMS = '/https:~1~1sts.amazonaws.com~1';

/** Whose issuer signs. */
export interface AwsProps {
  /** The account's issuer, as `aws iam get-outbound-web-identity-federation-info` prints it. */
  readonly issuer: string;
}

/** Who gets in: one role or user of AWS, from anywhere or from one place. */
export interface AwsRoleProps extends PresetRoleProps {
  /** The ARN of the role or the user in IAM. Sessions of a role have the role's. */
  readonly principalArn: string;
  /** The organization of the account, for example `o-abc1234567`. Default any. */
  readonly organizationId?: string;
  /** The region of the STS that signs. Default any. */
  readonly sourceRegion?: string;
  /** Tags of the principal; where its session has tags, they count. Default any. */
  readonly principalTags?: Readonly<Record<string, string>>;
  /** The ARN of the Lambda function that asks. Default any. */
  readonly lambdaFunctionArn?: string;
  /** The ARN of the EC2 instance that asks. Default any. */
  readonly instanceArn?: string;
  /** The VPC that an EC2 instance got its credentials in. Default any. */
  readonly vpcId?: string;
}

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
  refuseUnknown<AwsProps>('AWS', props, { issuer: true });
  const { issuer } = props;
  if (typeof issuer !== 'string' || !ISSUER.test(issuer)) {
    const expected = 'https://ID.tokens.sts.global.api.aws';
    throw new TypeError(`"issuer" must be the issuer of an account, "${expected}", not ${JSON.stringify(issuer)}`);
  }
  return { boundIssuer: issuer, jwksUrl: `${issuer}/.well-known/jwks.json`, jwtSupportedAlgs: ['RS256', 'ES384'] };
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
  const ofSession = { lambdaFunctionArn: true, instanceArn: true, vpcId: true } as const;
  const own = { principalArn: true, organizationId: true, sourceRegion: true, principalTags: true } as const;
  refuseUnknown(what, props, { ...roleOptions, ...own, ...ofSession });
  const { principalArn } = props;
  if (principalArn === undefined) refuseWeak(what, 'every role and user of the account', 'principalArn');
  if (typeof principalArn !== 'string' || !PRINCIPAL.test(principalArn)) {
    const expected = 'arn:aws:iam::ACCOUNT:role/NAME';
    throw new TypeError(
      `"principalArn" must be the ARN of a role or a user, such as "${expected}", not ${JSON.stringify(principalArn)}`,
    );
  }
  return roleFor(props, {
    userClaim: 'sub',
    subject: principalArn,
    claims: {
      [`${CLAIMS}/org_id`]: props.organizationId,
      [`${CLAIMS}/source_region`]: props.sourceRegion,
      [`${CLAIMS}/lambda_source_function_arn`]: props.lambdaFunctionArn,
      [`${CLAIMS}/ec2_source_instance_arn`]: props.instanceArn,
      [`${CLAIMS}/ec2_instance_source_vpc`]: props.vpcId,
      ...tags(props.principalTags),
    },
  });
}

function tags(principalTags: Readonly<Record<string, string>> = {}): ClaimBounds {
  const bounds: Record<string, string> = {};
  for (const [key, value] of Object.entries(principalTags)) {
    bounds[`${CLAIMS}/principal_tags/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`] = value;
  }
  return bounds;
}
