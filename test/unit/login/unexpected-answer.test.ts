import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { consulLogin } from '../../../harness/login/consul-login.js';
import { sessionOf } from '../../../harness/login/consul-session.js';
import { vaultLogin } from '../../../harness/login/vault-login.js';
import { type HttpClient, httpClient } from '../../../internal/http-client.js';

/** A client of a program that is neither Vault nor Consul, and accepts whatever it is sent. */
async function clientOfAnotherProgram(): Promise<HttpClient> {
  const server = createServer((_request, response) => response.end('{"ok":true}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = httpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    client.close();
    server.close();
  });
  return client;
}

test.each([
  ['a login to Vault', (http: HttpClient) => vaultLogin(http, { jwt: 'a.b.c', role: 'r' })],
  ['a login to Consul', (http: HttpClient) => consulLogin(http, { jwt: 'a.b.c', method: 'm' })],
  ['a session with a Consul token', (http: HttpClient) => sessionOf(http, 'token')],
])('%s that is answered without a token is an unexpected answer, not a refusal', async (_what, call) => {
  await expect(call(await clientOfAnotherProgram())).rejects.toMatchObject({ code: 'unexpected_answer' });
});
