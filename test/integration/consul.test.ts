import { httpClient, type StartedConsul, startConsul } from 'vaultproof';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { engines, requiresEngine, runOn } from '../support/engines.js';

describe.each(engines)('a Consul on the engine %s', (engine) => {
  let consul: StartedConsul | undefined;

  beforeEach(async (context) => {
    await requiresEngine(engine)(context);
    consul ??= await startConsul(runOn(engine, 'consul'));
  });
  afterAll(() => consul?.stop());

  async function get(path: string, token?: string): Promise<{ status: number; body: unknown }> {
    const client = httpClient(String(consul?.address));
    try {
      return await client.request('GET', path, token === undefined ? {} : { headers: { 'x-consul-token': token } });
    } finally {
      client.close();
    }
  }

  test('has a leader and says which version it is', async () => {
    expect(consul).toMatchObject({ engine, version: '1.22.7' });
    expect(await get('/v1/status/leader')).toMatchObject({
      status: 200,
      body: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  });

  test('denies whoever has no token', async () => {
    expect(await get('/v1/acl/tokens')).toMatchObject({ status: 403 });
    expect(await get('/v1/kv/secret')).toMatchObject({ status: 403 });
    expect(await get('/v1/agent/self')).toMatchObject({ status: 403 });
  });

  test('denies a token that it does not know', async () => {
    expect(await get('/v1/acl/token/self', '00000000-0000-0000-0000-000000000000')).toMatchObject({
      status: 403,
    });
  });

  test('lets its own token do everything', async () => {
    const token = String(consul?.token);
    expect(await get('/v1/acl/token/self', token)).toMatchObject({
      status: 200,
      body: { Policies: [{ Name: 'global-management' }] },
    });
    expect(await get('/v1/agent/self', token)).toMatchObject({
      status: 200,
      body: { Config: { Version: '1.22.7' } },
    });
  });

  test('does not show its token at the end of its log', async () => {
    expect(await consul?.logTail(1_000)).not.toContain(String(consul?.token));
  });
});
