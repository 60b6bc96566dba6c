import { describe, expect, test } from 'vitest';
import { found, login } from './found.js';

const unknown = `\${var.unknown}`;

describe('no-bound-issuer', () => {
  test.each([
    {},
    { bound_issuer: '' },
    { jwks_url: null, jwt_validation_pubkeys: ['-----BEGIN PUBLIC KEY-----'] },
    { jwks_url: null, oidc_discovery_url: 'https://i.example' },
  ])('finds a backend with %j', (backend) => {
    expect(found('no-bound-issuer', login({ backend: { bound_issuer: null, ...backend } }))).toEqual([
      { address: 'jwt', attribute: 'bound_issuer' },
    ]);
  });

  test.each([
    { bound_issuer: 'https://i.example' },
    { bound_issuer: unknown },
    { bound_issuer: null, jwks_url: null, jwks_pairs: [{ jwks_url: 'https://i.example/keys' }] },
    { bound_issuer: null, jwks_url: null, oidc_discovery_url: 'https://i.example', oidc_client_id: 'vault' },
  ])('is content with %j', (backend) => {
    expect(found('no-bound-issuer', login({ backend }))).toEqual([]);
  });

  test('is content where every role binds iss, or may', () => {
    const backend = { bound_issuer: null };
    const bound = { bound_claims: { iss: 'https://i.example' } };
    expect(found('no-bound-issuer', login({ backend, role: bound }))).toEqual([]);
    expect(found('no-bound-issuer', login({ backend, role: { bound_claims: unknown } }))).toEqual([]);
    expect(found('no-bound-issuer', login({ backend, role: { bound_claims: { team: 'red' } } }))).toHaveLength(1);
    const glob = (iss: string) => login({ backend, role: { bound_claims: { iss }, bound_claims_type: 'glob' } });
    expect(found('no-bound-issuer', glob('https://i.example/*'))).toEqual([]);
    expect(found('no-bound-issuer', glob('https://*'))).toHaveLength(1);
    expect(found('no-bound-issuer', glob('*'))).toHaveLength(1);
  });
});

describe('algorithms-unnamed', () => {
  test('finds a backend that names none', () => {
    expect(found('algorithms-unnamed', login({ backend: { jwt_supported_algs: null } }))).toEqual([
      { address: 'jwt', attribute: 'jwt_supported_algs' },
    ]);
    expect(found('algorithms-unnamed', login({ backend: { jwt_supported_algs: [] } }))).toHaveLength(1);
  });

  test.each([[['ES256']], unknown, [[unknown]]])('is content with %j', (algs) => {
    expect(found('algorithms-unnamed', login({ backend: { jwt_supported_algs: algs } }))).toEqual([]);
  });
});
