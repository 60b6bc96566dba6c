import { type AuditEntry, type Environment, startEnvironment } from 'vaultproof';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { engines, requiresEngine, runOn } from '../support/engines.js';
import { mountJwt } from '../support/jwt-mount.js';

describe.each(engines)('the audit log on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));

  test('tells logins apart by their correlation ids, and has no token in it', async () => {
    await using env = await startEnvironment({ vault: { ...runOn(engine, 'vault'), auditLog: true } });
    const role = await mountJwt(env, 'jwt').then((writeRole) => writeRole({}));
    const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
    const stranger = await env.issuer.sign({ sub: 'mallory', aud: 'elsewhere' });
    const session = await env.vault.login({ jwt, role, correlationId: 'let-in-1' });
    await expect(env.vault.login({ jwt: stranger, role, correlationId: 'refused-2' })).rejects.toMatchObject({
      code: 'audience_mismatch',
    });

    // Docker hands a log on a moment later.
    const last = { path: 'auth/jwt/login', headers: { 'x-correlation-id': ['refused-2'] } };
    await env.vault.auditLog.waitFor({ type: 'response', request: last });
    const entries = await env.vault.auditLog();
    const logins = entries.filter(({ request }) => request.path === 'auth/jwt/login');
    expect(logins).toMatchObject([
      { type: 'request', request: { headers: { 'x-correlation-id': ['let-in-1'] } } },
      {
        type: 'response',
        auth: { policies: ['default'], metadata: { role }, display_name: 'jwt-vishpat' },
        request: { headers: { 'x-correlation-id': ['let-in-1'] } },
      },
      { type: 'request', request: { headers: { 'x-correlation-id': ['refused-2'] } } },
      {
        type: 'response',
        response: { data: { error: expect.stringMatching(/^hmac-sha256:/) } },
        request: { headers: { 'x-correlation-id': ['refused-2'] } },
      },
    ]);
    const text = JSON.stringify(entries);
    for (const secret of [jwt, stranger, session.token, env.vault.token]) expect(text).not.toContain(secret);
    expect(text).not.toContain('eyJ');
  });

  test('is asked for when the vault is started, or is wrong use', async () => {
    await using env = await startEnvironment({ vault: runOn(engine, 'vault') });
    await expect(env.vault.auditLog()).rejects.toThrow(
      new TypeError('the audit log is off: start the Vault with { auditLog: true }'),
    );
  });
});

describe('an entry of the audit log', () => {
  let env: Environment;
  let role: string;
  beforeAll(async () => {
    env = await startEnvironment({ vault: { engine: 'process', auditLog: true } });
    role = await mountJwt(env, 'jwt').then((writeRole) => writeRole({}));
  });
  afterAll(() => env?.stop());

  const login = async (correlationId: string): Promise<unknown> => {
    const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
    return env.vault.login({ jwt, role, correlationId });
  };
  const loginOf = (id: string) => ({
    type: 'response' as const,
    request: { path: 'auth/jwt/login', headers: { 'x-correlation-id': [id] } },
  });

  test('is waited for, be it there already or written later', async () => {
    await login('before');
    expect(await env.vault.auditLog.waitFor(loginOf('before'))).toMatchObject({
      auth: { display_name: 'jwt-vishpat', policies: ['default'], metadata: { role } },
      request: { operation: 'update' },
    });
    const waited = env.vault.auditLog.waitFor(({ auth, request }) => {
      return auth?.display_name === 'jwt-vishpat' && request.headers?.['x-correlation-id']?.[0] === 'after';
    });
    await login('after');
    expect(await waited).toMatchObject(loginOf('after'));
  });

  test('is another one where those that were there do not count', async () => {
    await login('first');
    const after = await env.vault.auditLog();
    const { auditLog } = env.vault;
    const refused = auditLog.waitFor(loginOf('first'), { after, timeoutMs: 200 });
    await expect(refused).rejects.toMatchObject({ code: 'audit_entry_not_found', details: { nearest: [] } });
    const waited = auditLog.waitFor({ type: 'response', request: { path: 'auth/jwt/login' } }, { after });
    await login('second');
    expect(await waited).toMatchObject(loginOf('second'));
  });

  test('that does not come is told with those that came nearest, and without a token', async () => {
    await login('nearest');
    const error = await env.vault.auditLog.waitFor(loginOf('elsewhere'), { timeoutMs: 200 }).catch((reason) => reason);
    const nearest = 'response update "auth/jwt/login" (differs in request.headers.x-correlation-id)';
    expect(error).toMatchObject({ code: 'audit_entry_not_found', message: expect.stringContaining(nearest) });
    expect(error.details.nearest[0]).toBe(nearest);
    expect(error.message).not.toContain(env.vault.token);
    await expect(env.vault.auditLog.waitFor(() => false, { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'audit_entry_not_found',
      message: expect.stringContaining('the last were: response'),
    });
  });

  test('is not waited for once that is aborted', async () => {
    const aborting = new AbortController();
    const waited = env.vault.auditLog.waitFor(() => false, { signal: aborting.signal });
    aborting.abort(new Error('enough'));
    await expect(waited).rejects.toThrow('enough');
  });

  test('comes by iteration as it is written, until the server is stopped', async () => {
    await using own = await startEnvironment({ vault: { engine: 'process', auditLog: true } });
    const seen: AuditEntry[] = [];
    const reading = (async () => {
      for await (const entry of own.vault.auditLog) seen.push(entry);
    })();
    await own.vault.request('POST', 'sys/mounts/kv', { type: 'kv' });
    const mounted = { type: 'response' as const, request: { path: 'sys/mounts/kv' } };
    await own.vault.auditLog.waitFor(mounted);
    for await (const entry of own.vault.auditLog) if (entry.request.path === 'sys/mounts/kv') break;
    const waited = own.vault.auditLog.waitFor(() => false);
    await expect.poll(() => seen).toContainEqual(expect.objectContaining({ type: 'response' }));
    const stopped = expect(waited).rejects.toMatchObject({ code: 'server_stopped' });
    await own.stop();
    await reading;
    await stopped;
    expect(seen.length).toBeGreaterThan(2);
  });
});
