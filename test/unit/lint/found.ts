import { type LintCode, lint } from 'vaultproof/lint';

type Fields = Readonly<Record<string, unknown>>;

/** What a rule finds in a configuration: its findings' addresses, arguments and values. */
export function found(code: LintCode, json: Fields): Fields[] {
  return lint(json)
    .filter((finding) => finding.code === code)
    .map(({ address, attribute, found }) => ({
      address: address.replace(/^(?:vault|consul)_\w+\./, ''),
      ...(attribute === undefined ? {} : { attribute }),
      ...(found === undefined ? {} : { found }),
    }));
}

/** A configuration with one JWT auth method and one role in it that no rule finds fault with, but for what is given. */
export function login({ role = {}, backend = {} }: { role?: Fields; backend?: Fields } = {}): Fields {
  return {
    resource: {
      vault_jwt_auth_backend: {
        jwt: {
          jwks_url: 'https://i.example/keys',
          bound_issuer: 'https://i.example',
          jwt_supported_algs: ['ES256'],
          ...backend,
        },
      },
      vault_jwt_auth_backend_role: {
        role: {
          role_name: 'role',
          role_type: 'jwt',
          user_claim: 'sub',
          bound_audiences: ['damage_inc'],
          bound_subject: 'vishpat',
          token_max_ttl: 60,
          token_policies: ['default'],
          ...role,
        },
      },
    },
  };
}

/** A configuration with one policy, and what else is given. */
export function policy(text: string, more: Fields = {}): Fields {
  return { resource: { vault_policy: { policy: { name: 'reader', policy: text } }, ...more } };
}

/** A login of Consul that no rule finds fault with, but for what is given; `config` is that of the auth method. */
export function consulLogin({
  config = {},
  method = {},
  rule = {},
  more = {},
}: {
  config?: Fields;
  method?: Fields;
  rule?: Fields;
  more?: Fields;
} = {}): Fields {
  const configuration = {
    JWKSURL: 'https://i.example/keys',
    BoundIssuer: 'https://i.example',
    BoundAudiences: ['damage_inc'],
    ClaimMappings: { sub: 'user', team: 'team' },
    ListClaimMappings: { groups: 'groups' },
    ...config,
  };
  return {
    resource: {
      consul_acl_auth_method: {
        jwt: {
          name: 'jwt',
          type: 'jwt',
          max_token_ttl: '1h',
          config_json: JSON.stringify(configuration),
          ...method,
        },
      },
      consul_acl_binding_rule: {
        rule: {
          auth_method: `\${consul_acl_auth_method.jwt.name}`,
          bind_type: 'policy',
          bind_name: `\${consul_acl_policy.reader.name}`,
          selector: 'value.user == "vishpat"',
          ...rule,
        },
      },
      consul_acl_policy: { reader: { name: 'reader', rules: 'key_prefix "app/" { policy = "read" }' } },
      ...more,
    },
  };
}
