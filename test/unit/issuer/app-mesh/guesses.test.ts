import { request } from 'node:http';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { appMeshDialect, tokenDialect } from 'vaultproof/issuer/endpoints';
import { fixedUsers, hashPassword } from 'vaultproof/issuer/users';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';
import { requires } from '../../../support/requirement.js';

bePatient();

let issuer: StartedIssuer;
beforeEach(async () => {
  const key = await hashPassword('pwd', { N: 16, r: 1, p: 1 });
  const users = await fixedUsers({ Users: { bob: { key }, eve: { key } } });
  issuer = await startIssuer({ dialects: [appMeshDialect({ users }), tokenDialect()] });
  onTestFinished(() => issuer.stop());
});

/** The status of a login from an address of loopback. */
function login(name: string, password: string, localAddress = '127.0.0.1'): Promise<number> {
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  return new Promise((resolve, reject) => {
    const sending = request(`${issuer.url}/appmesh/login`, {
      method: 'POST',
      headers: { authorization },
      localAddress,
    });
    sending.on('error', reject);
    sending.on('response', (answer) => resolve(answer.resume().statusCode ?? 0));
    sending.end();
  });
}

function counted(statuses: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

test('150 logins with 150 names do not keep out who logs in from there, nor other requests', async () => {
  expect(await login('bob', 'pwd')).toBe(200);
  let answered = 0;
  const guesses = Array.from({ length: 150 }, (_, n) => login(`user${n}`, 'x').finally(() => (answered += 1)));
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'ci' });
  const token = fetch(`${issuer.url}/token`, { method: 'POST', body: form });
  expect(await login('bob', 'pwd')).toBe(200);
  expect((await token).status).toBe(200);
  // More than 60 of them wait for their turn.
  expect(answered).toBeLessThan(120);
  const { 404: unknown = 0, 429: refused = 0, ...others } = counted(await Promise.all(guesses));
  expect(others).toEqual({});
  expect(unknown + refused).toBe(150);
  expect(refused).toBeGreaterThan(30);
  expect(await login('bob', 'pwd')).toBe(200);
});

test('guesses at a name from one address keep its owner out at no other', async (context) => {
  await requires('linux')(context);
  const guesses = await Promise.all(Array.from({ length: 50 }, () => login('bob', 'wrong', '127.0.0.2')));
  const { 401: wrong = 0, 429: refused = 0 } = counted(guesses);
  expect(wrong + refused).toBe(50);
  // Five at once, and two more at most where these take longer than the seconds to wait for them.
  expect(wrong).toBeGreaterThanOrEqual(5);
  expect(wrong).toBeLessThanOrEqual(7);
  expect(await login('bob', 'pwd', '127.0.0.2')).toBe(429);
  expect(await login('bob', 'pwd')).toBe(200);
  expect(await login('eve', 'pwd', '127.0.0.2')).toBe(200);
});
