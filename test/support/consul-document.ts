/** What a document declares for one auth method `ci`, whose tokens have the audience `consul`. */
export interface ConsulDocument {
  readonly rules: readonly object[];
  /** By Consul's names, beside keys and audience. */
  readonly config?: object;
  /** The rules of policies by their names. */
  readonly policies?: Readonly<Record<string, string>>;
  readonly roles?: readonly Readonly<Record<string, unknown>>[];
}

/** A document in Terraform's JSON. */
export function consulDocument({ rules, config, policies = {}, roles = [] }: ConsulDocument): {
  readonly resource: Readonly<Record<string, Readonly<Record<string, object>>>>;
} {
  const config_json = JSON.stringify({
    ...{
      JWKSURL: 'https://keys.example/jwks',
      BoundAudiences: ['consul'],
      ClaimMappings: { app: 'app', team: 'team' },
    },
    ...config,
  });
  const labelled = (prefix: string, all: readonly object[]): Record<string, object> =>
    Object.fromEntries(all.map((one, index) => [`${prefix}${index}`, one]));
  return {
    resource: {
      consul_acl_auth_method: { ci: { name: 'ci', type: 'jwt', max_token_ttl: '5m', config_json } },
      consul_acl_binding_rule: labelled(
        'rule',
        rules.map((rule) => ({ auth_method: `$\{consul_acl_auth_method.ci.name}`, ...rule })),
      ),
      ...(Object.keys(policies).length > 0 && {
        consul_acl_policy: Object.fromEntries(
          Object.entries(policies).map(([name, text]) => [name, { name, rules: text }]),
        ),
      }),
      ...(roles.length > 0 && { consul_acl_role: labelled('role', roles) }),
    },
  };
}
