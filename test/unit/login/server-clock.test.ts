import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { consulLogin } from '../../../harness/login/consul-login.js';
import { vaultLogin } from '../../../harness/login/vault-login.js';
import { type HttpClient, httpClient } from '../../../internal/http-client.js';

const EXP = 1_700_000_000;
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = `${part({ alg: 'ES256' })}.${part({ exp: EXP })}.c2ln`;
/** An hour after this host's 2023, long before now. */
const SERVER_NOW = EXP + 3_600;

/** What a server answers whose clock is elsewhere: to a login a refusal, to anything else what it is asked for. */
async function clientOf(refusal: string, answers: Readonly<Record<string, object>>): Promise<HttpClient> {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    const isLogin = request.method !== 'GET';
    response.setHeader('date', new Date(SERVER_NOW * 1000).toUTCString());
    response.writeHead(isLogin ? Number(refusal.slice(0, 3)) : answer ? 200 : 404);
    response.end(isLogin ? refusal.slice(4) : JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = httpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    client.close();
    server.close();
  });
  return client;
}

const expired = { code: 'token_expired', claim: 'exp', found: EXP, expected: { after: SERVER_NOW - 60 } };

test("Vault's clock, not this host's, says what a time had to be", async () => {
  const words = 'error validating token: invalid expiration time (exp) claim: token is expired';
  const http = await clientOf(`400 ${JSON.stringify({ errors: [words] })}`, {
    '/v1/auth/jwt/config': { data: {} },
    '/v1/auth/jwt/role/r': { data: { role_type: 'jwt' } },
  });
  await expect(vaultLogin(http, { jwt, role: 'r' }, { token: 't' })).rejects.toMatchObject(expired);
});

test("Consul's clock, not this host's, says what a time had to be", async () => {
  const words = 'error validating claims: go-jose/go-jose/jwt: validation failed, token is expired (exp)';
  const http = await clientOf(`500 ${words}`, { '/v1/acl/auth-method/m': { Type: 'jwt', Config: {} } });
  await expect(consulLogin(http, { jwt, method: 'm' }, { token: 't' })).rejects.toMatchObject(expired);
});
