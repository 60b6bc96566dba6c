import type { ConsulBinding } from '../consul-binding-rule.js';
import { type AwsPrincipals, type AwsProps, awsClaims, awsIssuer, awsPrincipalOptions } from './aws-bounds.js';
import { bindingOptions, type ConsulJobsPreset, type ConsulPresetProps, presetForJobs } from './consul-preset.js';

export type { ConsulJobsPreset, ConsulPreset } from './consul-preset.js';

/** Which roles and users of AWS get in to Consul, and what they get there. */
export type ConsulAwsRule = AwsPrincipals & ConsulBinding & { readonly description?: string };

/** Whose issuer, and the rules for its roles and users. */
export interface ConsulAwsProps extends AwsProps, ConsulPresetProps {
  /** One or more. */
  readonly rules: readonly ConsulAwsRule[];
}

/**
 * Consul's login for roles and users of an account of AWS, whose Consul tokens live for an hour. In names, claims are called
 * `${value.sub}`, `${value.org_id}`, `${value.source_region}`, `${value.lambda_source_function_arn}`,
 * `${value.ec2_source_instance_arn}` and `${value.ec2_instance_source_vpc}`, and tags by their keys.
 * @throws TypeError for bounds that let strangers in, and for a tag with the name of a claim; the message says what to do
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
 * @example
 * const issuer = 'https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws';
 * const principalArn = 'arn:aws:iam::123456789012:role/cart';
 * const rules = [{ principalArn, bindType: 'service', bindName: 'cart' }] as const;
 * new ConsulJwtStack(app, 'aws', consulAws({ issuer, audience: 'consul', rules }));
 */
export function consulAws({ audience, rules, ...whose }: ConsulAwsProps): ConsulJobsPreset {
  const preset = presetForJobs(
    { audience, rules },
    {
      name: 'aws',
      title: 'AWS',
      issuer: awsIssuer(whose),
      options: { ...bindingOptions, ...awsPrincipalOptions },
      claimsOf: awsClaims,
    },
  );
  return { ...preset, maxTokenTtl: '1h' };
}
