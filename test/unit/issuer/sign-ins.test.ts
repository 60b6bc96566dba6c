import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateSigningKey, type StartedIssuer, startIssuer } from '../../../issuer/index.js';

const REDIRECT = 'http://127.0.0.1:9/callback';
const ADA = { sub: 'ada', groups: ['admins'] };

let issuer: StartedIssuer;
let config: client.Configuration;

beforeAll(async () => {
  issuer = await startIssuer();
  config = await client.discovery(new URL(issuer.url), 'web', 'any secret', undefined, {
    execute: [client.allowInsecureRequests],
  });
});
afterAll(() => issuer.stop());

/** Where a client sends the browser, and what it keeps for later. */
async function begin(more: Record<string, string> = {}) {
  const [verifier, nonce, state] = [client.randomPKCECodeVerifier(), client.randomNonce(), client.randomState()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce,
    state,
    ...more,
  });
  return { authUrl: url.href, checks: { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state } };
}

describe('another implementation of the client', () => {
  test('learns who signed in, by the ID token and by userinfo', async () => {
    const { authUrl, checks } = await begin();
    const { callbackUrl, claims } = await issuer.signIn(authUrl, ADA, { userinfo: { email: 'ada@acme.example' } });
    const tokens = await client.authorizationCodeGrant(config, new URL(callbackUrl), checks);
    expect(tokens.claims()).toMatchObject({ ...ADA, iss: issuer.url, aud: 'web', nonce: checks.expectedNonce });
    const info = await client.fetchUserInfo(config, tokens.access_token, 'ada');
    expect(info).toEqual({ sub: 'ada', email: 'ada@acme.example' });
    expect(claims).toEqual({ ...tokens.claims(), ...info });
  });

  test('takes nothing of what userinfo says of another subject', async () => {
    const { authUrl, checks } = await begin();
    const { callbackUrl, claims } = await issuer.signIn(authUrl, ADA, { userinfo: { sub: 'bob', groups: ['staff'] } });
    const tokens = await client.authorizationCodeGrant(config, new URL(callbackUrl), checks);
    await expect(client.fetchUserInfo(config, tokens.access_token, 'ada')).rejects.toThrow(/unexpected JSON attribute/);
    expect(claims).toMatchObject(ADA);
  });

  test('learns the subject of the ID token by userinfo, also where the claims of the issuer replace it', async () => {
    issuer.claims.set({ sub: 'carol' });
    const { authUrl, checks } = await begin();
    const { callbackUrl } = await issuer.signIn(authUrl, ADA, { userinfo: { email: 'carol@acme.example' } });
    issuer.claims.clear();
    const tokens = await client.authorizationCodeGrant(config, new URL(callbackUrl), checks);
    const info = await client.fetchUserInfo(config, tokens.access_token, 'carol');
    expect(info).toEqual({ sub: 'carol', email: 'carol@acme.example' });
  });

  test('learns nothing more by an access token that is too old', async () => {
    const { authUrl, checks } = await begin();
    const { callbackUrl } = await issuer.signIn(authUrl, ADA);
    const tokens = await client.authorizationCodeGrant(config, new URL(callbackUrl), checks);
    issuer.clock.advance(301);
    await expect(client.fetchUserInfo(config, tokens.access_token, 'ada')).rejects.toMatchObject({ status: 401 });
    issuer.clock.reset();
  });

  test.each([
    ['of another sign-in', { nonce: 'other' }, {}, /unexpected ID Token "nonce" claim value/],
    ['for another client', { aud: 'other' }, {}, /unexpected JWT "aud"/],
    ['with an algorithm that is not announced', {}, { alg: 'EdDSA' }, /unexpected JWT "alg"/],
  ] as const)('refuses an ID token %s', async (_what, claims, options, reason) => {
    if ('alg' in options) issuer.keys.add(await generateSigningKey(options.alg), { byDefault: false });
    const { authUrl, checks } = await begin();
    const { callbackUrl } = await issuer.signIn(authUrl, { ...ADA, ...claims }, options);
    const error = await client
      .authorizationCodeGrant(config, new URL(callbackUrl), checks)
      .catch((one: unknown) => one);
    expect(`${error} ${(error as Error).cause}`).toMatch(reason);
  });
});

describe('a code', () => {
  const exchange = async (callbackUrl: string, change: Record<string, string> = {}, credentials = 'web:x') => {
    const code = new URL(callbackUrl).searchParams.get('code') ?? '';
    const response = await fetch(`${issuer.url}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(credentials)}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...change }),
    });
    return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
  };
  const invalid = { status: 400, error: 'invalid_grant' };

  test('works once', async () => {
    const { authUrl, checks } = await begin();
    const { callbackUrl } = await issuer.signIn(authUrl, ADA);
    const fits = { code_verifier: checks.pkceCodeVerifier };
    expect(await exchange(callbackUrl, fits)).toMatchObject({ status: 200, token_type: 'Bearer' });
    expect(await exchange(callbackUrl, fits)).toMatchObject(invalid);
  });

  test.each([
    ['another code verifier', { code_verifier: 'x'.repeat(43) }],
    ['no code verifier', {}],
    ['another redirect URI', { redirect_uri: `${REDIRECT}/other` }],
  ])('is refused with %s', async (_what, change) => {
    const { authUrl } = await begin();
    const { callbackUrl } = await issuer.signIn(authUrl, ADA);
    expect(await exchange(callbackUrl, change)).toMatchObject(invalid);
  });

  test('is refused to another client, and when it is too old', async () => {
    const { authUrl, checks } = await begin();
    const fits = { code_verifier: checks.pkceCodeVerifier };
    const { callbackUrl } = await issuer.signIn(authUrl, ADA);
    expect(await exchange(callbackUrl, fits, 'other:x')).toMatchObject(invalid);
    const later = await issuer.signIn(authUrl, ADA);
    issuer.clock.advance(301);
    expect(await exchange(later.callbackUrl, fits)).toMatchObject(invalid);
    issuer.clock.reset();
  });

  test('that no one exchanges is dropped when a thousand others came after it', async () => {
    const redirect = `redirect_uri=${encodeURIComponent(REDIRECT)}`;
    const authUrl = `${issuer.url}/oidc/authorize?response_type=code&client_id=web&${redirect}`;
    const signIn = () => issuer.signIn(authUrl, ADA, { alg: 'ES256' });
    const [first, second] = [await signIn(), await signIn()];
    for (let more = 1; more < 1_000; more += 1) await signIn();
    expect(await exchange(first.callbackUrl)).toMatchObject(invalid);
    expect(await exchange(second.callbackUrl)).toMatchObject({ status: 200 });
  });

  test('is not given in a browser, and an unknown access token tells nothing', async () => {
    const { authUrl } = await begin();
    expect((await fetch(authUrl)).status).toBe(400);
    const asked = await fetch(`${issuer.url}/oidc/userinfo`, { headers: { authorization: 'Bearer x' } });
    expect([asked.status, asked.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
  });
});

describe('a URL that is no sign-in here', () => {
  test.each([
    ['of another issuer', 'https://accounts.google.com/o/oauth2/auth?client_id=a', 'is not a sign-in at'],
    ['that is not valid', 'nowhere', 'is not a sign-in at'],
    ['without a client', '?response_type=code&redirect_uri=http://a/', 'the sign-in has no "client_id"'],
    ['without a response type', '?client_id=a&redirect_uri=http://a/', 'the sign-in has no "response_type"'],
    [
      'for the implicit flow',
      '?response_type=id_token&client_id=a&redirect_uri=http://a/',
      'unsupported response type',
    ],
    ['with a plain code challenge', '?response_type=code&code_challenge_method=plain', 'unsupported code challenge'],
    [
      'with a parameter twice',
      '?response_type=code&client_id=a&redirect_uri=http://a/&redirect_uri=http://b/',
      'the sign-in repeats "redirect_uri"',
    ],
    [
      'whose redirect URI has a fragment',
      '?response_type=code&client_id=a&redirect_uri=http://a/%23b',
      'without a fragment',
    ],
    ['whose redirect URI is none', '?response_type=code&client_id=a&redirect_uri=b', '"redirect_uri" is "b"'],
  ])('%s is refused', async (_what, url, message) => {
    const authUrl = url.startsWith('?') ? `${issuer.url}/oidc/authorize${url}` : url;
    await expect(issuer.signIn(authUrl, ADA)).rejects.toThrow(message);
  });

  test('of another issuer of the same server is refused', async () => {
    const other = await issuer.addIssuer('/other');
    const authUrl = `${other.url}/oidc/authorize?response_type=code&client_id=a&redirect_uri=http://a/`;
    await expect(issuer.signIn(authUrl, ADA)).rejects.toThrow('is not a sign-in at');
    expect((await other.signIn(authUrl, ADA)).callbackUrl).toMatch(/^http:\/\/a\/\?code=/);
  });
});
