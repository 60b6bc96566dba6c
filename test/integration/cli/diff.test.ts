import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { git as gitIn, roleInHcl } from './diff-repository.js';

/** A repository whose last commit binds a branch, and whose files bind a glob. */
async function repository() {
  const folder = await temporaryFolder();
  const git = (...args: string[]) => gitIn(folder, ...args);
  await git('init', '--quiet', '--initial-branch=main');
  await writeFile(join(folder, 'main.tf'), roleInHcl('refs/heads/main'));
  await git('add', '.');
  await git('commit', '--quiet', '--message=one');
  await writeFile(join(folder, 'main.tf'), roleInHcl('refs/heads/*'));
  return { folder, git };
}

const lines = [
  '+ jwt/ci lets in, and may then: read kv/data/app/x',
  '  as for {"aud":"vault","ref":"refs/heads/","sub":"x"} (proven)',
];

test('diff --base says what a change lets in, and proves it', async () => {
  const { folder, git } = await repository();
  const { stdout, stderr, exitCode } = await cli(['diff', folder, '--base', 'main', '--fail-on', 'widened']);
  expect({ exitCode, lines: stdout.split('\n') }).toEqual({ exitCode: 1, lines });
  expect(stderr).toContain('1 widening, 0 narrowings');
  expect((await git('status', '--porcelain')).stdout).toBe(' M main.tf');
});

test('diff --base leaves out what others have changed at the revision since', async () => {
  const { folder, git } = await repository();
  await git('checkout', '--quiet', '-b', 'feature');
  await git('commit', '--quiet', '--all', '--message=two');
  await git('checkout', '--quiet', 'main');
  await writeFile(join(folder, 'main.tf'), roleInHcl('x'));
  await writeFile(join(folder, 'more.tf'), roleInHcl('y').replaceAll(/(resource "\w+" |name *= )"/g, '$1"more-'));
  await git('add', '.');
  await git('commit', '--quiet', '--message=three');
  await git('checkout', '--quiet', 'feature');
  const { stdout, stderr } = await cliInProcess(['diff', folder, '--base', 'main', '--offline']);
  expect(stdout.split('\n')[0]).toBe(lines[0]);
  expect(stderr).toContain('1 widening, 0 narrowings');
});

test('a revision without a commit in common with HEAD is refused', async () => {
  const { folder, git } = await repository();
  await git('checkout', '--quiet', '--orphan', 'other');
  await git('commit', '--quiet', '--all', '--message=one');
  const { stderr, exitCode } = await cliInProcess(['diff', folder, '--base', 'main']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('"main" and HEAD have no commit in common here');
});

test('diff --json --offline has witnesses without proofs, and exits with 0', async () => {
  const { folder } = await repository();
  const { stdout, exitCode } = await cliInProcess(['diff', folder, '--base', 'HEAD', '--offline', '--json']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    widened: [
      { kind: 'login', mount: 'jwt', role: 'ci', witness: { claims: { aud: 'vault', ref: 'refs/heads/', sub: 'x' } } },
      expect.objectContaining({ kind: 'access', path: 'kv/data/app/x', capability: 'read' }),
    ],
    narrowed: [],
    undecided: [],
    mayWiden: [],
  });
});

test('diff prints Markdown and annotations', async () => {
  const { folder } = await repository();
  const { stdout } = await cliInProcess(['diff', folder, '--base', 'HEAD', '--offline', '--markdown']);
  expect(stdout).toContain('### Newly allowed');
  expect(stdout).toContain(
    '| `jwt/ci` | lets in, and may then: read `kv/data/app/x` | no | <details><summary>token</summary>`{"aud":"vault","ref":"refs/heads/","sub":"x"}`</details> |',
  );
  const { stdout: annotations } = await cliInProcess(['diff', folder, '--base', 'HEAD', '--offline', '--github']);
  const written = roleInHcl('').split('\n');
  const line = 1 + written.findIndex((one) => one.startsWith('resource "vault_jwt_auth_backend_role"'));
  expect(annotations).toContain(
    `::warning file=${join(folder, 'main.tf')},line=${line},title=jwt/ci lets in%2C and may then%3A read kv/data/app/x::`,
  );
});

/** HCL of the role with a groups claim and bound addresses, and an external group that has a policy or not. */
const withGroup = (cidrs: string, policies: string): string => `${roleInHcl('*')
  .replace('backend           = "jwt"', 'backend = vault_jwt_auth_backend.jwt.path\n  groups_claim = "groups"')
  .replace('token_policies    = ["app"]', `token_policies = []\n  token_bound_cidrs = ${cidrs}`)}
resource "vault_jwt_auth_backend" "jwt" {
  path = "jwt"
}
resource "vault_identity_group" "operators" {
  name     = "operators"
  type     = "external"
  policies = ${policies}
}
resource "vault_identity_group_alias" "operators" {
  name           = "operators"
  mount_accessor = vault_jwt_auth_backend.jwt.accessor
  canonical_id   = vault_identity_group.operators.id
}
`;

test('diff shows what a group gains, and from where a role newly lets in', async () => {
  const { folder, git } = await repository();
  await writeFile(join(folder, 'main.tf'), withGroup('["192.0.2.0/25"]', '[]'));
  await git('commit', '--quiet', '--all', '--message=two');
  await writeFile(join(folder, 'main.tf'), withGroup('["192.0.2.0/24"]', '["app"]'));
  const { stdout, stderr } = await cliInProcess(
    ['diff', folder, '--base', 'HEAD', '--fail-on', 'widened', '--markdown'],
    {
      env: { VAULTPROOF_ENGINE: 'process' },
    },
  );
  const row = (what: string, groups: string, from: string): string =>
    `| \`jwt/ci\` | ${what} | no: ${from} is no address of this host, and no connection can be made from it | <details><summary>token</summary>\`{"groups":${groups},"aud":"vault","ref":"","sub":"x"} from ${from}\`</details> |`;
  expect(stdout.split('\n').filter((line) => line.startsWith('| `'))).toEqual([
    row('lets in', '[]', '192.0.2.129'),
    row('may read `kv/data/app/x`', '["operators"]', '192.0.2.1'),
  ]);
  expect(stderr).toContain('2 widenings, 0 narrowings');
});

test('two paths that allow the same have no difference', async () => {
  const { folder } = await repository();
  const { stdout, stderr, exitCode } = await cliInProcess(['diff', folder, folder, '--fail-on', 'widened']);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
  expect(stderr).toBe('no difference');
});

test.each([
  [['--base', 'no-such-branch'], /there is no revision "no-such-branch" here: .*fetch-depth: 0.*GIT_DEPTH: 0/],
  [['--base', '--upload-pack=x'], /needs a value|there is no revision/],
  [[], /give BASE and HEAD, or one path and --base/],
  [['x', '--base', 'HEAD'], /give BASE and HEAD, or one path and --base/],
  [['--base', 'HEAD', '--fail-on', 'any'], /unknown difference "any"/],
  [['--base', 'HEAD', '--json', '--markdown'], /give one of --json and --markdown/],
])('diff %j is refused', async (args, says) => {
  const { folder } = await repository();
  const { stdout, stderr, exitCode } = await cliInProcess(['diff', folder, ...args]);
  expect({ stdout: args.includes('--json') ? '' : stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
  expect(stderr).toMatch(says);
});

test('a folder that a change adds is compared with nothing, and so is one that it removes', async () => {
  const { folder, git } = await repository();
  const infra = join(folder, 'infra');
  await mkdir(infra);
  await writeFile(join(infra, 'README.md'), 'Logins');
  await git('add', '.');
  await git('commit', '--quiet', '--message=two');
  await writeFile(join(infra, 'main.tf'), roleInHcl('refs/heads/main'));
  const added = await cliInProcess(['diff', infra, '--base', 'main~1', '--offline', '--fail-on', 'widened']);
  expect({ exitCode: added.exitCode, lines: added.stdout.split('\n') }).toEqual({
    exitCode: 1,
    lines: [
      '+ jwt/ci lets in, and may then: read kv/data/app/x',
      '  as for {"aud":"vault","ref":"refs/heads/main","sub":"x"}',
    ],
  });
  expect(added.stderr).toContain(`"${infra}" is not there at "main~1": all of it is new`);
  const first = await cliInProcess(['diff', infra, '--base', 'main', '--offline']);
  expect(first.stderr).toContain(`"${infra}" is not there at "main": all of it is new`);
  await git('add', '.');
  await git('commit', '--quiet', '--message=three');
  await git('rm', '-r', '--quiet', 'infra');
  const removed = await cliInProcess(['diff', infra, '--base', 'main', '--fail-on', 'widened']);
  expect({ exitCode: removed.exitCode, lines: removed.stdout.split('\n') }).toEqual({
    exitCode: 0,
    lines: [
      '- jwt/ci lets in, and may then: read kv/data/app/x',
      '  as for {"aud":"vault","ref":"refs/heads/main","sub":"x"} (proven)',
    ],
  });
  expect(removed.stderr).toContain(`"${infra}" is not there any more: nothing of it is allowed now`);
});

test('a path that is neither here nor at the revision is refused', async () => {
  const { folder } = await repository();
  const { stderr, exitCode } = await cliInProcess(['diff', join(folder, 'new'), '--base', 'main']);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/new" is neither here nor at "main": name a path that one of them has/);
});

test('a shallow clone says how the history is fetched', async () => {
  const { folder, git } = await repository();
  await git('commit', '--quiet', '--all', '--message=two');
  const shallow = join(await temporaryFolder(), 'clone');
  await git('clone', '--quiet', '--depth=1', `file://${folder}`, shallow);
  const { stderr, exitCode } = await cliInProcess(['diff', shallow, '--base', 'HEAD~1']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    'there is no revision "HEAD~1" here: correct it, or where only a part of the history was fetched, as in CI, fetch all of it: "fetch-depth: 0" for actions/checkout, "GIT_DEPTH: 0" in GitLab',
  );
});

/** A role of GitLab's whose audience has no value. */
const withVariable = (bound: string): string =>
  `variable "aud" {\n  type = string\n}\n${roleInHcl('refs/heads/main').replace('["vault"]', '[var.aud]')}`.replace(
    'bound_claims      = { ref = "refs/heads/main" }',
    bound,
  );

test('a change to what is undecided is no proof that nothing changes, and fails the gate', async () => {
  const [base, head] = [await temporaryFolder(), await temporaryFolder()];
  await writeFile(join(base, 'main.tf'), withVariable('bound_claims = { project_id = "4711" }'));
  await writeFile(join(head, 'main.tf'), withVariable(''));
  const gate = ['--fail-on', 'widened'];
  const changed = await cliInProcess(['diff', base, head, ...gate, '--markdown']);
  expect(changed.exitCode).toBe(1);
  expect(changed.stdout).toBe(
    [
      '## What this change lets in',
      'No difference was found in what could be decided; 1 is undecided.',
      '### May be newly allowed: undecided, and changed or of a login that changed',
      '- vault_jwt_auth_backend_role.ci: "bound_audiences" is not known (var.aud)',
    ].join('\n\n'),
  );
  expect(changed.stderr).toContain(
    'failed by --fail-on widened: 1 undecided declaration changed and may allow more; review it; with values by --var or --var-file, or with plans, less is undecided',
  );
  const annotated = await cliInProcess(['diff', base, head, ...gate, '--github']);
  expect([annotated.exitCode, annotated.stdout]).toEqual([
    1,
    `::warning file=${join(head, 'main.tf')},line=9,title=undecided%2C and changed or of a login that changed::vault_jwt_auth_backend_role.ci: "bound_audiences" is not known (var.aud)`,
  ]);
  const same = await cliInProcess(['diff', head, head, ...gate]);
  expect([same.exitCode, same.stdout]).toEqual([0, '']);
  expect(same.stderr).toContain('no difference was found in what could be decided; 1 is undecided');
  expect(same.stderr).toContain('1 undecided, and left out:');
  const strict = await cliInProcess(['diff', head, head, '--fail-on', 'undecided']);
  expect(strict.exitCode).toBe(1);
  expect(strict.stderr).toContain('failed by --fail-on undecided: 1 undecided; review it');
  const given = await cliInProcess(['diff', base, head, ...gate, '--var', 'aud=vault', '--offline']);
  expect(given.exitCode).toBe(1);
  expect(given.stdout.split('\n')).toEqual([
    '+ jwt/ci lets in, and may then: read kv/data/app/x',
    '  as for {"aud":"vault","sub":"x"}',
  ]);
});

test('who, can and diff read values of variables as lint does', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'main.tf'), withVariable('bound_claims = { project_id = "4711" }'));
  const file = join(folder, 'test.values');
  await writeFile(file, 'aud = "vault"');
  const asked = ['who', folder, '--path', 'kv/data/app/db'];
  for (const given of [
    ['--var', 'aud=vault'],
    ['--var-file', file],
  ]) {
    const { stdout, stderr } = await cliInProcess([...asked, ...given]);
    expect(stdout.split('\n').slice(0, 2)).toEqual(['jwt/ci, by app', '  aud has "vault"']);
    expect(stderr).not.toContain('undecided');
    const claims = '{"aud":"vault","sub":"me","project_id":"4711"}';
    expect((await cliInProcess(['can', folder, '--claims', claims, ...given])).stdout).toContain(
      'jwt/ci lets it in, with app',
    );
  }
  const unknown = await cliInProcess([...asked, '--var', 'audience=vault']);
  expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining('there is no variable "audience"')]);
  const more = await temporaryFolder();
  await writeFile(join(more, 'main.tf'), `variable "more" {}\n${withVariable('')}`);
  const both = await cliInProcess(['diff', folder, more, '--offline', '--var', 'aud=vault', '--var', 'more=x']);
  expect([both.exitCode, both.stdout]).toEqual([0, expect.stringContaining('+ jwt/ci lets in')]);
  const neither = await cliInProcess(['diff', folder, more, '--offline', '--var', 'other=x']);
  expect([neither.exitCode, neither.stderr]).toEqual([2, expect.stringContaining('there is no variable "other"')]);
});
