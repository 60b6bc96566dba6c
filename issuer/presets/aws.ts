import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, type PresetOptions, type VendorKeys } from './preset.js';

/**
 * AWS, where each account has an issuer once its outbound identity federation is enabled.
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOutboundWebIdentityFederation.html
 */
export const awsKeys: VendorKeys = {
  isIssuer: ({ host }) => host.endsWith('.tokens.sts.global.api.aws'),
  jwksUri: (issuer) => `${issuer}/.well-known/jwks.json`,
};

/** A role or a user of AWS that calls `sts:GetWebIdentityToken`. */
export interface AwsPrincipal {
  /** The account's issuer, for example `https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws`. */
  readonly issuer: string;
  /** The ARN of the role or the user, for example `arn:aws:iam::123456789012:role/deploy`. */
  readonly principalArn: string;
  /** The region of the STS that is called; default `us-east-1`. */
  readonly sourceRegion?: string;
  /** The organization of the account; default none, and then the claim is absent. */
  readonly organizationId?: string;
  /** The tags of the principal or its session; default none. */
  readonly principalTags?: Readonly<Record<string, string>>;
  /** `Tags` of the call, which are the caller's to choose; default none. */
  readonly requestTags?: Readonly<Record<string, string>>;
  /** The ARN of the Lambda function that calls; default none. */
  readonly lambdaFunctionArn?: string;
  /** The ARN of the EC2 instance that calls; default none. */
  readonly instanceArn?: string;
  /** The VPC that the instance got its credentials in; default none. */
  readonly vpcId?: string;
  /** `Audience` of the call: AWS has no default. */
  readonly audience: string | readonly string[];
  /** `DurationSeconds` of the call; default 300. */
  readonly durationSeconds?: number;
  /** `SigningAlgorithm` of the call; default `RS256`, where AWS has none. */
  readonly alg?: 'RS256' | 'ES384';
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const principalOptions: PresetOptions<AwsPrincipal> = {
  issuer: 'required',
  principalArn: 'required',
  sourceRegion: 'optional',
  organizationId: 'optional',
  principalTags: 'optional',
  requestTags: 'optional',
  lambdaFunctionArn: 'optional',
  instanceArn: 'optional',
  vpcId: 'optional',
  audience: 'required',
  durationSeconds: 'optional',
  alg: 'optional',
  claims: 'optional',
};

/**
 * The token of a role or a user of AWS, with its claims below `https://sts.amazonaws.com/`. What a session of IAM Identity
 * Center, of federation or of Glue has besides, and `ou_path`, are left out.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 * @example
 * const account = 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws';
 * const principalArn = 'arn:aws:iam::123456789012:role/deploy';
 * const jwt = await issuer.sign(aws({ issuer: account, principalArn, audience: 'https://vault.acme.example' }));
 */
export function aws(principal: AwsPrincipal): TokenBuilder {
  checkOptions('aws', principal, principalOptions);
  const { principalArn, sourceRegion = 'us-east-1', audience, durationSeconds = 300, alg = 'RS256' } = principal;
  const optional = {
    org_id: principal.organizationId,
    principal_tags: principal.principalTags,
    request_tags: principal.requestTags,
    lambda_source_function_arn: principal.lambdaFunctionArn,
    ec2_source_instance_arn: principal.instanceArn,
    ec2_instance_source_vpc: principal.vpcId,
  };
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      return {
        iss: principal.issuer,
        aud: audience,
        sub: principalArn,
        iat,
        exp: iat + durationSeconds,
        'https://sts.amazonaws.com/': {
          aws_account: principalArn.split(':')[4],
          source_region: sourceRegion,
          ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
        },
        ...principal.claims,
      };
    },
    { alg },
  );
}
