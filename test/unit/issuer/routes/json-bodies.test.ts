import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { appMeshDialect, authTokenDialect, getTokenDialect, signDialect } from 'vaultproof/issuer/endpoints';
import { fixedUsers } from 'vaultproof/issuer/users';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ADMIN_TOKEN = 'admin-token-of-thirty-two-characters';
let issuer: StartedIssuer;
beforeAll(async () => {
  const users = await fixedUsers({ Users: { bob: { key: 'pwd' } } });
  const dialects = [
    signDialect(),
    authTokenDialect(),
    getTokenDialect({ keyFor: () => undefined }),
    appMeshDialect({ users }),
  ];
  issuer = await startIssuer({ dialects, admin: { token: ADMIN_TOKEN } });
});
afterAll(() => issuer.stop());

const endpoints = [
  ['POST', '/sign', (value: string) => `{"claims":{"sub":"a","b":${value}}}`],
  ['POST', '/sign', (value: string) => `{"payload":"","header":{"b":${value}}}`],
  ['POST', '/auth/token', (value: string) => `{"name":"a","b":${value}}`],
  ['POST', '/get_token', (value: string) => `{"id":"a","aud":"b","c":${value}}`],
  ['POST', '/appmesh/totp/validate', (value: string) => `{"user_name":"a","totp_challenge":"b","c":${value}}`],
  ['PUT', '/admin/claims', (value: string) => `{"b":${value}}`],
  ['PATCH', '/admin/users/bob', (value: string) => `{"metadata":{"b":${value}}}`],
] as const;

async function refusalOf(method: string, path: string, body: string): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` };
  const answer = await fetch(issuer.url + path, { method, headers, body });
  return { status: answer.status, text: await answer.text() };
}

describe.each(endpoints)('%s %s', (method, path, bodyWith) => {
  test.each(['[', '{"a":'])('refuses a body that is nested deeply by %j', async (open) => {
    const value = open.repeat(9_000) + (open === '[' ? ']'.repeat(9_000) : `1${'}'.repeat(9_000)}`);
    const { status, text } = await refusalOf(method, path, bodyWith(value));
    expect(status).toBe(400);
    expect(text).toContain('the body is nested over 64 levels deep');
  });

  test('refuses a member that JavaScript keeps for itself', async () => {
    const { status, text } = await refusalOf(method, path, bodyWith('{"__proto__":{"admin":true}}'));
    expect(status).toBe(400);
    expect(text).toContain(JSON.stringify('the body has the name "__proto__", which is not allowed').slice(1, -1));
  });
});

test('POST /sign refuses what its placeholders would fill in beyond 64 KiB', async () => {
  const claims = { sub: 'x', a: 'x'.repeat(32_000), b: '{{a}}'.repeat(6_400) };
  const { status, text } = await refusalOf('POST', '/sign', JSON.stringify({ claims }));
  expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 400, error: 'claims_too_large' });
});

test('claims of the admin API refuse the token of a request that they would make too large', async () => {
  await refusalOf('PUT', '/admin/claims', JSON.stringify({ a: '{{sub}}'.repeat(3_000) }));
  const request = JSON.stringify({ name: 'x'.repeat(60_000) });
  const { status, text } = await refusalOf('POST', '/auth/token', request);
  await refusalOf('DELETE', '/admin/claims', '');
  expect({ status, ...JSON.parse(text) }).toEqual({
    status: 400,
    error: 'the placeholders expand to more than 64 KiB: use fewer of them, or shorter claims',
  });
});
