import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { type Clock, generateSigningKey, type SigningKey } from 'vaultproof/issuer';
import { type AppMeshOptions, appMesh } from 'vaultproof/issuer/endpoints';
import { hashPassword, openUserFile, totpCode } from 'vaultproof/issuer/users';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createIssuer, type Issuer } from '../../../../issuer/issuer.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const mfaKey = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const cheap = { N: 16, r: 1, p: 1 };
const NOW = 1_605_315_764;

let keys: readonly SigningKey[];
let issuer: Issuer;
beforeAll(async () => {
  keys = await Promise.all([generateSigningKey('RS256'), generateSigningKey('ES256')]);
});
beforeEach(async () => {
  issuer = await createIssuer('http://127.0.0.1:6060', { keys, clock: stoppedAt(NOW) });
});

function stoppedAt(time: number): Clock {
  let now = time;
  const moveTo = (to: number): void => {
    now = to;
  };
  return { now: () => now, moveTo, advance: (seconds) => moveTo(now + seconds), reset: () => moveTo(time) };
}

async function started(options: Partial<AppMeshOptions> = {}) {
  const key = await hashPassword('pwd', cheap);
  const path = join(await temporaryFolder(), 'users.json');
  const Users = {
    mesh: { key, roles: ['view'] },
    admin: { key: await hashPassword('pä:ss', cheap), roles: ['view', 'manage'] },
    gone: { key, locked: true, roles: ['view'] },
    careful: { key, mfa_enabled: true, mfa_key: mfaKey },
    other: { key, mfa_enabled: true, mfa_key: mfaKey },
  };
  await writeFile(path, JSON.stringify({ Roles: { view: ['app-view'], manage: ['app-reg'] }, Users }));
  const users = await openUserFile(path);
  onTestFinished(() => users.close());
  const app = appMesh({ issuer, users, ...options });
  const post = (route: string, headers: Record<string, string> = {}, body?: string) =>
    app.request(`https://localhost:6060/appmesh/${route}`, {
      method: 'POST',
      headers: { Host: 'localhost:6060', ...headers },
      ...(body === undefined ? {} : { body }),
    });
  const login = (userAndPassword: string, headers: Record<string, string> = {}) =>
    post('login', { Authorization: `Basic ${Buffer.from(userAndPassword).toString('base64')}`, ...headers });
  const tokenOf = async (response: Response): Promise<string> =>
    ((await response.json()) as { access_token: string }).access_token;
  const challengeOf = async (response: Response): Promise<string> =>
    ((await response.json()) as { totp_challenge: string }).totp_challenge;
  const auth = (token: string, headers: Record<string, string> = {}) =>
    post('auth', { Authorization: `Bearer ${token}`, ...headers });
  const validate = (fields: object, headers: Record<string, string> = {}) =>
    post('totp/validate', headers, JSON.stringify(fields));
  return { app, path, users, post, login, tokenOf, challengeOf, auth, validate };
}

const answer = async (response: Response | Promise<Response>) => {
  const { status, headers } = await response;
  return { status, type: headers.get('content-type'), body: await (await response).json() };
};
const refusal = (status: number, message: string) => ({ status, type: 'application/json', body: { message } });

describe('a login', () => {
  test('is answered as App Mesh answers it', async () => {
    const { login } = await started();
    const response = await login('mesh:pwd');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as { access_token: string };
    expect(body).toEqual({
      access_token: body.access_token,
      expire_seconds: 604_800,
      expire_time: 1_605_920_564,
      profile: { auth_time: 1_605_315_764, name: 'mesh' },
      token_type: 'Bearer',
    });
    expect(decodeProtectedHeader(body.access_token)).toEqual({
      alg: 'ES256',
      typ: 'JWT',
      kid: issuer.keys.active('ES256').kid,
    });
    expect(decodeJwt(body.access_token)).toEqual({
      iss: 'appmesh-auth0',
      name: 'mesh',
      sub: 'mesh',
      iat: 1_605_315_764,
      exp: 1_605_920_564,
    });
  });

  test('is signed with HS256 and no kid where a secret is given', async () => {
    const secret = 'a secret of thirty-two bytes ...';
    const { login, tokenOf, auth } = await started({ secret });
    const token = await tokenOf(await login('mesh:pwd'));
    expect(token.split('.')[0]).toBe('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9');
    await jwtVerify(token, Buffer.from(secret), { algorithms: ['HS256'], currentDate: new Date(NOW * 1000) });
    expect((await auth(token)).status).toBe(200);
    const es256 = { sub: 'mesh', iss: 'appmesh-auth0', aud: null };
    expect((await auth(await issuer.sign(es256, { alg: 'ES256' }))).status).toBe(401);
  });

  test.each([
    ['base64 alone', Buffer.from('mesh:pwd').toString('base64'), 200],
    ['Basic in lowercase', `basic ${Buffer.from('mesh:pwd').toString('base64')}`, 200],
    ['an umlaut and a colon in the password', Buffer.from('admin:pä:ss').toString('base64'), 200],
    ['base64 without its padding', 'bWVzaDpwd2Q', 200],
    ['a Bearer token', 'Bearer eyJh.eyJh.AA', 400],
    ['no colon', Buffer.from('meshpwd').toString('base64'), 400],
    ['no name', Buffer.from(':pwd').toString('base64'), 400],
    ['what is not base64', 'Basic mesh:pwd', 400],
    ['what is not UTF-8', Buffer.from([0xff, 0x3a, 0x41]).toString('base64'), 400],
    ['5 kB', Buffer.from(`mesh:${'x'.repeat(5000)}`).toString('base64'), 400],
    ['nothing', '', 401],
  ])('with %s as Authorization is answered', async (_, Authorization, status) => {
    const { post } = await started();
    const response = await post('login', { Authorization });
    expect(response.status).toBe(status);
    if (status === 400) expect(await response.json()).toEqual({ message: 'unrecognized authorization type' });
  });

  test.each([
    ['mesh:wrong', 401, 'Incorrect user password'],
    ['mesh:', 401, 'Incorrect user password'],
    ['nobody:pwd', 404, 'no such user'],
    ['Mesh:pwd', 404, 'no such user'],
    ['__proto__:pwd', 404, 'no such user'],
    ['gone:pwd', 401, 'the user is locked'],
    ['gone:wrong', 401, 'Incorrect user password'],
  ])('of %s is refused', async (who, status, message) => {
    const { login } = await started();
    expect(await answer(login(who))).toEqual(refusal(status, message));
  });

  test.each([
    ['1', 1],
    ['31536000', 31_536_000],
    [' 600 ', 600],
    ['0', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['31536001', undefined],
    ['99999999999999999999', undefined],
    ['never', undefined],
  ])('with X-Expire-Seconds: %s lives for %s s', async (value, seconds) => {
    const { login } = await started();
    const response = await login('mesh:pwd', { 'X-Expire-Seconds': value });
    if (seconds !== undefined) expect(await response.json()).toMatchObject({ expire_seconds: seconds });
    else {
      const message = 'X-Expire-Seconds must be a whole number of seconds from 1 to 31536000';
      expect(await answer(response)).toEqual(refusal(400, message));
    }
  });

  test('has an audience only where one is named, and it is one that is served', async () => {
    const { login, tokenOf } = await started({ audiences: ['appmesh-service', 'b'] });
    for (const aud of ['appmesh-service', 'b']) {
      expect(decodeJwt(await tokenOf(await login('mesh:pwd', { 'X-Audience': aud }))).aud).toBe(aud);
    }
    const refused = await answer(login('mesh:pwd', { 'X-Audience': 'c' }));
    expect(refused).toEqual(refusal(400, 'Audience <c> verification failed'));
  });

  test('is slowed down after four wrong passwords, for that user alone, until the time has come', async () => {
    const { login } = await started();
    for (let n = 0; n < 5; n++) expect((await login('mesh:wrong')).status).toBe(401);
    const slow = await login('mesh:pwd');
    expect(slow.status).toBe(429);
    expect(Number(slow.headers.get('retry-after'))).toBe(1);
    expect(await slow.json()).toEqual({ message: 'too many failed attempts, try again in 1 s' });
    expect((await login('admin:pä:ss')).status).toBe(200);
    issuer.clock.advance(1);
    expect((await login('mesh:pwd')).status).toBe(200);
  });

  test('a login is checked against the file as it is at that moment', async () => {
    const { path, users, login, tokenOf, auth } = await started();
    const token = await tokenOf(await login('mesh:pwd'));
    await writeFile(path, JSON.stringify({ Users: { mesh: { key: await hashPassword('new', cheap) } } }));
    await users.reload();
    expect((await login('mesh:pwd')).status).toBe(401);
    expect((await login('mesh:new')).status).toBe(200);
    expect((await auth(token, { 'X-Permission': 'app-view' })).status).toBe(400);
  });
});

describe('a user with one-time codes', () => {
  test('is asked for one, and let in with it', async () => {
    const { login, validate } = await started();
    const asked = await login('careful:pwd');
    expect(asked.headers.get('www-authenticate')).toBe('TOTP realm="TOTP Authentication", qop="auth"');
    expect(asked.status).toBe(428);
    const { totp_challenge, ...rest } = (await asked.json()) as { totp_challenge: string };
    expect(totp_challenge).toMatch(/^[\w-]{43}$/);
    expect(rest).toEqual({
      status: 'TOTP_CHALLENGE_REQUIRED',
      algorithm: 'SHA1',
      digits: 6,
      period: 30,
      expires: 1_605_315_944,
    });
    const totp_code = await totpCode(mfaKey, NOW);
    const fields = { user_name: 'careful', totp_code, totp_challenge, expire_seconds: '360000' };
    const { body } = await answer(validate(fields, { 'Content-Type': 'text/plain' }));
    expect(body).toMatchObject({ expire_seconds: 360_000, profile: { name: 'careful' }, token_type: 'Bearer' });
  });

  test('may give the code with the password, and each code once', async () => {
    const { login } = await started();
    const code = { 'X-Totp-Code': await totpCode(mfaKey, NOW) };
    expect((await login('careful:pwd', code)).status).toBe(200);
    expect(await answer(login('careful:pwd', code))).toEqual(refusal(401, 'Incorrect totp key'));
    expect((await login('other:pwd', code)).status).toBe(200);
    issuer.clock.advance(30);
    expect((await login('careful:pwd', { 'X-Totp-Code': await totpCode(mfaKey, NOW + 30) })).status).toBe(200);
  });

  test('may not use a code at one issuer of a server and again at another', async () => {
    const { users, login } = await started();
    const code = await totpCode(mfaKey, NOW);
    expect((await login('careful:pwd', { 'X-Totp-Code': code })).status).toBe(200);
    const tenant = await createIssuer('http://127.0.0.1:6060/tenant', { keys, clock: issuer.clock });
    const Authorization = Buffer.from('careful:pwd').toString('base64');
    const headers = { Host: 'localhost', Authorization, 'X-Totp-Code': code };
    const app = appMesh({ issuer: tenant, users });
    expect((await app.request('/appmesh/login', { method: 'POST', headers })).status).toBe(401);
  });

  test('needs the password first', async () => {
    const { login } = await started();
    expect((await login('careful:wrong', { 'X-Totp-Code': await totpCode(mfaKey, NOW) })).status).toBe(401);
  });

  test('keeps the lifetime and the audience of the login; the validation may name others', async () => {
    const { login, challengeOf, validate, tokenOf } = await started({ audiences: ['a', 'b'] });
    const asked = { 'X-Expire-Seconds': '60', 'X-Audience': 'a' };
    const first = await challengeOf(await login('careful:pwd', asked));
    const totp_code = await totpCode(mfaKey, NOW);
    const one = await validate({ user_name: 'careful', totp_code, totp_challenge: first });
    expect(decodeJwt(await tokenOf(one))).toMatchObject({ aud: 'a', exp: NOW + 60 });
    const second = await challengeOf(await login('other:pwd', asked));
    const fields = { user_name: 'other', totp_code, totp_challenge: second, expire_seconds: 5 };
    expect(decodeJwt(await tokenOf(await validate(fields, { 'X-Audience': 'b' })))).toMatchObject({
      aud: 'b',
      exp: NOW + 5,
    });
  });

  const badChallenge = 'the TOTP challenge is unknown, expired or used, log in again';

  test('is refused a challenge that is used, another user’s, made up or three minutes old', async () => {
    const { login, challengeOf, validate } = await started();
    const used = await challengeOf(await login('careful:pwd'));
    const old = await challengeOf(await login('careful:pwd'));
    const send = async (totp_challenge: string, user_name = 'careful', at = NOW) => {
      issuer.clock.moveTo(at);
      return answer(validate({ user_name, totp_challenge, totp_code: await totpCode(mfaKey, at) }));
    };
    expect((await send(used, 'other')).body).toEqual({ message: badChallenge });
    expect((await send(used)).status).toBe(200);
    expect(await send(used, 'careful', NOW + 60)).toEqual(refusal(400, badChallenge));
    expect(await send('made-up')).toEqual(refusal(400, badChallenge));
    expect(await send(used, 'nobody')).toEqual(refusal(400, badChallenge));
    expect(await send(old, 'careful', NOW + 180)).toEqual(refusal(400, badChallenge));
    expect((await send(old, 'careful', NOW + 179)).status).toBe(200);
  });

  test('is refused a wrong code for a good challenge, which stays good, and a code that was used', async () => {
    const { login, challengeOf, validate } = await started();
    const totp_challenge = await challengeOf(await login('careful:pwd'));
    const totp_code = await totpCode(mfaKey, NOW);
    const wrong = totp_code === '000000' ? '000001' : '000000';
    const fields = { user_name: 'careful', totp_challenge };
    expect(await answer(validate({ ...fields, totp_code: wrong }))).toEqual(refusal(401, 'Incorrect totp key'));
    expect((await validate({ ...fields, totp_code })).status).toBe(200);
    const next = await challengeOf(await login('careful:pwd'));
    const replayed = validate({ ...fields, totp_code, totp_challenge: next });
    expect(await answer(replayed)).toEqual(refusal(401, 'Incorrect totp key'));
  });

  test('is let in once by one challenge and one code that are sent ten times at once', async () => {
    const { login, challengeOf, validate } = await started();
    const totp_challenge = await challengeOf(await login('careful:pwd'));
    const fields = { user_name: 'careful', totp_challenge, totp_code: await totpCode(mfaKey, NOW) };
    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await validate(fields)).status));
    expect(statuses.toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 400)]);
  });

  test('is slowed down after four wrong codes, also with new challenges', async () => {
    const { login, challengeOf, validate } = await started();
    const right = await totpCode(mfaKey, NOW);
    const wrong = right === '000000' ? '000001' : '000000';
    const statuses: number[] = [];
    for (const totp_code of [wrong, wrong, wrong, wrong, wrong, right]) {
      const totp_challenge = await challengeOf(await login('careful:pwd'));
      statuses.push((await validate({ user_name: 'careful', totp_challenge, totp_code })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test.each([
    ['{', 'the body is not JSON'],
    ['[]', 'the body is not a JSON object'],
    ['{"user_name":"mesh"}', '"totp_challenge" must be a string that is not empty'],
    ['{"user_name":"careful","totp_challenge":"x"}', 'no TOTP key provided'],
    ['{"user_name":"careful","totp_challenge":"x","totp_code":123456}', 'no TOTP key provided'],
    ['{"user_name":"mesh","totp_challenge":"x","totp_code":"1"}', 'TOTP authentication not enabled for current user'],
    [
      '{"user_name":"careful","totp_challenge":"x","totp_code":"1","expire_seconds":0}',
      'expire_seconds must be a whole number of seconds from 1 to 31536000',
    ],
  ])('is told what is wrong with %s', async (body, message) => {
    const { post } = await started();
    expect(await answer(post('totp/validate', {}, body))).toEqual(refusal(400, message));
  });
});

describe('a token', () => {
  test('of a user with the permission is answered with permission, success and user', async () => {
    const { login, tokenOf, auth } = await started();
    const token = await tokenOf(await login('mesh:pwd'));
    expect(await answer(auth(token, { 'X-Permission': 'app-view' }))).toEqual({
      status: 200,
      type: 'application/json',
      body: { permission: 'app-view', success: true, user: 'mesh' },
    });
    const denied = answer(auth(token, { 'X-Permission': 'app-reg' }));
    const message = "Permission denied: user 'mesh' lacks required permission 'app-reg'";
    expect(await denied).toEqual(refusal(400, message));
    expect((await auth(token)).status).toBe(200);
  });

  test('is refused once it expires', async () => {
    const { login, tokenOf, auth } = await started();
    const token = await tokenOf(await login('mesh:pwd', { 'X-Expire-Seconds': '2' }));
    issuer.clock.moveTo(NOW + 1);
    expect((await auth(token)).status).toBe(200);
    issuer.clock.moveTo(NOW + 2);
    expect(await answer(auth(token))).toEqual(refusal(401, 'Authentication failed: the token is expired'));
  });

  test('survives a rotation of the key, and not its retirement', async () => {
    const { login, tokenOf, auth } = await started();
    const token = await tokenOf(await login('mesh:pwd'));
    const before = issuer.keys.active('ES256').kid;
    await issuer.keys.rotate({ alg: 'ES256' });
    expect((await auth(token)).status).toBe(200);
    issuer.keys.retire(before);
    expect(await answer(auth(token))).toEqual(refusal(401, 'Authentication failed: no key has this kid'));
  });

  test('for an audience is good for that audience, and one without for nobody who asks for one', async () => {
    const { login, tokenOf, auth } = await started({ audiences: ['a', 'b'] });
    const forA = await tokenOf(await login('mesh:pwd', { 'X-Audience': 'a' }));
    const forAll = await tokenOf(await login('mesh:pwd'));
    expect((await answer(auth(forA, { 'X-Audience': 'a' }))).body).toEqual({
      permission: '',
      success: true,
      user: 'mesh',
      audience: 'a',
    });
    expect((await auth(forA)).status).toBe(200);
    expect((await auth(forA, { 'X-Audience': 'b' })).status).toBe(401);
    expect((await auth(forAll, { 'X-Audience': 'a' })).status).toBe(401);
    expect((await auth(forAll, { 'X-Audience': 'c' })).status).toBe(400);
    const elsewhere = await issuer.sign({ sub: 'mesh', iss: 'appmesh-auth0', aud: 'c' }, { alg: 'ES256' });
    expect((await auth(elsewhere)).status).toBe(401);
  });

  test.each([
    ['another issuer', { iss: 'http://127.0.0.1:6060' }, 'ES256', '"iss" is another'],
    ['another algorithm', {}, 'RS256', 'the algorithm is not allowed'],
    ['no such user', { sub: 'nobody' }, 'ES256', 'there is no such user'],
    ['no end', { exp: null }, 'ES256', '"exp" is missing'],
  ] as const)('with %s is refused', async (_, claims, alg, reason) => {
    const { auth } = await started();
    const token = await issuer.sign({ sub: 'mesh', iss: 'appmesh-auth0', aud: null, ...claims }, { alg });
    expect(await answer(auth(token))).toEqual(refusal(401, `Authentication failed: ${reason}`));
  });

  test('of a user who is locked since is refused', async () => {
    const { auth } = await started();
    const token = await issuer.sign({ sub: 'gone', iss: 'appmesh-auth0', aud: null }, { alg: 'ES256' });
    expect(await answer(auth(token))).toEqual(refusal(401, 'the user is locked'));
  });

  test('a value that is not a token is refused and not repeated', async () => {
    const { auth, post } = await started();
    for (const token of ['canary', 'a.b.c', `${'x'.repeat(70_000)}`]) {
      const { status, body } = await answer(auth(token));
      expect(status).toBe(401);
      expect(JSON.stringify(body)).not.toContain('canary');
    }
    expect(await answer(post('auth'))).toEqual(refusal(401, 'No authentication token provided'));
    expect((await post('auth', { Authorization: 'Basic bWVzaDpwd2Q=' })).status).toBe(401);
  });
});

describe.each(['login', 'totp/validate', 'auth'])('/appmesh/%s', (route) => {
  test('takes POST alone', async () => {
    const { app } = await started();
    const get = await app.request(`https://localhost/appmesh/${route}`, { headers: { Host: 'localhost' } });
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await get.json()).toEqual({ message: 'this takes POST' });
  });

  test('takes 64 KiB at most', async () => {
    const { post } = await started();
    expect(await answer(post(route, {}, 'x'.repeat(65_537)))).toEqual(refusal(413, 'the body is over 64 KiB'));
  });

  test.each([
    ['another Host', { Host: 'evil.example' }, 'this server does not use that Host'],
    ['another Origin', { Origin: 'https://evil.example' }, 'requests from other sites are refused'],
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }, 'requests from other sites are refused'],
  ])('refuses %s, in its own words', async (_, headers, message) => {
    const { post } = await started();
    expect(await answer(post(route, headers))).toEqual(refusal(403, message));
  });
});
