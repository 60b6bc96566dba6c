import { startIssuer } from 'vaultproof/issuer';
import { tokenDialect } from 'vaultproof/issuer/endpoints';
import { expect, test } from 'vaultproof/vitest';
import { post } from '../../support/post.js';

test.override({ fileServices: { vault: true, issuer: { dialects: [tokenDialect()] } } });

/** A login at Vault with the status of the answer. */
async function login(address: string, mount: string, jwt: string): Promise<number> {
  const answer = await fetch(`${address}/v1/auth/${mount}/login`, {
    method: 'POST',
    body: JSON.stringify({ role: 'ci', jwt }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

test('Vault takes a token of /token by the key set of its own issuer, and of no other on the same server', async ({
  fileEnv: services,
}) => {
  const { issuer, vault } = services;
  const tenants = [
    { mount: 'server', tenant: issuer },
    { mount: 'tenant-a', tenant: await issuer.addIssuer('/tenant-a') },
    { mount: 'tenant-b', tenant: await issuer.addIssuer('/tenant-b') },
  ];
  const tokens = new Map<string, string>();
  for (const { mount, tenant } of tenants) {
    await vault.request('POST', `sys/auth/${mount}`, { type: 'jwt' });
    await vault.request('POST', `auth/${mount}/config`, { jwks_url: issuer.jwksUrlFor(vault, tenant) });
    const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['damage_inc'] };
    await vault.request('POST', `auth/${mount}/role/ci`, role);
    const answer = await post(`${tenant.url}/token`, 'grant_type=client_credentials&client_id=ci&audience=damage_inc');
    tokens.set(mount, ((await answer.json()) as { access_token: string }).access_token);
  }
  const statuses: Record<string, number> = {};
  for (const { mount } of tenants) {
    for (const [from, jwt] of tokens) statuses[`${from} at ${mount}`] = await login(vault.address, mount, jwt);
  }
  expect(statuses).toEqual({
    'server at server': 200,
    'tenant-a at server': 400,
    'tenant-b at server': 400,
    'server at tenant-a': 400,
    'tenant-a at tenant-a': 200,
    'tenant-b at tenant-a': 400,
    'server at tenant-b': 400,
    'tenant-a at tenant-b': 400,
    'tenant-b at tenant-b': 200,
  });
});

test('Vault finds an issuer with a path by OpenID discovery, and holds its tokens against its name', async ({
  fileEnv: services,
  skip,
}) => {
  await using issuer = await startIssuer({ dialects: [tokenDialect()] });
  const tenant = await issuer.addIssuer('/tenant-a', { algorithms: ['RS256'] });
  const { vault } = services;
  if (vault.hostAddress !== undefined) skip('this Vault reaches the issuer by another URL than its name');
  await vault.request('POST', 'sys/auth/discovered', { type: 'jwt' });
  await vault.request('POST', 'auth/discovered/config', { oidc_discovery_url: tenant.url, bound_issuer: tenant.url });
  const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['damage_inc'] };
  await vault.request('POST', 'auth/discovered/role/ci', role);
  const own = await tenant.sign({ sub: 'ci', aud: 'damage_inc' });
  const other = await issuer.sign({ sub: 'ci', aud: 'damage_inc' });
  expect(await login(vault.address, 'discovered', own)).toBe(200);
  expect(await login(vault.address, 'discovered', other)).toBe(400);
});
