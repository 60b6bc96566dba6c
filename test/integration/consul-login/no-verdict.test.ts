import { httpClient, LoginRefusedError, loginToConsul, startConsul } from 'vaultproof';
import { expect, test } from 'vitest';
import { startOddConsul } from '../../support/odd-consul.js';

const request = { jwt: 'x.y.z', method: 'jwt' };
const failure = (login: Promise<unknown>): Promise<unknown> =>
  login.then(
    () => 'let in',
    (error: unknown) => error,
  );

test.each([
  ['without ACLs', 'acl_disabled', 401],
  ['without a leader', 'no_leader', 500],
] as const)('a consul %s is no refusal of the token', async (kind, code, status) => {
  const consul = await startOddConsul(kind);
  try {
    const error = await failure(loginToConsul(consul.client, request));
    expect(error).not.toBeInstanceOf(LoginRefusedError);
    expect(error).toMatchObject({ code, details: { method: 'POST', path: 'acl/login', status } });
  } finally {
    await consul.stop();
  }
});

test('a consul that does not answer is no refusal of the token', async () => {
  const http = httpClient('http://127.0.0.1:1');
  expect(await failure(loginToConsul(http, request))).toMatchObject({ code: 'request_failed' });
  http.close();
});

test('a consul that was stopped says so, and its sessions are over', async () => {
  const consul = await startConsul();
  await consul.stop();
  expect(await failure(consul.login(request))).toMatchObject({ code: 'server_stopped' });
});
