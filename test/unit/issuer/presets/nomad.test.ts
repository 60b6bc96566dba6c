import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createIssuer, type Issuer, type TokenBuilder } from 'vaultproof/issuer';
import { nomadService, nomadTask, nomadTaskToken } from 'vaultproof/issuer/presets';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

let issuer: Issuer;

beforeAll(async () => {
  // A clock that stands still.
  vi.useFakeTimers({ toFake: ['Date'], now: 1_743_692_979_000 });
  issuer = await createIssuer('http://127.0.0.1:1', { algorithms: ['ES256', 'RS256'] });
});
afterAll(() => {
  vi.useRealTimers();
});

const claimsOf = async (token: TokenBuilder): Promise<unknown> => decodeJwt(await issuer.sign(token));

test('the token of a task has Nomad’s claims, and no iss', async () => {
  const token = nomadTask({ job: 'api', group: 'web', task: 'server' });
  expect(await claimsOf(token)).toEqual({
    aud: 'consul.io',
    exp: 1_743_696_579,
    iat: 1_743_692_979,
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    nbf: 1_743_692_979,
    nomad_allocation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    nomad_job_id: 'api',
    nomad_namespace: 'default',
    nomad_task: 'server',
    sub: 'global:default:api:web:server:consul_default',
  });
  const header = decodeProtectedHeader(await issuer.sign(token));
  expect(header).toEqual({ alg: 'RS256', kid: issuer.keys.active('RS256').kid, typ: 'JWT' });
});

test('the token of a service names it and no task, in its subject with its port', async () => {
  const service = { job: 'api', group: 'web', namespace: 'prod', region: 'eu', service: 'cache', port: 'db' };
  const claims = await claimsOf(nomadService(service));
  expect(claims).toMatchObject({ nomad_service: 'cache', nomad_namespace: 'prod' });
  expect(claims).toMatchObject({ sub: 'eu:prod:api:web:cache:consul-service_cache-db' });
  expect(claims).not.toHaveProperty('nomad_task');
  expect(await claimsOf(nomadService({ ...service, serviceOfTask: 'redis' }))).toMatchObject({
    sub: 'eu:prod:api:web:cache:consul-service_redis-cache-db',
  });
});

test('an issuer, several audiences, another life and other claims are as they are told', async () => {
  const told = { issuer: 'https://nomad.example', audience: ['a', 'b'], ttlSeconds: 60, claims: { nomad_task: null } };
  const claims = await claimsOf(nomadTask({ job: 'api', task: 'server', identity: 'consul_eu', ...told }));
  expect(claims).toMatchObject({
    iss: 'https://nomad.example',
    aud: ['a', 'b'],
    exp: 1_743_693_039,
    sub: 'global:default:api:api:server:consul_eu',
  });
  expect(claims).not.toHaveProperty('nomad_task');
  expect(await claimsOf(nomadTask({ job: 'api', task: 'server', audience: ['a'] }))).toMatchObject({ aud: 'a' });
});

test('a task finds its token in a variable and a file that are named after the identity', async () => {
  const { variables, path } = await nomadTaskToken(issuer, { job: 'api', task: 'server' });
  expect(path).toBe('secrets/nomad_consul_default.jwt');
  expect(Object.keys(variables)).toEqual(['NOMAD_TOKEN_consul_default']);
  expect(decodeJwt(variables['NOMAD_TOKEN_consul_default'] ?? '')).toMatchObject({ nomad_task: 'server' });
});
