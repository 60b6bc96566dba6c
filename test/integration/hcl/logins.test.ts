import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { afterEach } from 'vitest';
import { declaredOf, fixtureLogins, neededByLogins } from '../../support/hcl.js';

// Folders as they are deployed, with backends and provider blocks, each applied to real servers.

test.override({ fileServices: { consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

const folders = new Map(fixtureLogins());
let applied: string | undefined;

afterEach(async () => {
  // They use the same paths.
  if (applied !== undefined) await env.applyJson({ output: { none: { value: 0 } } }, resolve(applied));
  applied = undefined;
});

function apply(name: string) {
  const folder = folders.get(name) ?? '';
  const server = name.startsWith('consul-') ? env.consul : env.vault;
  const given = { jwks_url: env.issuer.jwksUrlFor(server), issuer: env.issuer.url };
  const names = declaredOf(folder, Object.keys(given)) as (keyof typeof given)[];
  applied = folder;
  return env.applyTerraform(folder, { variables: Object.fromEntries(names.map((one) => [one, given[one]])) });
}

test('there are forty folders: ten with modules, ten with for_each, each with a backend or a provider block', () => {
  const texts = [...folders.values()].map((folder) => allFiles(folder));
  expect(texts.length).toBeGreaterThanOrEqual(40);
  expect(texts.filter((text) => /^\s*module "/m.test(text)).length).toBeGreaterThanOrEqual(10);
  expect(texts.filter((text) => text.includes('for_each')).length).toBeGreaterThanOrEqual(10);
  expect(texts.filter((text) => !/^\s*(?:backend|provider|cloud)\b/m.test(text))).toEqual([]);
});

test.each([...folders.keys()])('the folder %s is applied as it stands, and again without a change', async (name) => {
  const needed = neededByLogins[name];
  if (needed !== undefined && !(await env.vault.supports(needed))) {
    await expect(apply(name)).rejects.toMatchObject({ code: 'unsupported_by_server' });
    return;
  }
  const first = await apply(name);
  expect(first.created).not.toEqual([]);
  expect(first.passedOver).toEqual([]);
  expect(await apply(name)).toEqual({ ...first, created: [] });
});

test('a login that a folder declares lets in the token that it is bound to, and no other', async () => {
  await apply('github-actions-teams');
  const claims = { sub: 'x', aud: 'vault', actor: 'ada', repository: 'acme/billing', ref: 'refs/heads/main' };
  const jwt = await env.issuer.sign(claims);
  const session = await env.vault.login({ jwt, role: 'billing-main' });
  expect(session.policies).toContain('team-billing');
  const other = await env.issuer.sign({ ...claims, repository: 'mallory/billing' });
  await expect(env.vault.login({ jwt: other, role: 'billing-main' })).rejects.toMatchObject({
    code: 'claim_mismatch',
    claim: 'repository',
  });
});

test('created resources have their Terraform addresses, and so have errors', async () => {
  expect((await apply('modules-roles')).created).toContain('module.role["api"].vault_policy.this["read"]');
  const folder = folders.get('modules-roles') ?? '';
  const broken = env.applyTerraform(folder, { variables: { jwks_url: 'http://127.0.0.1:9/none', issuer: 'x' } });
  await expect(broken).rejects.toMatchObject({
    code: 'apply_failed',
    message: expect.stringMatching(
      /"module\.login\.vault_jwt_auth_backend\.this" \(\S+\.tf:\d+:1\) could not be applied/,
    ),
    details: { constructPath: 'module.login.vault_jwt_auth_backend.this' },
  });
});

function allFiles(folder: string): string {
  return ['main.tf', 'backend.tf', 'providers.tf', 'login.tf.json', 'keys.tf']
    .map((file) => {
      try {
        return readFileSync(`${folder}/${file}`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}
