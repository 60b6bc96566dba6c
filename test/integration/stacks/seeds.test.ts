import type { StartedIssuer } from 'vaultproof';
import { generateSigningKey } from 'vaultproof/issuer';
import { authTokenDialect, getTokenDialect } from 'vaultproof/issuer/endpoints';
import { publicPem } from 'vaultproof/issuer/keys';
import { lint } from 'vaultproof/lint';
import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { synthesise } from '../../../harness/provision/synth.js';
import { keyPerUserProps } from '../../../stacks/examples/key-per-user.js';
import { plainTokenProps } from '../../../stacks/examples/plain-token.js';
import { post } from '../../support/post.js';

const kanSoki = await generateSigningKey('RS256');
const dialects = [getTokenDialect({ keyFor: (id) => (id === 'kan_soki' ? kanSoki : undefined) }), authTokenDialect()];
test.override({ services: { vault: true, issuer: { dialects } } });

async function tokenOf(issuer: StartedIssuer, path: string, request: object): Promise<string> {
  return (await post(`${issuer.url}${path}`, JSON.stringify(request), { 'content-type': 'application/json' })).text();
}

async function findings(props: VaultJwtStackProps): Promise<unknown> {
  const [stack] = await synthesise((app) => new VaultJwtStack(app, 'seed', props));
  return lint(stack?.json);
}

test("seed 000: a user's token gets a batch token for an hour, and reads", async ({ env }) => {
  const props = keyPerUserProps([publicPem(kanSoki)]);
  await env.apply((app) => new VaultJwtStack(app, 'seed', props));
  await env.vault.seed('secrets/app', { username: 'X' });
  const { token: jwt } = JSON.parse(await tokenOf(env.issuer, '/get_token', { id: 'kan_soki', aud: 'damage_inc' })) as {
    token: string;
  };
  const answer = await fetch(`${env.vault.address}/v1/auth/jwt/login`, {
    method: 'POST',
    body: JSON.stringify({ role: 'jwt_role', jwt }),
  });
  expect(await answer.json()).toMatchObject({
    auth: {
      accessor: '',
      policies: ['default', 'secrets-readonly'],
      metadata: { role: 'jwt_role' },
      lease_duration: 3600,
      renewable: false,
      token_type: 'batch',
      orphan: true,
    },
  });
  const session = await env.vault.login({ jwt });
  expect(await session.read('secrets/app')).toEqual({ username: 'X' });
  await expect(session.write('secrets/app', {})).rejects.toMatchObject({ code: 'permission_denied' });
  const elsewhere = JSON.parse(await tokenOf(env.issuer, '/get_token', { id: 'kan_soki', aud: 'other' })) as {
    token: string;
  };
  await expect(env.vault.login({ jwt: elsewhere.token })).rejects.toMatchObject({ code: 'audience_mismatch' });
});

test('seed 001: vishpat puts and gets below his path, and nobody else gets in', async ({ env }) => {
  await env.apply((app) => new VaultJwtStack(app, 'seed', plainTokenProps(env.issuer.jwksUrlFor(env.vault))));
  const session = await env.vault.login({ jwt: await tokenOf(env.issuer, '/auth/token', { name: 'vishpat' }) });
  expect(session).toMatchObject({ role: 'jwt_vishpat', policies: ['default', 'vishpat_keys_policy'] });
  await session.write('kv/vishpat/test', { username: 'X', password: 'Y' });
  expect(await session.read('kv/vishpat/test')).toEqual({ username: 'X', password: 'Y' });
  await expect(session.read('kv/mallory/test')).rejects.toMatchObject({ code: 'permission_denied' });
  const mallory = await tokenOf(env.issuer, '/auth/token', { name: 'mallory' });
  await expect(env.vault.login({ jwt: mallory })).rejects.toMatchObject({ code: 'subject_mismatch' });
});

test('what lints find in them is meant, and says why', async () => {
  expect(await findings(keyPerUserProps([publicPem(kanSoki)]))).toEqual([]);
  expect(await findings(plainTokenProps('http://localhost:8080/auth/jwks'))).toEqual([]);
});
