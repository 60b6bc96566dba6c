import { type KnownOptions, refuseUnknown } from '../known-options.js';
import { type ClaimBounds, refuseWeak, type VendorBackend } from './claim-bounds.js';

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
export interface AwsPrincipals {
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

/** The options that say who gets in. */
export const awsPrincipalOptions: KnownOptions<AwsPrincipals> = {
  principalArn: true,
  organizationId: true,
  sourceRegion: true,
  principalTags: true,
  lambdaFunctionArn: true,
  instanceArn: true,
  vpcId: true,
};

/**
 * Who signs the tokens of an account of AWS.
 * @throws TypeError for what is not an account's issuer
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_getting_started.html
 */
export function awsIssuer(props: AwsProps): VendorBackend {
  refuseUnknown<AwsProps>('AWS', props, { issuer: true });
  const { issuer } = props;
  if (typeof issuer !== 'string' || !ISSUER.test(issuer)) {
    const expected = 'https://ID.tokens.sts.global.api.aws';
    throw new TypeError(`"issuer" must be the issuer of an account, "${expected}", not ${JSON.stringify(issuer)}`);
  }
  return { boundIssuer: issuer, jwksUrl: `${issuer}/.well-known/jwks.json`, jwtSupportedAlgs: ['RS256', 'ES384'] };
}

/**
 * What the tokens of a role or a user must have.
 * @param what the role or the rule, for messages
 * @throws TypeError for bounds that let strangers in; the message says what to add
 */
export function awsClaims(what: string, props: AwsPrincipals): ClaimBounds & { readonly sub: string } {
  const { principalArn } = props;
  if (principalArn === undefined) refuseWeak(what, 'every role and user of the account', 'principalArn');
  if (typeof principalArn !== 'string' || !PRINCIPAL.test(principalArn)) {
    const expected = 'arn:aws:iam::ACCOUNT:role/NAME';
    throw new TypeError(
      `"principalArn" must be the ARN of a role or a user, such as "${expected}", not ${JSON.stringify(principalArn)}`,
    );
  }
  return {
    sub: principalArn,
    [`${CLAIMS}/org_id`]: props.organizationId,
    [`${CLAIMS}/source_region`]: props.sourceRegion,
    [`${CLAIMS}/lambda_source_function_arn`]: props.lambdaFunctionArn,
    [`${CLAIMS}/ec2_source_instance_arn`]: props.instanceArn,
    [`${CLAIMS}/ec2_instance_source_vpc`]: props.vpcId,
    ...tags(props.principalTags),
  };
}

function tags(principalTags: Readonly<Record<string, string>> = {}): ClaimBounds {
  const bounds: Record<string, string> = {};
  for (const [key, value] of Object.entries(principalTags)) {
    bounds[`${CLAIMS}/principal_tags/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`] = value;
  }
  return bounds;
}
