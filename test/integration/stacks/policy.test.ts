import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import type { Environment } from '../../../harness/index.js';

const login = { roleName: 'reader', boundSubject: 'vishpat', boundAudiences: ['a'], tokenPolicies: ['own'] };

async function logIn(env: Environment, sub: string, props: Partial<VaultJwtStackProps>): Promise<string> {
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  const declared = { kv: {}, jwksUrl, boundIssuer: env.issuer.url, roles: [login], ...props } as VaultJwtStackProps;
  await env.apply((app) => new VaultJwtStack(app, 'demo', declared));
  const { token } = await env.vault.login({ jwt: await env.issuer.sign({ sub, aud: 'a' }) });
  return token;
}

/** What Vault answers to a request with a token. */
async function status(env: Environment, token: string, method: string, path: string, body?: object): Promise<number> {
  const headers = { 'X-Vault-Token': token, 'Content-Type': 'application/merge-patch+json' };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  return (await fetch(`${env.vault.address}/v1/${path}`, init)).status;
}

const version2 = [
  ['read', 'GET', 'kv/data/x/s'],
  ['list', 'LIST', 'kv/metadata/x/'],
  ['write', 'POST', 'kv/data/x/s', { data: { a: 'b' } }],
  ['write', 'POST', 'kv/data/x/new', { data: { a: 'b' } }],
  ['write', 'PATCH', 'kv/data/x/s', { data: { a: 'c' } }],
  ['delete', 'POST', 'kv/delete/x/s', { versions: [1] }],
  ['undelete', 'POST', 'kv/undelete/x/s', { versions: [1] }],
  ['delete', 'DELETE', 'kv/data/x/s'],
  ['destroy', 'POST', 'kv/destroy/x/s', { versions: [1] }],
  ['purge', 'DELETE', 'kv/metadata/x/s'],
] as const;
const version1 = [
  ['read', 'GET', 'kv/x/s'],
  ['list', 'LIST', 'kv/x/'],
  ['write', 'POST', 'kv/x/s', { a: 'b' }],
  ['write', 'POST', 'kv/x/new', { a: 'b' }],
  ['delete', 'DELETE', 'kv/x/s'],
] as const;

describe.each([
  [2, version2],
  [1, version1],
] as const)('in KV version %d', (version, requests) => {
  const kinds = [...new Set(requests.map(([kind]) => kind))];
  test.for(kinds)('the access "%s" allows what it says, below its path, and nothing else', async (access, { env }) => {
    const rules = [{ secrets: 'x/*', access: [access] }];
    const token = await logIn(env, 'vishpat', { kv: { version }, policies: [{ name: 'own', rules }] });
    await env.vault.seed('kv/x/s', { a: 'b' });
    await env.vault.seed('kv/other', { a: 'b' });
    const answers = [];
    for (const [kind, method, path, body] of requests) {
      answers.push([kind, method, path, (await status(env, token, method, path, body)) < 300]);
    }
    expect(answers).toEqual(requests.map(([kind, method, path]) => [kind, method, path, kind === access]));
    expect(await status(env, token, 'GET', version === 2 ? 'kv/data/other' : 'kv/other')).toBe(403);
  });
});

test('a rule may speak of whoever logs in: everybody has a place of their own', async ({ env }) => {
  const token = await logIn(env, 'vishpat', {
    policies: [{ name: 'own', rules: ({ name }) => [{ secrets: `${name}/*`, access: ['read'] }] }],
  });
  await env.vault.seed('kv/vishpat/s', { a: 'b' });
  await env.vault.seed('kv/kan_soki/s', { a: 'b' });
  expect(await status(env, token, 'GET', 'kv/data/vishpat/s')).toBe(200);
  expect(await status(env, token, 'GET', 'kv/data/kan_soki/s')).toBe(403);
});

test('what is named by the identity’s id is out of reach of any other name', async ({ env }) => {
  const own = await logIn(env, 'vishpat', {
    roles: [login, { ...login, roleName: 'plus', boundSubject: '+' }],
    policies: [{ name: 'own', rules: ({ id }) => [{ secrets: `${id}/*`, access: ['read'] }] }],
  });
  const { token: wild } = await env.vault.login({ jwt: await env.issuer.sign({ sub: '+', aud: 'a' }), role: 'plus' });
  const { data } = await env.vault.request('POST', 'auth/token/lookup', { token: own });
  const place = String((data as { entity_id: string }).entity_id);
  await env.vault.seed(`kv/${place}/s`, { a: 'b' });
  expect(await status(env, own, 'GET', `kv/data/${place}/s`)).toBe(200);
  expect(await status(env, wild, 'GET', `kv/data/${place}/s`)).toBe(403);
});

test('a rule may speak of a claim that the role keeps', async ({ env }) => {
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  await env.apply(
    (app) =>
      new VaultJwtStack(app, 'demo', {
        kv: {},
        jwksUrl,
        boundIssuer: env.issuer.url,
        roles: [{ ...login, claimMappings: { team: 'team' } }],
        policies: [{ name: 'own', rules: ({ metadata }) => [{ secrets: `${metadata('team')}/*`, access: ['read'] }] }],
      }),
  );
  const { token } = await env.vault.login({ jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'a', team: 'red' }) });
  await env.vault.seed('kv/red/s', { a: 'b' });
  await env.vault.seed('kv/blue/s', { a: 'b' });
  expect(await status(env, token, 'GET', 'kv/data/red/s')).toBe(200);
  expect(await status(env, token, 'GET', 'kv/data/blue/s')).toBe(403);
});

test('parameters can be required, allowed and denied', async ({ env }) => {
  const token = await logIn(env, 'vishpat', {
    kv: { version: 1 },
    policies: [
      {
        name: 'own',
        rules: [
          {
            path: 'kv/x',
            capabilities: ['create', 'update'],
            requiredParameters: ['a'],
            allowedParameters: { a: ['1', '2'], b: [] },
          },
          { path: 'kv/y', capabilities: ['create', 'update'], deniedParameters: { c: [] } },
        ],
      },
    ],
  });
  const written = async (path: string, body: object): Promise<boolean> =>
    (await status(env, token, 'POST', path, body)) === 204;
  expect(await written('kv/x', { a: '1', b: 'any' })).toBe(true);
  expect(await written('kv/x', { b: 'any' })).toBe(false);
  expect(await written('kv/x', { a: '3' })).toBe(false);
  expect(await written('kv/x', { a: '1', c: '1' })).toBe(false);
  expect(await written('kv/y', { a: '1' })).toBe(true);
  expect(await written('kv/y', { c: '1' })).toBe(false);
});
