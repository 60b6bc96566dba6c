import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cli } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';
import { folderWith, temporaryFolder } from '../../support/temporary-folder.js';
import { git, roleInHcl } from './diff-repository.js';

const teams = fileURLToPath(new URL('../../fixtures/hcl/logins/github-actions-teams', import.meta.url));
const path = 'secret/data/payments/db';
const claims = { aud: 'vault', actor: 'me', repository: 'acme/payments', ref: 'refs/heads/main' };

test('who prints the roles that have a capability at a path, with conditions', async () => {
  const { stdout, stderr, exitCode } = await cli(['who', teams, '--path', path]);
  expect({ exitCode, lines: stdout.split('\n') }).toEqual({
    exitCode: 0,
    lines: [
      'jwt/payments-main, by team-payments, shared',
      '  aud has "vault"',
      '  ref is "refs/heads/main"',
      '  repository is "acme/payments"',
      '  actor is a string',
      'jwt/payments-release, by team-payments, shared',
      '  aud has "vault"',
      '  ref is "refs/heads/release"',
      '  repository is "acme/payments"',
      '  actor is a string',
    ],
  });
  expect(stderr).toContain('1 undecided, and left out:');
});

test('who --json has an example for each, and what is undecided', async () => {
  const { stdout } = await cliInProcess(['who', teams, '--path', `/v1/${path}`, '--capability', 'update', '--json']);
  const { who, undecided } = JSON.parse(stdout) as { who: { role: string; example: unknown }[]; undecided: string[] };
  expect(who.map(({ role }) => role)).toEqual(['payments-main', 'payments-release']);
  expect(who[0]?.example).toEqual({ aud: 'vault', actor: 'x', repository: 'acme/payments', ref: 'refs/heads/main' });
  expect(undecided).toHaveLength(1);
});

test('can says what a token may do, and why other roles refuse it', async () => {
  const { stdout } = await cliInProcess(['can', teams, '--claims', JSON.stringify(claims)]);
  expect(stdout.split('\n')).toEqual([
    'jwt/payments-main lets it in, with team-payments, shared',
    '  secret/data/payments/*: create, read, update',
    '  secret/data/shared/*: read',
    'jwt/billing-main refuses it: claim_mismatch (repository)',
    'jwt/payments-release refuses it: claim_mismatch (ref)',
  ]);
});

test('can reads claims from standard input, and one role alone', async () => {
  const args = ['can', teams, '--claims', '@-', '--role', 'payments-main', '--json'];
  const { stdout } = await cli(args, { input: JSON.stringify(claims) });
  expect(JSON.parse(stdout)).toMatchObject({
    logins: [{ mount: 'jwt', role: 'payments-main', paths: { 'secret/data/shared/*': ['read'] } }],
    refused: [],
  });
});

test('who and can say from which addresses a role lets in', async () => {
  const folder = await temporaryFolder();
  const bound = roleInHcl('main').replace(
    'token_policies',
    'token_bound_cidrs = ["10.0.0.0/8", "::1"]\n  token_policies',
  );
  await writeFile(join(folder, 'main.tf'), bound);
  const asked = ['who', folder, '--path', 'kv/data/app/db'];
  expect((await cliInProcess(asked)).stdout.split('\n').at(-1)).toBe('  from 10.0.0.0/8, ::1');
  const { who } = JSON.parse((await cliInProcess([...asked, '--json'])).stdout) as { who: { from: unknown }[] };
  expect(who.map(({ from }) => from)).toEqual([['10.0.0.0/8', '::1']]);
  const { stdout } = await cliInProcess(['can', folder, '--claims', '{"aud":"vault","sub":"me","ref":"main"}']);
  expect(stdout.split('\n')[0]).toBe('jwt/ci lets it in from 10.0.0.0/8, ::1, with app');
});

test.each([
  [['who', teams, '--path', path, '--capability', 'wrote'], 2, 'unknown capability "wrote"'],
  [['who', teams, '--path', path, '--product', 'boa'], 2, 'unknown product "boa"'],
  [['who', teams, '--path', ''], 2, '--path is empty'],
  [['who', 'no/folder', '--path', path], 2, 'there is no "no/folder"'],
  [['can', teams, '--claims', '["a"]'], 2, '--claims must be a JSON object'],
])('%j is refused', async (args, code, says) => {
  const { stdout, stderr, exitCode } = await cliInProcess(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' });
  expect(stderr).toContain(says);
});

/** A role of GitLab's and a policy for KV version 2. */
const GITLAB = `
resource "vault_policy" "app" {
  name   = "app"
  policy = "path \\"kv/data/app/*\\" { capabilities = [\\"read\\"] }"
}
resource "vault_jwt_auth_backend_role" "shop" {
  backend         = "gitlab"
  role_name       = "shop"
  role_type       = "jwt"
  user_claim      = "project_id"
  bound_audiences = ["vault"]
  bound_claims    = { project_id = "4711" }
  token_policies  = ["app"]
}
`;

/** All secrets but one, whose path has a second "data/". */
const DENIED = GITLAB.replace('kv/data/app/*', 'kv/data/*').replace(
  '[\\"read\\"] }',
  '[\\"read\\"] }\\npath \\"kv/data/app/data/key\\" { capabilities = [\\"deny\\"] }',
);

async function gitlab(): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'main.tf'), GITLAB);
  return folder;
}

test('who says once what a claim must be', async () => {
  const { stdout } = await cliInProcess(['who', await gitlab(), '--path', 'kv/data/app/db']);
  expect(stdout.split('\n')).toEqual(['gitlab/shop, by app', '  aud has "vault"', '  project_id is "4711"']);
});

test('who says why there may be no login', async () => {
  const folder = await gitlab();
  const withoutData = await cliInProcess(['who', folder, '--path', 'kv/app/db']);
  expect(withoutData.stderr.split('\n')).toEqual([
    '0 logins with "read" at "kv/app/db"',
    'KV version 2 has "data/" in its paths: --path kv/data/app/db',
  ]);
  await writeFile(join(folder, 'main.tf'), DENIED);
  const denied = await cliInProcess(['who', folder, '--path', 'kv/data/app/data/key']);
  expect(denied.stderr).toBe('0 logins with "read" at "kv/data/app/data/key"');
  await writeFile(join(folder, 'main.tf'), GITLAB);
  const pattern = await cliInProcess(['who', folder, '--path', 'kv/data/other/*']);
  expect(pattern.stderr).toContain('--path is one path, in which "*" and "+" stand for themselves');
  const other = await cliInProcess(['who', folder, '--path', 'kv/other/db']);
  expect(other.stderr).toBe('0 logins with "read" at "kv/other/db"');
  const consul = await cliInProcess(['who', folder, '--consul', 'key:app']);
  expect(consul.stderr).toContain(`no login of Consul is declared in "${folder}"`);
  await writeFile(join(folder, 'main.tf'), 'locals {}');
  const vault = await cliInProcess(['who', folder, '--path', 'kv/app/db']);
  expect(vault.stderr).toContain(`no login of Vault is declared in "${folder}"`);
});

test('can counts in whole sentences', async () => {
  const { stderr } = await cliInProcess(['can', await gitlab(), '--claims', '{"aud":"vault","project_id":"4711"}']);
  expect(stderr).toBe('1 login lets it in, 0 refuse it');
});

test('can refuses a role that is not declared, with those that are', async () => {
  const { stdout, stderr, exitCode } = await cliInProcess(['can', await gitlab(), '--claims', '{}', '--role', 'shopp']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('no role or auth method "shopp" is declared (did you mean "shop"?): there is "shop"');
});

test('a file that is not there is named in words', async () => {
  const { stderr, exitCode } = await cliInProcess(['can', await gitlab(), '--claims', '@no/claims.json']);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('"no/claims.json" does not exist')]);
});

test('a folder of root modules is refused with their names, at a revision as well', async () => {
  const folder = await temporaryFolder();
  for (const name of ['infra/gitlab', 'infra/shop', 'infra/modules/app']) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'main.tf'), GITLAB);
  }
  await writeFile(join(folder, 'infra/shop/app.tf'), 'module "app" {\n  source = "../modules/app"\n}\n');
  const infra = join(folder, 'infra');
  const says = `there is no *.tf in "${infra}" itself: name one of its root modules, ${infra}/gitlab, ${infra}/shop`;
  const asked = await cliInProcess(['who', infra, '--path', 'kv/data/app/db']);
  expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining(says)]);
  await git(folder, 'init', '--quiet');
  await git(folder, 'add', '.');
  await git(folder, 'commit', '--quiet', '--message=one');
  const compared = await cliInProcess(['diff', infra, '--base', 'HEAD']);
  expect([compared.exitCode, compared.stderr]).toEqual([2, expect.stringContaining(says)]);
});

test('who, can and diff pass over what is ignored', async () => {
  const folder = await gitlab();
  await writeFile(
    join(folder, 'pki.tf'),
    'resource "vault_policy" "pki" {\n  name = "pki"\n  policy = nosuch("x")\n}\n',
  );
  const ignored = ['--ignore', 'vault_pki_*, vault_policy.pki'];
  const asked = ['who', folder, '--path', 'kv/data/app/db'];
  expect((await cliInProcess(asked)).exitCode).not.toBe(0);
  const unmatched = '--ignore "vault_pki_*" matches nothing: correct it, or leave it out';
  const who = await cliInProcess([...asked, ...ignored]);
  expect([who.exitCode, who.stdout]).toEqual([0, expect.stringContaining('gitlab/shop, by app')]);
  expect(who.stderr.split('\n')).toEqual([unmatched, '1 login with "read" at "kv/data/app/db"']);
  const claims = '{"aud":"vault","sub":"x","project_id":"4711"}';
  expect((await cliInProcess(['can', folder, '--claims', claims, ...ignored])).stdout).toContain(
    'gitlab/shop lets it in',
  );
  expect((await cliInProcess(['diff', folder, folder, ...ignored])).stderr).toBe(`${unmatched}\nno difference`);
  // A change may bring what is ignored.
  const pki = ['--ignore', 'vault_policy.pki'];
  expect((await cliInProcess(['diff', await gitlab(), folder, ...pki])).stderr).toBe('no difference');
});

test.each([
  ['npx tsx app.ts', 'tsx'],
  ['npx --no-install ts-node main.ts', 'ts-node'],
])('an app for which "%s" finds no package says what to install', async (app, wanted) => {
  const folder = await folderWith({ 'cdktf.json': JSON.stringify({ app }), 'package.json': '{}' });
  // No registry is asked for it.
  const env = { npm_config_registry: 'http://127.0.0.1:9', npm_config_fetch_retries: '0', npm_config_cache: folder };
  const { exitCode, stderr } = await cli(['who', folder, '--path', 'kv/data/app/db'], { env });
  expect([exitCode, stderr]).toEqual([
    2,
    `synth_failed: "${folder}" could not be synthesised: "${app}" needs "${wanted}", which is not installed here; run: npm install --save-dev ${wanted}`,
  ]);
});
