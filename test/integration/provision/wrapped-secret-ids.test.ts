import { directProvisioner, type Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';

/** An AppRole, and a secret ID of it, with what is known of the secret ID as outputs. */
function declared(secretId: Readonly<Record<string, unknown>>): unknown {
  const outputs = ['id', 'accessor', 'secret_id', 'wrapping_token', 'wrapping_accessor'];
  return {
    resource: {
      vault_auth_backend: { approle: { type: 'approle' } },
      vault_approle_auth_backend_role: {
        job: { backend: `\${vault_auth_backend.approle.path}`, role_name: 'job', token_policies: ['default'] },
      },
      vault_approle_auth_backend_role_secret_id: {
        job: { role_name: `\${vault_approle_auth_backend_role.job.role_name}`, ...secretId },
      },
    },
    output: Object.fromEntries(
      outputs.map((name) => [name, { value: `\${vault_approle_auth_backend_role_secret_id.job.${name}}` }]),
    ),
  };
}

/** What a wrapping token is good for, once. */
async function unwrapped(env: Environment, token: unknown): Promise<{ status: number; secretId: unknown }> {
  const headers = { 'x-vault-token': String(token) };
  const answer = await fetch(`${env.vault.address}/v1/sys/wrapping/unwrap`, { method: 'POST', headers });
  const { data } = (await answer.json()) as { data?: { secret_id?: unknown } };
  return { status: answer.status, secretId: data?.secret_id };
}

const lookUp = (env: Environment, accessor: unknown) =>
  env.vault.request('POST', 'auth/approle/role/job/secret-id-accessor/lookup', { secret_id_accessor: accessor });

test('a wrapped secret ID is had once, by its wrapping token, and logs in', async ({ env }) => {
  const { outputs } = await env.applyJson(declared({ wrapping_ttl: '5m' }));
  expect(outputs['secret_id']).toBeUndefined();
  expect(outputs['accessor']).toBeUndefined();
  const accessor = String(outputs['wrapping_accessor']);
  expect(outputs['id']).toBe(`backend=approle::role=job::accessor=wrapped-${accessor}`);
  expect(await env.vault.request('POST', 'auth/token/lookup-accessor', { accessor })).toMatchObject({
    data: { creation_ttl: 300, policies: ['response-wrapping'] },
  });

  const { secretId } = await unwrapped(env, outputs['wrapping_token']);
  const { data } = await env.vault.request('GET', 'auth/approle/role/job/role-id');
  const { role_id } = data as { role_id: string };
  const login = { role_id, secret_id: secretId };
  expect(await env.vault.request('POST', 'auth/approle/login', login)).toMatchObject({
    auth: { policies: ['default'] },
  });
  expect((await unwrapped(env, outputs['wrapping_token'])).status).toBe(400);

  expect((await env.applyJson(declared({ wrapping_ttl: '5m' }))).outputs).toEqual(outputs);
  expect(await env.applyJson({ terraform: {} })).toMatchObject({
    removed: expect.arrayContaining([expect.any(String)]),
  });
});

test('a wrapping token that nobody used is revoked with its secret ID', async ({ env }) => {
  const { outputs } = await env.applyJson(declared({ wrapping_ttl: 60 }));
  const { outputs: others } = await env.applyJson(
    declared({ wrapping_ttl: '2m', secret_id: 'chosen-by-the-deployer' }),
  );
  expect(others['wrapping_token']).not.toBe(outputs['wrapping_token']);
  expect((await unwrapped(env, outputs['wrapping_token'])).status).toBe(400);
  expect((await unwrapped(env, others['wrapping_token'])).secretId).toBe('chosen-by-the-deployer');
});

test('with_wrapped_accessor has the accessor of the secret ID in place of that of the token', async ({ env }) => {
  const { outputs } = await env.applyJson(declared({ wrapping_ttl: '60s', with_wrapped_accessor: true }));
  const { accessor, id, wrapping_accessor } = outputs;
  expect(wrapping_accessor).toBe(accessor);
  expect(id).toBe(`backend=approle::role=job::accessor=${String(accessor)}`);
  expect(await lookUp(env, accessor)).toMatchObject({ data: { secret_id_accessor: accessor } });

  await env.applyJson(declared({}));
  await expect(lookUp(env, accessor)).rejects.toMatchObject({ details: { status: expect.any(Number) } });
});

test('with_wrapped_accessor alone wraps nothing', async ({ env }) => {
  const { outputs } = await env.applyJson(declared({ with_wrapped_accessor: true }));
  expect(outputs).toMatchObject({ secret_id: expect.any(String), accessor: expect.any(String) });
  expect(outputs['wrapping_token']).toBeUndefined();
});

test('a request that leaves out what it is asked for makes no secret ID that is not wrapped', async ({ env }) => {
  const vault: Parameters<typeof directProvisioner>[0]['vault'] = (method, path, json) =>
    env.vault.request(method, path, json);
  const applied = directProvisioner({ vault }).apply('main', declared({ wrapping_ttl: '60s' }));
  await expect(applied).rejects.toMatchObject({
    code: 'apply_failed',
    message: expect.stringContaining('wrapTtl'),
  });
  const listed = env.vault.request('LIST', 'auth/approle/role/job/secret-id');
  await expect(listed).rejects.toMatchObject({ details: { status: 404 } });
});

test('an invalid wrapping TTL is refused with the message of the server', async ({ env }) => {
  await expect(env.applyJson(declared({ wrapping_ttl: 'soon' }))).rejects.toMatchObject({
    code: 'apply_failed',
    message: expect.stringMatching(/invalid duration .*soon/),
  });
});
