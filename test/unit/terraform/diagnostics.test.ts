import { expect, test } from 'vitest';
import { readConfiguration } from '../../../harness/terraform/configuration.js';
import { applyFailure } from '../../../harness/terraform/diagnostics.js';

const configuration = readConfiguration({
  resource: { vault_policy: { p: { '//': { metadata: { path: 'demo/policy' } } } } },
});

function failure(summary: string, begun = true) {
  const diagnostic = { severity: 'error' as const, summary, detail: '', address: 'vault_policy.p' };
  const end = { exitCode: 1, stdout: '', stderr: '' };
  return applyFailure({
    what: 'applied',
    end,
    diagnostics: [diagnostic],
    begun,
    configuration,
    secrets: ['canary-token'],
    servers: ['http://127.0.0.1:9'],
  });
}

const answer = (method: string, path: string, code: number, error: string) =>
  `error writing to Vault: Error making API request.\n\nURL: ${method} http://127.0.0.1:8200/v1/${path}\nCode: ${code}. Errors:\n\n* ${error}`;

test('a password in a URL of the declaration is struck out', () => {
  const error = failure('error checking jwks URL http://user:PASSW0RD@127.0.0.1:1/jwks');
  expect(error.message).toContain('http://***@127.0.0.1:1/jwks');
  expect(error.message + JSON.stringify(error.details)).not.toContain('PASSW0RD');
});

test.each([
  ['state_locked', 'Error acquiring the state lock\nresource temporarily unavailable', {}],
  ['terraform_too_old', 'Unsupported Terraform Core version', {}],
  ['vault_sealed', answer('PUT', 'sys/policies/acl/p', 503, 'Vault is sealed'), {}],
  ['path_in_use', answer('POST', 'sys/auth/jwt', 400, 'path is already in use at jwt/'), { path: 'jwt/' }],
  [
    'permission_denied',
    answer('PUT', 'sys/policies/acl/p', 403, '1 error occurred:\n\t* permission denied'),
    { path: 'sys/policies/acl/p', method: 'PUT', capability: 'create or update' },
  ],
  [
    'permission_denied',
    answer('GET', 'sys/auth', 403, '1 error occurred:\n\t* permission denied'),
    { path: 'sys/auth', capability: 'read' },
  ],
  // OpenBao's words for a token that it does not know.
  ['server_token_invalid', answer('GET', 'sys/auth', 403, 'permission denied'), { path: 'sys/auth' }],
  [
    'unsupported_by_server',
    answer('POST', 'sys/mounts/consul', 400, 'plugin not found in the catalog: consul'),
    { missing: ['secret/consul'] },
  ],
  [
    'unsupported_by_server',
    answer('POST', 'sys/auth/people', 400, 'plugin not found in the catalog: github'),
    { missing: ['auth/github'] },
  ],
  [
    'unsupported_by_server',
    answer('PUT', 'sys/policies/acl/p', 400, 'failed to parse policy: path "a": invalid capability "subscribe"'),
    { missing: ['subscribe'] },
  ],
  [
    'permission_denied',
    "Unexpected response code: 403 (Permission denied: token with AccessorID 'x' lacks permission 'acl:write')",
    { capability: 'acl:write' },
  ],
  ['server_token_invalid', answer('GET', 'auth/token/lookup-self', 403, 'permission denied\n* invalid token'), {}],
  ['server_token_invalid', 'Unexpected response code: 403 (ACL not found)', {}],
  ['acl_disabled', 'Unexpected response code: 401 (ACL support disabled)', {}],
  ['no_leader', 'Unexpected response code: 500 (No cluster leader)', {}],
  ['request_failed', 'Put "http://127.0.0.1:9/v1/x": dial tcp 127.0.0.1:9: connect: connection refused', {}],
  [
    'vault_standby',
    'Get "http://127.0.0.1:8/v1/auth/token/lookup-self": dial tcp 127.0.0.1:8: connect: connection refused',
    { activeNode: 'http://127.0.0.1:8' },
  ],
  [
    'vault_standby',
    answer('GET', 'auth/token/lookup-self', 500, 'local node not active but active cluster node not found'),
    {},
  ],
  ['apply_failed', answer('PUT', 'auth/jwt/config', 400, 'error checking jwks URL'), {}],
] as const)('%s is told from the words of the provider', (code, words, details) => {
  expect(failure(words)).toMatchObject({
    code,
    details: { address: 'vault_policy.p', constructPath: 'demo/policy', ...details },
  });
});

test.each([
  answer('PUT', 'auth/jwt/config', 400, 'error checking oidc discovery URL: dial tcp 127.0.0.1:9: connection refused'),
  'Unexpected response code: 500 (Failed to parse ACL rules: unexpected EOF)',
  answer('PUT', 'x', 400, 'the file is locked: permission denied'),
])('what a server answers is about the server only where the status says so', (words) => {
  expect(failure(words)).toMatchObject({ code: 'apply_failed' });
});

test('what is refused before anything was begun is the declaration, unless a server answered', () => {
  expect(failure('Unsupported argument', false)).toMatchObject({ code: 'declaration_invalid' });
  expect(failure(answer('GET', 'sys/mounts', 500, 'internal error'), false)).toMatchObject({ code: 'apply_failed' });
});

test('a token in the words is struck out', () => {
  const error = failure('bad request with canary-token in it');
  expect(String(error) + JSON.stringify(error.details)).not.toContain('canary-token');
});

test('an end without a diagnostic has the end of what was written', () => {
  const end = { exitCode: undefined, stdout: '', stderr: 'panic: canary-token' };
  const error = applyFailure({
    what: 'read',
    end,
    diagnostics: [],
    begun: false,
    configuration,
    secrets: ['canary-token'],
    servers: ['http://127.0.0.1:9'],
  });
  expect(error).toMatchObject({ code: 'terraform_failed', message: 'terraform was killed: panic: (struck out)' });
});

test.each([
  [
    'jwks_url',
    'https://idp.example/jwks',
    'error checking jwks URL https://idp.example/jwks',
    'give `jwksUrl: env.issuer.jwksUrlFor(env.vault)`',
  ],
  [
    'oidc_discovery_url',
    'http://127.0.0.1:9',
    'error checking oidc discovery URL; its log says: Get "http://127.0.0.1:9": connection refused',
    'give `oidcDiscoveryUrl: env.issuer.discoveryUrlFor(env.vault)`',
  ],
])('keys that vault could not fetch are given by the issuer in a test: %s', (argument, url, words, advice) => {
  const error = applyFailure({
    what: 'applied',
    end: { exitCode: 1, stdout: '', stderr: '' },
    diagnostics: [
      {
        severity: 'error',
        summary: answer('PUT', 'auth/jwt/config', 400, words),
        detail: '',
        address: 'vault_jwt_auth_backend.jwt["a"]',
      },
    ],
    begun: true,
    configuration: readConfiguration({ resource: { vault_jwt_auth_backend: { jwt: { [argument]: url } } } }),
    secrets: [],
    servers: [],
  });
  expect(error).toMatchObject({ code: 'apply_failed', message: expect.stringContaining(advice) });
  expect(error.message).toContain(words);
});
