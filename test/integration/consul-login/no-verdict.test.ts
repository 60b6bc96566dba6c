import {
  directProvisioner,
  httpClient,
  LoginRefusedError,
  loginToConsul,
  type ServerRequest,
  startConsul,
} from 'vaultproof';
import { expect, test } from 'vitest';
import { consulCall } from '../../../internal/consul-api.js';
import { cli } from '../../support/cli.js';
import { startOddConsul } from '../../support/odd-consul.js';

const request = { jwt: 'x.y.z', method: 'jwt' };
const failure = (login: Promise<unknown>): Promise<unknown> =>
  login.then(
    () => 'let in',
    (error: unknown) => error,
  );

const policy = { resource: { consul_acl_policy: { reader: { name: 'reader', rules: '' } } } };

test.each([
  ['without ACLs', 'acl_disabled', 401, 1],
  ['without a leader', 'no_leader', 500, 3],
] as const)(
  'a consul %s is no refusal of the token, and takes no declaration',
  async (kind, code, status, exitCode) => {
    const consul = await startOddConsul(kind);
    try {
      const requestAs: ServerRequest = async (method, path, json) => {
        await consulCall(consul.client, 'any', method, path, { json });
        return {};
      };
      // Consul waits for a leader for 7 s before it says that there is none.
      const [login, apply, command] = await Promise.all([
        failure(loginToConsul(consul.client, request)),
        failure(directProvisioner({ consul: requestAs }).apply('demo', policy)),
        cli(['login', '--consul', '--method', 'jwt', '--jwt', 'x.y.z', '--json', '--address', consul.address]),
      ]);
      expect(login).not.toBeInstanceOf(LoginRefusedError);
      expect(login).toMatchObject({ code, details: { method: 'POST', path: 'acl/login', status } });
      expect(apply).toMatchObject({ code, details: { address: 'consul_acl_policy.reader' } });
      expect(JSON.parse(command.stdout)).toMatchObject({ error: { code } });
      expect(command.exitCode).toBe(exitCode);
    } finally {
      await consul.stop();
    }
  },
);

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
