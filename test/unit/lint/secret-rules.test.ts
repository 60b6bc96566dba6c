import { lint } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';
import { found } from './found.js';

const unknown = `\${var.unknown}`;
const CANARY = 'planted-canary';
const PEM = `-----BEGIN EC PRIVATE KEY-----\n${CANARY}`;

describe('secret-in-state', () => {
  test.each<[string, object, string]>([
    ['vault_kv_secret', { data_json: CANARY }, 'data_json'],
    ['vault_kv_secret_v2', { data_json: `\${jsonencode({ a = var.secret })}` }, 'data_json'],
    ['vault_generic_secret', { data_json: CANARY }, 'data_json'],
    ['vault_jwt_auth_backend', { oidc_client_secret: CANARY }, 'oidc_client_secret'],
    ['vault_consul_secret_backend', { address: '127.0.0.1:8500', token: CANARY }, 'token'],
    ['vault_consul_secret_backend', { address: '127.0.0.1:8500', token_wo: 'x', client_key: CANARY }, 'client_key'],
    ['vault_kubernetes_auth_backend_config', { token_reviewer_jwt: CANARY }, 'token_reviewer_jwt'],
    ['consul_acl_auth_method', { config_json: `{"ServiceAccountJWT": "${CANARY}"}` }, 'config_json'],
    ['consul_acl_auth_method', { config: { ServiceAccountJWT: CANARY } }, 'config'],
    ['vault_database_secret_backend_connection', { postgresql: [{ password: CANARY }] }, 'postgresql.password'],
    ['vault_database_secret_backend_connection', { postgresql: { password: `\${var.x}` } }, 'postgresql.password'],
    ['vault_database_secrets_mount', { mysql: [{ tls_certificate_key: CANARY }] }, 'mysql.tls_certificate_key'],
    ['vault_jwt_auth_backend', { jwt_validation_pubkeys: [PEM] }, 'jwt_validation_pubkeys'],
    [
      'vault_jwt_auth_backend',
      { provider_config: { gsuite_service_account: JSON.stringify({ private_key: `${PEM}\n` }) } },
      'provider_config.gsuite_service_account',
    ],
    ['vault_jwt_auth_backend', { jwks_url: `https://u:${CANARY}@i.example/keys` }, 'jwks_url'],
    ['vault_generic_endpoint', { path: 'secret/data/a', data_json: '{"data":{"a":"b"}}' }, 'data_json'],
    [
      'vault_generic_endpoint',
      { path: 'auth/userpass/users/a', data_json: JSON.stringify({ password: CANARY, policies: ['a'] }) },
      'data_json.password',
    ],
    [
      'vault_generic_endpoint',
      { path: 'auth/oidc/config', data_json: `\${jsonencode({ oidc_client_secret = var.secret })}` },
      'data_json.oidc_client_secret',
    ],
    ['consul_keys', { key: [{ path: 'a', value: `amqp://u:${CANARY}@h` }] }, 'key.value'],
  ])('finds %s with %j', (type, body, attribute) => {
    const json = { resource: { [type]: { x: body } } };
    expect(lint(json).filter(({ code }) => code === 'secret-in-state')).toMatchObject([{ attribute }]);
    expect(JSON.stringify(lint(json))).not.toContain(CANARY);
  });

  test.each([
    `postgresql://u:${CANARY}@h/db`,
    `postgresql://{{username}}:${CANARY}@h/db`,
    `postgres://u:\${var.pw}@h/db`,
    `u:${CANARY}@tcp(127.0.0.1:3306)/`,
    `u/${CANARY}@127.0.0.1:1521/XE`,
    `server=h;user id=u;password=${CANARY};`,
    `host=h user=u password=${CANARY}`,
    `sqlserver://h?user=u&password=${CANARY}`,
  ])('finds the connection URL %s', (connection_url) => {
    const x = { postgresql: [{ connection_url }] };
    const json = { resource: { vault_database_secret_backend_connection: { x } } };
    expect(found('secret-in-state', json)).toEqual([{ address: 'x', attribute: 'postgresql.connection_url' }]);
    expect(JSON.stringify(lint(json))).not.toContain(CANARY);
  });

  test.each([
    { resource: { vault_token: { x: {} } } },
    { resource: { vault_approle_auth_backend_role_secret_id: { x: {} } } },
    { data: { vault_kv_secret_v2: { x: { name: 'a' } } } },
    { data: { consul_acl_token_secret_id: { x: {} } } },
    { resource: { random_password: { x: { length: 32 } } } },
    { resource: { tls_private_key: { x: { algorithm: 'RSA' } } } },
  ])('finds what returns a secret: %j', (json) => {
    expect(found('secret-in-state', json)).toHaveLength(1);
  });

  test.each([
    { resource: { vault_kv_secret_v2: { x: { data_json_wo: '{}', data_json_wo_version: 1 } } } },
    { resource: { vault_jwt_auth_backend: { x: { oidc_client_secret_wo: 'x' } } } },
    ...['{"jwks_url":"https://i.example/keys"}', '{"token_ttl":60,"bound_claims":{"token":"a"}}', unknown].map(
      (data_json) => ({ resource: { vault_generic_endpoint: { x: { path: 'auth/jwt/role/a', data_json } } } }),
    ),
    { resource: { vault_consul_secret_backend: { x: { token_wo: CANARY, token_wo_version: 1 } } } },
    { resource: { vault_consul_secret_backend: { x: { bootstrap: true } } } },
    { resource: { vault_approle_auth_backend_role_secret_id: { x: { wrapping_ttl: '60s' } } } },
    { resource: { vault_token: { x: { wrapping_ttl: '60s' } } } },
    { resource: { consul_acl_auth_method: { x: { config_json: '{"JWKSURL": "http://127.0.0.1"}' } } } },
    { resource: { consul_acl_auth_method: { x: { config_json: `\${jsonencode({ a = "b" })}` } } } },
    { resource: { consul_acl_token: { x: { policies: ['a'] } } } },
    { ephemeral: { vault_kv_secret_v2: { x: { name: 'a' } } } },
    { data: { vault_policy_document: { x: {} } } },
    { resource: { aws_db_instance: { x: { password: 'x' } } } },
    { resource: { random_string: { x: { length: 32 } } } },
    { ephemeral: { random_password: { x: { length: 32 } } } },
    { resource: { vault_jwt_auth_backend: { x: { jwt_validation_pubkeys: ['-----BEGIN PUBLIC KEY-----'] } } } },
    { resource: { vault_jwt_auth_backend: { x: { jwks_url: 'https://i.example:8200/keys@x', path: `\${var.x}` } } } },
    { resource: { vault_jwt_auth_backend: { x: { jwks_url: 'https://user@i.example/keys' } } } },
    { resource: { vault_jwt_auth_backend_role: { x: { bound_claims: { token: 'a', password: 'b' } } } } },
    ...[
      ...['postgresql://{{username}}:{{password}}@h/db', '{{username}}:{{password}}@tcp(127.0.0.1:3306)/'],
      ...['{{username}}/{{password}}@h:1521/XE', 'server=h;user id={{username}};password={{password}};'],
      ...[
        'postgresql://h:5432/db?sslmode=disable',
        'postgresql://u@h/db',
        `host=h password='{{password}}'`,
        `\${var.url}`,
      ],
    ].map((connection_url) => ({
      resource: {
        vault_database_secret_backend_connection: {
          x: { postgresql: [{ connection_url, password: null, password_wo: CANARY, password_wo_version: 1 }] },
        },
      },
    })),
  ])('is content with %j', (json) => {
    expect(found('secret-in-state', json)).toEqual([]);
  });
});

describe('secret-in-provider', () => {
  test.each([
    [{ vault: [{ token: CANARY }] }, 'token'],
    [{ vault: { auth_login_userpass: [{ username: 'a', password: CANARY }] } }, 'auth_login_userpass.password'],
    [{ consul: { token: CANARY } }, 'token'],
    [{ vault: { address: `https://u:${CANARY}@vault.example` } }, 'address'],
    [{ vault: [{ headers: [{ name: 'a', value: `https://u:${CANARY}@h` }] }] }, 'headers.value'],
  ])('finds %j', (provider, attribute) => {
    const [address] = Object.keys(provider).map((name) => `provider.${name}`);
    expect(found('secret-in-provider', { provider })).toEqual([{ address, attribute }]);
    expect(JSON.stringify(lint({ provider }))).not.toContain(CANARY);
  });

  test.each([
    { vault: [{}] },
    { vault: [{ token: `\${var.token}` }] },
    { vault: { address: 'https://vault.example', token: '' } },
    { vault: { address: `https://u:\${var.password}@vault.example` } },
    { github: { token: CANARY } },
  ])('is content with %j', (provider) => {
    expect(found('secret-in-provider', { provider })).toEqual([]);
  });
});

describe('secret-looking-output', () => {
  test.each(['token', 'vault_token', 'db_password', 'client_secret', 'PRIVATE_KEY'])('finds the name %s', (name) => {
    const output = { [name]: { value: CANARY, sensitive: true } };
    expect(found('secret-looking-output', { output })).toEqual([{ address: `output.${name}`, attribute: 'value' }]);
    expect(JSON.stringify(lint({ output }))).not.toContain(CANARY);
  });

  test('finds a reference to a secret', () => {
    const output = { x: { value: `\${vault_token.t.client_token}` } };
    expect(found('secret-looking-output', { output })).toEqual([
      { address: 'output.x', attribute: 'value', found: 'vault_token.t.client_token' },
    ]);
  });

  test('takes a resource that is called like a secret for none, in a plan too', () => {
    const output = { x: { value: `\${vault_jwt_auth_backend.jwt.path}` }, y: { value: `\${vault_policy.token.name}` } };
    expect(found('secret-looking-output', { output })).toEqual([]);
    const planned = (references: readonly string[]) => ({
      format_version: '1.2',
      planned_values: { outputs: { x: {} }, root_module: {} },
      configuration: { root_module: { outputs: { x: { expression: { references } } } } },
    });
    const finds = (...references: string[]) => found('secret-looking-output', planned(references));
    expect(finds('vault_jwt_auth_backend.jwt.path', 'vault_jwt_auth_backend.jwt')).toEqual([]);
    expect(
      finds('vault_jwt_auth_backend.jwt[0].path', 'vault_jwt_auth_backend.jwt[0]', 'vault_jwt_auth_backend.jwt'),
    ).toEqual([]);
    expect(finds('vault_token.t.client_token', 'vault_token.t')).toMatchObject([
      { found: 'vault_token.t.client_token' },
    ]);
    expect(finds('vault_token.t["a"].client_token', 'vault_token.t')).toHaveLength(1);
    expect(finds('data.vault_generic_secret.s.data_json', 'data.vault_generic_secret.s')).toHaveLength(1);
  });

  test.each(['login_path', 'token_url', 'secret_path', 'token_ttl', 'tokens_per_second'])(
    'is content with %s',
    (name) => {
      expect(found('secret-looking-output', { output: { [name]: { value: `\${vault_mount.kv.path}` } } })).toEqual([]);
    },
  );
});
