import { describe, expect, test } from 'vitest';
import { consulLogin, found, login } from './found.js';

const PLAIN = [
  'http://keys.acme.example',
  'HTTP://keys.acme.example:8080/jwks.json',
  'http://172.17.0.1:8080/jwks.json',
  'http://10.0.0.1/jwks.json',
  'http://127.0.0.1.acme.example/jwks.json',
  'http://localhost.acme.example',
  'http://127.0.0.1@keys.acme.example',
  'http://[::ffff:7f00:1]/jwks.json',
  `http://keys.acme.example/\${var.path}`,
];
const KEPT = [
  'https://keys.acme.example',
  'http://localhost:8080/jwks.json',
  'http://LOCALHOST',
  'http://issuer.localhost/jwks.json',
  'http://127.0.0.1:8080/jwks.json',
  'http://127.9.8.7',
  'http://[::1]:8080/jwks.json',
  'http://user@127.0.0.1:8080',
  'http://host.docker.internal:8080/jwks.json',
  `http://\${var.host}/jwks.json`,
  `\${var.url}`,
];

describe('keys-over-http, in Vault', () => {
  const vault = (backend: object) => found('keys-over-http', login({ backend: { jwks_url: null, ...backend } }));

  test.each(PLAIN)('finds %s', (url) => {
    for (const name of ['jwks_url', 'oidc_discovery_url']) {
      expect(vault({ [name]: url })).toEqual([{ address: 'jwt', attribute: name, found: shown(url) }]);
    }
    expect(vault({ bound_issuer: null, jwks_pairs: [{ jwks_url: 'https://a.example' }, { jwks_url: url }] })).toEqual([
      { address: 'jwt', attribute: 'jwks_pairs', found: shown(url) },
    ]);
  });

  test.each(KEPT)('is content with %s', (url) => {
    expect(vault({ jwks_url: url })).toEqual([]);
    expect(vault({ oidc_discovery_url: url })).toEqual([]);
    expect(vault({ bound_issuer: null, jwks_pairs: [{ jwks_url: url }] })).toEqual([]);
  });

  test('reads what is written to the API as well', () => {
    const data_json = JSON.stringify({ jwks_url: 'http://keys.acme.example', bound_issuer: 'https://i.example' });
    const configured = { path: 'auth/jwt/config', data_json };
    const declared = {
      vault_auth_backend: { jwt: { type: 'jwt', path: 'jwt' } },
      vault_generic_endpoint: { configured },
    };
    expect(found('keys-over-http', { resource: declared })).toMatchObject([{ found: 'http://keys.acme.example' }]);
  });

  test('is allowed with a reason', () => {
    const allow = { '//': { vaultproof: { allow: { 'keys-over-http': 'a tunnel is between them' } } } };
    expect(vault({ jwks_url: 'http://keys.acme.example', ...allow })).toEqual([]);
  });
});

describe('keys-over-http, in Consul', () => {
  const consul = (config: object) =>
    found('keys-over-http', consulLogin({ config: { JWKSURL: undefined, ...config } }));

  test.each(PLAIN)('finds %s', (url) => {
    for (const name of ['JWKSURL', 'OIDCDiscoveryURL']) {
      expect(consul({ [name]: url })).toEqual([
        { address: 'jwt', attribute: `config_json.${name}`, found: shown(url) },
      ]);
    }
  });

  test.each(KEPT)('is content with %s', (url) => {
    expect(consul({ JWKSURL: url })).toEqual([]);
    expect(consul({ OIDCDiscoveryURL: url })).toEqual([]);
  });
});

/** A URL as findings have it. */
function shown(url: string): string {
  return `http://${new URL(url).host}`;
}
