import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe, vi } from 'vitest';
import { consulParameters } from '../../support/consul-parameters.js';

test.override({ fileServices: { vault: false, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const { keys, method, sign } = consulParameters(() => env);

const gone = { code: 'permission_denied', details: { status: 403, errors: [expect.stringMatching(/ACL not found$/)] } };

/** Has Consul refuse an auth method, with its words. */
const refusedWith = (words: string) => ({
  code: 'request_refused',
  details: { status: 500, errors: [expect.stringContaining(words)] },
});

async function login(fields: object) {
  return env.consul.login({ jwt: await sign(), method: await method(keys('a key set'), fields) });
}

type Session = Awaited<ReturnType<typeof login>>;
const self = (session: Session): Promise<unknown> => session.request('GET', 'acl/token/self');

/** How long a token lives, in seconds; undefined for ever. */
async function lifetime(session: Session): Promise<number | undefined> {
  const { CreateTime } = (await self(session)) as { CreateTime: string };
  return session.expirationTime && (session.expirationTime.getTime() - Date.parse(CreateTime)) / 1000;
}

describe('MaxTokenTTL', () => {
  let minute: Session;
  // The shortest that Consul takes, and no agent has a setting for less: it runs while the other tests do.
  beforeAll(async () => {
    minute = await login({ MaxTokenTTL: '1m' });
  });

  test.each([
    ['1m', 60],
    ['1h', 3600],
    ['90m30s', 5430],
    ['24h', 86_400],
    ['48h', 172_800],
  ])('a token expires after a MaxTokenTTL of %s, %i s', async (MaxTokenTTL, seconds) => {
    await using session = await login({ MaxTokenTTL });
    expect(await lifetime(session)).toBe(seconds);
  });

  test.each([{ MaxTokenTTL: '0s' }, { MaxTokenTTL: undefined }])('%j: the token never expires', async (ttl) => {
    await using session = await login(ttl);
    expect(await lifetime(session)).toBeUndefined();
  });

  test('a MaxTokenTTL of less than a minute is refused when it is written', async () => {
    await expect(login({ MaxTokenTTL: '59s' })).rejects.toMatchObject(
      refusedWith('MaxTokenTTL 59s cannot be less than 1m0s'),
    );
  });

  test('the life of the JWT does not matter: the token outlives it', async () => {
    const name = await method(keys('a key set'), { MaxTokenTTL: '1h' });
    const now = Math.floor(Date.now() / 1000);
    await using session = await env.consul.login({ jwt: await sign({ iat: now - 10, exp: now + 5 }), method: name });
    expect(await lifetime(session)).toBe(3600);
  });

  test('changed on the method, it counts for the tokens that are made from then on', async () => {
    const name = await method(keys('a key set'), { MaxTokenTTL: '1h' });
    await using before = await env.consul.login({ jwt: await sign(), method: name });
    const config = { Name: name, Type: 'jwt', MaxTokenTTL: '2h', Config: keys('a key set') };
    await env.consul.request('PUT', 'acl/auth-method', config);
    await using after = await env.consul.login({ jwt: await sign(), method: name });
    expect([await lifetime(before), await lifetime(after)]).toEqual([3600, 7200]);
  });

  test('once it is over, the token is no more, and logging out of it is no error', async () => {
    const end = Number(minute.expirationTime);
    await self(minute);
    const asked = await vi.waitUntil(
      async () => {
        const now = Date.now();
        return self(minute).then(
          () => undefined,
          (error: unknown) => ({ now, error }),
        );
      },
      { timeout: 90_000, interval: 250 },
    );
    expect(asked.error).toMatchObject({
      code: 'permission_denied',
      details: {
        status: 403,
        errors: [expect.stringMatching(/^token (?:has expired|does not exist): ACL not found$/)],
      },
    });
    expect(asked.now - end).toBeGreaterThan(-1000);
    expect(asked.now - end).toBeLessThan(15_000);
    await minute.logout();
    await expect(self(minute)).rejects.toMatchObject(gone);
  }, 120_000);
});

describe('TokenNameFormat', () => {
  const named = async (fields: object) => {
    await using session = await login(fields);
    return (await self(session)) as { Name: string; AuthMethod: string };
  };

  test('a token is named after the type and the method, with a number, by default', async () => {
    const { Name, AuthMethod } = await named({});
    expect(Name).toMatch(new RegExp(`^jwt-${AuthMethod}-\\d+$`));
  });

  test('a token is named by the format, with a number', async () => {
    const { Name, AuthMethod } = await named({ TokenNameFormat: `ci of \${auth_method_name} (\${auth_method_type})` });
    expect(Name).toMatch(new RegExp(`^ci of ${AuthMethod} \\(jwt\\)-\\d+$`));
  });

  test.each([`\${value.sub}`, `\${nothing}`, `\${auth_method_name`])(
    'a format with %s is refused when it is written: only the method can be named',
    async (TokenNameFormat) => {
      await expect(login({ TokenNameFormat })).rejects.toMatchObject(
        refusedWith('Failed to validate token-format-name'),
      );
    },
  );
});

describe('TokenLocality', () => {
  test.each([
    [undefined, true],
    ['', true],
    ['local', true],
    ['global', false],
  ])('%j: whether the token is of this datacenter alone: %s', async (TokenLocality, Local) => {
    await using session = await login(TokenLocality === undefined ? {} : { TokenLocality });
    expect(await self(session)).toMatchObject({ Local });
  });

  test('another word is refused when it is written', async () => {
    await expect(login({ TokenLocality: 'regional' })).rejects.toMatchObject(
      refusedWith("TokenLocality should be one of 'local' or 'global'"),
    );
  });
});

test('DisplayName and Description are those of the method, and no token has them', async () => {
  const fields = { DisplayName: 'jobs of the CI', Description: 'tokens of GitHub Actions' };
  await using session = await login(fields);
  expect(await env.consul.request('GET', `acl/auth-method/${session.authMethod}`)).toMatchObject(fields);
  expect(await env.consul.request('GET', 'acl/auth-methods')).toContainEqual(
    expect.objectContaining({ Name: session.authMethod, ...fields }),
  );
  expect(await self(session)).toMatchObject({ Description: 'token created via login' });
  expect(JSON.stringify(await self(session))).not.toContain('jobs of the CI');
});

describe('a method that is', () => {
  test.each(['', 'a b', 'a/b', 'ä'])('called %j is refused when it is written', async (Name) => {
    await expect(login({ Name })).rejects.toMatchObject(refusedWith('Invalid Auth Method:'));
  });

  test('deleted takes its tokens with it, and lets nobody in', async () => {
    const session = await login({});
    await env.consul.request('DELETE', `acl/auth-method/${session.authMethod}`);
    await expect(self(session)).rejects.toMatchObject(gone);
    await expect(env.consul.login({ jwt: await sign(), method: session.authMethod })).rejects.toMatchObject({
      code: 'method_not_found',
    });
  });
});

describe('logout', () => {
  const logout = async (token: string) => {
    const headers = { 'X-Consul-Token': token };
    const answer = await fetch(`${env.consul.address}/v1/acl/logout`, { method: 'POST', headers });
    return { status: answer.status, body: await answer.text() };
  };

  test('ends the token at once, and once: the second is refused', async () => {
    const session = await login({});
    expect(await logout(session.token)).toEqual({ status: 200, body: 'true' });
    await expect(self(session)).rejects.toMatchObject(gone);
    expect(await logout(session.token)).toEqual({ status: 403, body: 'ACL not found' });
  });

  test('ends no other token of the same method', async () => {
    const name = await method(keys('a key set'));
    const jwt = await sign();
    const first = await env.consul.login({ jwt, method: name });
    await using second = await env.consul.login({ jwt, method: name });
    await first.logout();
    expect(await self(second)).toMatchObject({ AuthMethod: name });
  });

  test.each([
    ['of the management token', () => env.consul.token],
    [
      'of a token that was made by hand',
      async () => {
        const made = await env.consul.request('PUT', 'acl/token', { Description: 'by hand' });
        return (made as { SecretID: string }).SecretID;
      },
    ],
  ])('%s is refused, and it goes on', async (_title, token) => {
    const secret = await token();
    expect(await logout(secret)).toEqual({ status: 403, body: "Permission denied: token wasn't created via login" });
    const headers = { 'X-Consul-Token': secret };
    expect((await fetch(`${env.consul.address}/v1/acl/token/self`, { headers })).status).toBe(200);
  });

  test('without a token is refused', async () => {
    expect(await logout('')).toMatchObject({ status: 401 });
  });
});
