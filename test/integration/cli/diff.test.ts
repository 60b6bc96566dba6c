import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from '../../support/cli.js';
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
  '+ jwt/ci lets in, as for {"aud":"vault","ref":"refs/heads/","sub":"x"} (proven)',
  '+ jwt/ci may read kv/data/app/x, as for {"aud":"vault","ref":"refs/heads/","sub":"x"} (proven)',
];

test('diff --base says what a change lets in, and proves it', async () => {
  const { folder, git } = await repository();
  const { stdout, stderr, exitCode } = await cli(['diff', folder, '--base', 'main', '--fail-on', 'widened']);
  expect({ exitCode, lines: stdout.split('\n') }).toEqual({ exitCode: 1, lines });
  expect(stderr).toContain('2 widenings, 0 narrowings');
  expect((await git('status', '--porcelain')).stdout).toBe(' M main.tf');
});

test('diff --json --offline has witnesses without proofs, and exits with 0', async () => {
  const { folder } = await repository();
  const { stdout, exitCode } = await cli(['diff', folder, '--base', 'HEAD', '--offline', '--json']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    widened: [
      { kind: 'login', mount: 'jwt', role: 'ci', witness: { claims: { aud: 'vault', ref: 'refs/heads/', sub: 'x' } } },
      expect.objectContaining({ kind: 'access', path: 'kv/data/app/x', capability: 'read' }),
    ],
    narrowed: [],
    undecided: [],
  });
});

test('diff prints Markdown and annotations', async () => {
  const { folder } = await repository();
  const { stdout } = await cli(['diff', folder, '--base', 'HEAD', '--offline', '--markdown']);
  expect(stdout).toContain('### Newly allowed');
  expect(stdout).toContain('| `jwt/ci` | lets in | `{"aud":"vault","ref":"refs/heads/","sub":"x"}` | no |');
  const { stdout: annotations } = await cli(['diff', folder, '--base', 'HEAD', '--offline', '--github']);
  expect(annotations).toContain('::warning title=jwt/ci lets in::');
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
  const { stdout, stderr } = await cli(['diff', folder, '--base', 'HEAD', '--fail-on', 'widened', '--markdown'], {
    env: { VAULTPROOF_ENGINE: 'process' },
  });
  const row = (what: string, groups: string, from: string): string =>
    `| \`jwt/ci\` | ${what} | \`{"groups":${groups},"aud":"vault","ref":"","sub":"x"} from ${from}\` | no: ${from} is no address of this host, and no connection can be made from it |`;
  expect(stdout.split('\n').filter((line) => line.startsWith('| `'))).toEqual([
    row('lets in', '[]', '192.0.2.129'),
    row('may read kv/data/app/x', '["operators"]', '192.0.2.1'),
  ]);
  expect(stderr).toContain('2 widenings, 0 narrowings');
});

test('two paths that allow the same have no difference', async () => {
  const { folder } = await repository();
  const { stdout, stderr, exitCode } = await cli(['diff', folder, folder, '--fail-on', 'widened']);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
  expect(stderr).toContain('0 widenings, 0 narrowings');
});

test.each([
  [['--base', 'no-such-branch'], /git can't read .* at "no-such-branch"/],
  [['--base', '--upload-pack=x'], /needs a value|git can't read/],
  [[], /give BASE and HEAD, or one path and --base/],
  [['x', '--base', 'HEAD'], /give BASE and HEAD, or one path and --base/],
  [['--base', 'HEAD', '--fail-on', 'any'], /unknown difference "any"/],
  [['--base', 'HEAD', '--json', '--markdown'], /give one of --json and --markdown/],
])('diff %j is refused', async (args, says) => {
  const { folder } = await repository();
  const { stdout, stderr, exitCode } = await cli(['diff', folder, ...args]);
  expect({ stdout: args.includes('--json') ? '' : stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
  expect(stderr).toMatch(says);
});

test('a path that is not there at the revision is refused', async () => {
  const { folder } = await repository();
  await mkdir(join(folder, 'new'));
  await writeFile(join(folder, 'new', 'main.tf'), roleInHcl('x'));
  const { stderr, exitCode } = await cli(['diff', join(folder, 'new'), '--base', 'main']);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/new" is not there at "main": name a path that both have/);
});
