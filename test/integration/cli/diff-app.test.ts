import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { cli } from '../../support/cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { stillRunning } from '../../support/what-runs.js';
import { git } from './diff-repository.js';

/** An app that declares one role for a branch; `values` is of a package that is installed and not committed. */
const appFor = (ref: string): string => `
import { mkdirSync, writeFileSync } from 'node:fs';
import { mount } from 'values';
const role = {
  backend: mount, role_name: 'ci', role_type: 'jwt', user_claim: 'sub', bound_audiences: ['vault'],
  bound_claims: { ref: '${ref}' }, bound_claims_type: 'glob', token_policies: [],
};
const folder = process.env.CDKTF_OUTDIR + '/stacks/logins';
mkdirSync(folder, { recursive: true });
writeFileSync(folder + '/cdk.tf.json', JSON.stringify({ resource: { vault_jwt_auth_backend_role: { ci: role } } }));
`;

/** A clone with a project in the folder `infra`, whose app is another one at origin/main than in its files. */
async function project(committed: string, now: string) {
  const folder = await temporaryFolder();
  const [origin, clone, temporary] = ['origin', 'clone', 'tmp'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(join(origin, 'infra'), { recursive: true });
  await mkdir(temporary);
  await git(origin, 'init', '--quiet', '--initial-branch=main');
  await writeFile(join(origin, '.gitignore'), 'node_modules\n');
  await writeFile(join(origin, 'infra', 'cdktf.json'), '{"language":"typescript","app":"node main.mjs"}');
  await writeFile(join(origin, 'infra', 'main.mjs'), committed);
  await git(origin, 'add', '.');
  await git(origin, 'commit', '--quiet', '--message=one');
  await git(folder, 'clone', '--quiet', origin, clone);
  await mkdir(join(clone, 'node_modules', 'values'), { recursive: true });
  await writeFile(join(clone, 'node_modules', 'values', 'index.js'), `export const mount = 'ci';`);
  await writeFile(join(clone, 'node_modules', 'values', 'package.json'), '{"type":"module","main":"index.js"}');
  await writeFile(join(clone, 'infra', 'main.mjs'), now);
  const diff = (...args: readonly string[]) =>
    cli(['diff', join(clone, 'infra'), '--base', 'origin/main', ...args], { env: { TMPDIR: temporary } });
  const left = async () => ({
    temporary: await readdir(temporary),
    worktrees: (await git(clone, 'worktree', 'list', '--porcelain')).stdout.match(/^worktree /gm)?.length,
    status: (await git(clone, 'status', '--porcelain')).stdout,
  });
  return { clone, diff, left };
}

const NOTHING = { temporary: [], worktrees: 1, status: ' M infra/main.mjs' };

test('a cdktf app is compared with itself at a revision, with the dependencies that are installed', async () => {
  const { clone, diff, left } = await project(appFor('main'), appFor('*'));
  const { stdout, exitCode } = await diff('--offline');
  expect({ stdout, exitCode }).toEqual({
    stdout: '+ ci/ci lets in\n  as for {"aud":"vault","ref":"","sub":"x"}',
    exitCode: 0,
  });
  expect(await left()).toEqual(NOTHING);
  expect(await readdir(join(clone, 'node_modules'))).toEqual(['values']);
  const { stdout: lines } = await cli(['can', join(clone, 'infra'), '--claims', '{"aud":"vault","sub":"x","ref":"a"}']);
  expect(lines).toBe('ci/ci lets it in, with no policies');
});

test('an app that fails at the revision is named with it, its command and the end of its output, and nothing is left', async () => {
  const failing = `console.error('read the rules'); throw new Error('no region is set');`;
  const { clone, diff, left } = await project(failing, appFor('*'));
  const { stdout, stderr, exitCode } = await diff('--json');
  const { error } = JSON.parse(stdout) as { readonly error: { readonly code: string } };
  expect([exitCode, error.code]).toEqual([2, 'synth_failed']);
  expect(stderr).toContain(
    `synth_failed: "${join(clone, 'infra')}" at "origin/main" could not be synthesised: "node main.mjs" ended with exit code 1`,
  );
  expect(stderr).toContain('install its dependencies there, and give both folders: vaultproof diff BASE HEAD');
  expect(stderr).toMatch(/read the rules\n[\s\S]*Error: no region is set/);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(await left()).toEqual(NOTHING);
});

test('an app that fails in the files is named without a revision', async () => {
  const { clone, diff, left } = await project(appFor('main'), 'process.exit(3)');
  const { stderr, exitCode } = await diff();
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    `"${join(clone, 'infra')}" could not be synthesised: "node main.mjs" ended with exit code 3`,
  );
  expect(stderr).not.toContain('origin/main');
  expect(await left()).toEqual(NOTHING);
});

test('an app that hangs at the revision is interrupted with all that it started, and nothing is left', async () => {
  const pidFile = join(await temporaryFolder(), 'pid');
  const hanging = `import { writeFileSync } from 'node:fs'; writeFileSync('${pidFile}', String(process.pid)); setInterval(() => {}, 1_000);`;
  const { diff, left } = await project(hanging, appFor('*'));
  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGKILL', undefined],
  ] as const) {
    await rm(pidFile, { force: true });
    const running = diff();
    const pid = await vi.waitFor(async () => Number(await readFile(pidFile, 'utf8')), {
      timeout: 30_000,
      interval: 20,
    });
    running.kill(signal);
    expect((await running).exitCode).toBe(exitCode);
    await vi.waitFor(() => expect(stillRunning([pid])).toEqual([]), { timeout: 10_000, interval: 20 });
    await vi.waitFor(async () => expect(await left()).toEqual(NOTHING), { timeout: 10_000, interval: 20 });
  }
});

test('a path by way of a symbolic link is the one that it leads to', async () => {
  const { clone, left } = await project(appFor('main'), appFor('*'));
  const link = join(await temporaryFolder(), 'link');
  await symlink(join(clone, 'infra'), link);
  const { stdout } = await cli(['diff', link, '--base', 'origin/main', '--offline']);
  expect(stdout).toContain('+ ci/ci lets in');
  expect(await left()).toEqual(NOTHING);
});
