import { expect, test } from 'vitest';
import { jwksUrisOf } from '../../../../issuer/vendors/jwks-uri.js';
import { readVendorUrl } from '../../../../issuer/vendors/vendors.js';

test.each([
  'https://token.actions.githubusercontent.com',
  'https://token.actions.githubusercontent.com/acme-corp',
  'https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/',
  'https://oidc.circleci.com/org/8e7ac8b4-d29c-4c3a-8d9f-2b5f2f1a1a11',
  'https://kubernetes.default.svc.cluster.local',
])('"%s" is the URL of a vendor', (url) => {
  expect(readVendorUrl(url)).toEqual({ url, host: new URL(url).hostname });
});

test.each([
  ['http://gitlab.com', 'it is not https'],
  ['gitlab.com', 'it is not a URL'],
  ['', 'it is not a URL'],
  [undefined, 'it is not a URL'],
  ['https://gitlab.com:8443', 'it has a port'],
  ['https://gitlab.com:443', 'it has a port'],
  ['https://user@gitlab.com', 'it has a user'],
  ['https://gitlab.com?x=1', 'it has a query or a fragment'],
  ['https://gitlab.com#x', 'it has a query or a fragment'],
  ['https://gitlab.com/a/../b', 'its path "/a/../b"'],
  ['https://gitlab.com//a', 'its path "//a"'],
  ['https://gitlab.com/%61', 'its path "/%61"'],
  ['https://GitLab.com', 'its host is "gitlab.com"'],
  ['https://127.0.0.1', 'its host is an address'],
  ['https://[::1]', 'its host is an address'],
  ['https://localhost', 'servers connect to its host without a proxy'],
  ['https://host.docker.internal', 'servers connect to its host without a proxy'],
])('"%s" is refused: %s', (url, why) => {
  expect(() => readVendorUrl(url as string)).toThrow(
    expect.objectContaining({ code: 'vendor_url_invalid', message: expect.stringContaining(why) }),
  );
});

test.each([
  ['https://token.actions.githubusercontent.com', '/.well-known/jwks'],
  ['https://token.actions.acme.ghe.com', '/.well-known/jwks'],
  ['https://github.acme.example/_services/token', '/.well-known/jwks'],
  ['https://gitlab.com', '/oauth/discovery/keys'],
  ['https://app.terraform.io', '/.well-known/jwks'],
  ['https://abc123-def456.tokens.sts.global.api.aws', '/.well-known/jwks.json'],
  ['https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc', '/keys.json'],
  ['https://kubernetes.default.svc.cluster.local', '/openid/v1/jwks'],
])('the key set of "%s" is at "%s" alone', (url, path) => {
  expect(jwksUrisOf(url)).toEqual({ jwksUri: `${url}${path}`, jwksUris: [`${url}${path}`] });
});

const tenant = '72f988bf-86f1-41af-91ab-2d7cd011db47';

test.each([
  ['https://accounts.google.com', 'https://www.googleapis.com/oauth2/v3/certs'],
  [
    `https://login.microsoftonline.com/${tenant}/v2.0`,
    `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`,
  ],
  [`https://vstoken.dev.azure.com/${tenant}`, 'https://vstoken.dev.azure.com/.well-known/jwks'],
  [`https://sts.windows.net/${tenant}/`, 'https://login.microsoftonline.com/common/discovery/keys'],
])('the key set of "%s" is at "%s", beside its issuer', (url, jwksUri) => {
  expect(jwksUrisOf(url)).toEqual({ jwksUri, jwksUris: [jwksUri] });
});

test('an issuer of no known vendor has its key set at the path of each', () => {
  const { jwksUri, jwksUris } = jwksUrisOf('https://gitlab.acme.example/');
  expect(jwksUri).toBe('https://gitlab.acme.example/.well-known/jwks.json');
  const paths = ['/oauth/discovery/keys', '/openid/v1/jwks', '/keys', '/.well-known/jwks'];
  expect(jwksUris).toEqual(expect.arrayContaining(paths.map((path) => `https://gitlab.acme.example${path}`)));
  expect(jwksUris.filter((uri) => !uri.startsWith('https://gitlab.acme.example/'))).toEqual([]);
});

test('a jwks_uri that is given is the only one', () => {
  const jwksUri = 'https://keys.acme.example/keys';
  expect(jwksUrisOf('https://idp.acme.example', jwksUri)).toEqual({ jwksUri, jwksUris: [jwksUri] });
});
