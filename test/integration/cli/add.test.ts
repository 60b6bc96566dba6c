import { existsSync } from 'node:fs';
import { cp, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { installCommands } from '../../../cli/add/install.js';
import { projectOf } from '../../../cli/add/project.js';
import { planFiles, writeFiles } from '../../../cli/add/write.js';
import { cli, cliOnTerminal } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';
import { prepared } from '../../support/prepared.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

interface Report {
  readonly files: readonly { readonly path: string; readonly status: string; readonly difference?: string[] }[];
  readonly install: readonly string[];
  readonly next: readonly string[];
}

/** A project with a package.json, and perhaps a lock file. */
async function projectWith(manifest: object, lockFile?: string): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  if (lockFile !== undefined) await writeFile(join(folder, lockFile), '');
  return folder;
}

function add(project: string, ...options: string[]) {
  return addStack('vault-jwt', project, ...options);
}

async function addStack(stack: string, project: string, ...options: string[]) {
  const { stdout, ...rest } = await cliInProcess([
    'add',
    stack,
    '--into',
    join(project, 'stacks'),
    '--json',
    ...options,
  ]);
  return { ...rest, report: JSON.parse(stdout || '{}') as Report & { readonly error?: { readonly code: string } } };
}

const textOf = (project: string, name: string): Promise<string> => readFile(join(project, 'stacks', name), 'utf8');

test('a project whose tests Jest runs is told how Vitest runs, too', async () => {
  const steps = async (script: string) =>
    (await add(await projectWith({ scripts: { test: script } }), '--test')).report.next;
  expect(await steps('jest')).toContain('npm pkg set scripts.test="jest && vitest run"');
  expect((await steps('vitest run')).join()).not.toContain('npm pkg set');
});

test('a stack is copied with what it imports, says where it is from, and names no path of this machine', async () => {
  const project = await projectWith({ type: 'module' });
  const { exitCode, report } = await add(project, '--test');
  expect(exitCode).toBe(0);
  expect(report.files.map(({ path, status }) => [path.slice(project.length), status])).toEqual([
    ['/stacks/vault-jwt.ts', 'new'],
    ['/stacks/checks.ts', 'new'],
    ['/stacks/vault-jwt-props.ts', 'new'],
    ['/stacks/known-options.ts', 'new'],
    ['/stacks/vault-jwt-role.ts', 'new'],
    ['/stacks/vault-login-props.ts', 'new'],
    ['/stacks/policy.ts', 'new'],
    ['/stacks/vault-login.ts', 'new'],
    ['/stacks/vault-jwt.test.ts', 'new'],
  ]);
  expect((await readdir(join(project, 'stacks'))).sort()).toEqual([
    'checks.ts',
    'known-options.ts',
    'policy.ts',
    'vault-jwt-props.ts',
    'vault-jwt-role.ts',
    'vault-jwt.test.ts',
    'vault-jwt.ts',
    'vault-login-props.ts',
    'vault-login.ts',
  ]);
  const stack = await textOf(project, 'vault-jwt.ts');
  expect(stack).toMatch(
    /^\/\/ SPDX-License-Identifier: Apache-2.0\n\/\/ Copied from vaultproof \d+\.\d+\.\d+, stacks\//,
  );
  expect(stack).toContain("from './checks.js'");
  expect(stack).not.toContain(process.cwd());
});

test('in a CommonJS project relative imports have no ending, and the test is none that Jest or tsc takes', async () => {
  const project = await projectWith({});
  const { report } = await add(project, '--test');
  expect(report.files.at(-1)?.path).toBe(join(project, 'stacks/vault-jwt.test.mts'));
  expect(await textOf(project, 'vault-jwt.ts')).toContain("from './checks'");
});

test.each(['vault-jwt', 'consul-jwt'])('the test of %s imports the files that were copied with it', async (stack) => {
  const project = await projectWith({ type: 'module' });
  const { report } = await addStack(stack, project, '--preset', 'kubernetes', '--test');
  const text = await textOf(project, `${stack}.test.ts`);
  const imported = [...text.matchAll(/ from '(\.[^']+)\.js'/g)].map(([, path = '']) => join(project, 'stacks', path));
  expect(imported).toHaveLength(2);
  expect(report.files.map(({ path }) => path.replace(/\.ts$/, ''))).toEqual(expect.arrayContaining(imported));
});

describe('what is there already', () => {
  test('is left alone when it is the same', async () => {
    const project = await projectWith({});
    await add(project);
    const { exitCode, report } = await add(project);
    expect(report.files.map(({ status }) => status)).toEqual(Array(8).fill('unchanged'));
    expect(exitCode).toBe(0);
  });

  test('is not overwritten without --force, nor is anything else written, and the difference is shown', async () => {
    const project = await projectWith({});
    await mkdir(join(project, 'stacks'));
    await writeFile(join(project, 'stacks/policy.ts'), 'mine\n');
    const refused = await add(project);
    expect(refused.report.error?.code).toBe('would_overwrite');
    expect(refused.exitCode).toBe(1);
    expect(await readdir(join(project, 'stacks'))).toEqual(['policy.ts']);

    const told = await cli(['add', 'vault-jwt', '--into', join(project, 'stacks')]);
    expect(told.stderr).toContain('\n  - mine\n');
    expect(told.exitCode).toBe(1);

    const dry = await add(project, '--dry-run');
    expect(dry.exitCode).toBe(0);
    expect(dry.report.files.map(({ status }) => status)).toEqual([...Array(6).fill('new'), 'changed', 'new']);
    expect(dry.report.files[6]?.difference).toContain('- mine');
    expect(await textOf(project, 'policy.ts')).toBe('mine\n');

    expect(await add(project, '--force')).toMatchObject({ exitCode: 0 });
    expect(await textOf(project, 'policy.ts')).toContain('export function policyOf');
  });

  test.runIf(process.platform === 'linux').each([
    { answer: 'y', exitCode: 0, kept: false },
    { answer: 'n', exitCode: 1, kept: true },
  ])('is overwritten on a terminal when the answer is "$answer"', async ({ answer, exitCode, kept }) => {
    const project = await projectWith({});
    await mkdir(join(project, 'stacks'));
    await writeFile(join(project, 'stacks/policy.ts'), 'mine\n');
    const asked = await cliOnTerminal(['add', 'vault-jwt', '--into', join(project, 'stacks')], `${answer}\n`);
    expect(asked.stdout).toContain('policy.ts"? [y/N]');
    expect(asked.exitCode).toBe(exitCode);
    expect((await textOf(project, 'policy.ts')) === 'mine\n').toBe(kept);
  });

  test('is as it was when one of the files can’t be written', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'one.ts'), 'mine\n');
    const files = planFiles(folder, [
      { path: 'one.ts', text: 'new\n' },
      { path: 'below/two.ts', text: 'new\n' },
      { path: 'three.ts', text: 'new\n' },
    ]);
    await mkdir(join(folder, 'three.ts'));
    expect(() => writeFiles(folder, files)).toThrow(expect.objectContaining({ code: 'copy_failed' }));
    expect(await readFile(join(folder, 'one.ts'), 'utf8')).toBe('mine\n');
    expect((await readdir(folder)).sort()).toEqual(['one.ts', 'three.ts']);
  });

  test('is not overwritten when it changed after it was compared', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'one.ts'), 'mine\n');
    const files = planFiles(folder, [{ path: 'one.ts', text: 'new\n' }]);
    await writeFile(join(folder, 'one.ts'), 'changed\n');
    expect(() => writeFiles(folder, files)).toThrow(expect.objectContaining({ code: 'would_overwrite' }));
    expect(await readFile(join(folder, 'one.ts'), 'utf8')).toBe('changed\n');
  });
});

test.each(['policy.ts', 'presets'])('a symbolic link "%s" is not followed out of the folder', async (name) => {
  const folder = await temporaryFolder();
  const elsewhere = await temporaryFolder();
  await writeFile(join(elsewhere, 'x.ts'), 'theirs\n');
  await symlink(name === 'presets' ? elsewhere : join(elsewhere, 'x.ts'), join(folder, name));
  const path = name === 'presets' ? 'presets/x.ts' : name;
  expect(() => planFiles(folder, [{ path, text: 'new\n' }])).toThrow(
    expect.objectContaining({ code: 'outside_folder' }),
  );
  expect(await readFile(join(elsewhere, 'x.ts'), 'utf8')).toBe('theirs\n');
});

describe('a folder that is named by way of a symbolic link', () => {
  test.each(['stacks', 'stacks/login'])('is written to where it stays in the project: "%s"', async (into) => {
    const project = await projectWith({});
    await mkdir(join(project, 'src'));
    await symlink('src', join(project, 'stacks'));
    const { exitCode, report } = await add(project, '--into', join(project, into));
    expect(exitCode).toBe(0);
    expect(report.files[0]).toEqual({ path: join(project, into, 'vault-jwt.ts'), status: 'new' });
    expect((await readdir(join(project, into.replace('stacks', 'src')))).sort()).toEqual([
      'checks.ts',
      'known-options.ts',
      'policy.ts',
      'vault-jwt-props.ts',
      'vault-jwt-role.ts',
      'vault-jwt.ts',
      'vault-login-props.ts',
      'vault-login.ts',
    ]);
    expect((await lstat(join(project, 'stacks'))).isSymbolicLink()).toBe(true);
  });

  test.each(['stacks', 'stacks/login'])('is refused where it leads out of the project: "%s"', async (into) => {
    const project = await projectWith({});
    const elsewhere = await temporaryFolder();
    await symlink(elsewhere, join(project, 'stacks'));
    const { exitCode, report } = await add(project, '--into', join(project, into));
    expect(report.error?.code).toBe('outside_folder');
    expect(exitCode).toBe(1);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test('is refused where it leads nowhere', async () => {
    const project = await projectWith({});
    await symlink('gone', join(project, 'stacks'));
    expect((await add(project)).report.error?.code).toBe('outside_folder');
    expect(existsSync(join(project, 'gone'))).toBe(false);
  });

  test('is the project’s own where the project itself is reached by a link', async () => {
    const project = await projectWith({});
    const link = join(await temporaryFolder(), 'link');
    await symlink(project, link);
    expect((await add(link)).exitCode).toBe(0);
    expect(await readdir(join(project, 'stacks'))).toContain('vault-jwt.ts');
  });
});

test('--dry-run makes no folder', async () => {
  const project = await projectWith({});
  expect(await add(project, '--dry-run')).toMatchObject({ exitCode: 0, report: { files: Array(8).fill({}) } });
  expect(existsSync(join(project, 'stacks'))).toBe(false);
});

test('the pipeline’s stack is copied with the one that it deploys, and has no test to copy', async () => {
  const project = await projectWith({});
  const { report } = await addStack('vault-deployer', project, '--dry-run');
  expect(report.files.map(({ path }) => path.slice(project.length))).toEqual([
    '/stacks/vault-deployer.ts',
    '/stacks/policy.ts',
    '/stacks/known-options.ts',
    '/stacks/vault-jwt.ts',
    '/stacks/checks.ts',
    '/stacks/vault-jwt-props.ts',
    '/stacks/vault-jwt-role.ts',
    '/stacks/vault-login-props.ts',
    '/stacks/vault-login.ts',
    '/stacks/vault-oidc.ts',
    '/stacks/vault-oidc-role.ts',
  ]);
  expect((await addStack('vault-deployer', project, '--test')).exitCode).toBe(2);
});

test('Consul’s stack is copied with its own files, and with a preset of its own those alone, and says that it takes Consul’s provider', async () => {
  const project = await projectWith({});
  const { report } = await addStack('consul-jwt', project);
  expect(report.files.map(({ path }) => path.slice(project.length))).toEqual([
    '/stacks/consul-jwt.ts',
    '/stacks/checks.ts',
    '/stacks/consul-binding-rule.ts',
    '/stacks/consul-bind-name.ts',
    '/stacks/consul-selector.ts',
    '/stacks/consul-regexp.ts',
    '/stacks/consul-selector-analysis.ts',
    '/stacks/known-options.ts',
    '/stacks/consul-jwt-method.ts',
  ]);
  expect(report.install).toEqual([
    'npm install --save-exact cdktf@0.21.0 @cdktf/provider-consul@10.1.2 constructs@10.7.2',
  ]);
  const other = await projectWith({});
  const preset = await addStack('consul-jwt', other, '--preset', 'kubernetes', '--test');
  expect(preset.report.files.map(({ path }) => path.slice(other.length)).slice(9)).toEqual([
    '/stacks/presets/consul-kubernetes.ts',
    '/stacks/presets/claim-bounds.ts',
    '/stacks/presets/consul-preset.ts',
    '/stacks/presets/kubernetes-cluster.ts',
    '/stacks/consul-jwt.test.mts',
  ]);
  expect(preset.report.install.join()).not.toContain('provider-vault');
  expect((await addStack('consul-jwt', project, '--preset', 'acme-ci')).exitCode).toBe(2);
});

test('the stack of logins in a browser is copied with what it shares with that of JWTs, and has no preset', async () => {
  const project = await projectWith({});
  const { report } = await addStack('vault-oidc', project, '--test');
  expect(report.files.map(({ path }) => path.slice(project.length))).toEqual([
    '/stacks/vault-oidc.ts',
    '/stacks/checks.ts',
    '/stacks/known-options.ts',
    '/stacks/vault-login.ts',
    '/stacks/policy.ts',
    '/stacks/vault-jwt-role.ts',
    '/stacks/vault-login-props.ts',
    '/stacks/vault-oidc-role.ts',
    '/stacks/vault-oidc.test.mts',
  ]);
  expect(report.install).toContain(
    'npm install --save-exact cdktf@0.21.0 @cdktf/provider-vault@15.6.1 constructs@10.7.2',
  );
  expect((await addStack('vault-oidc', project, '--preset', 'github-actions')).exitCode).toBe(2);
});

test("the stack of Vault's Consul engine is copied with its own files, takes both providers, and has no preset", async () => {
  const project = await projectWith({});
  const { report } = await addStack('vault-consul', project);
  expect(report.files.map(({ path }) => path.slice(project.length))).toEqual([
    '/stacks/vault-consul.ts',
    '/stacks/checks.ts',
    '/stacks/known-options.ts',
  ]);
  expect(report.install).toEqual([
    'npm install --save-exact cdktf@0.21.0 @cdktf/provider-consul@10.1.2 @cdktf/provider-vault@15.6.1 constructs@10.7.2',
  ]);
  expect((await addStack('vault-consul', project, '--test')).exitCode).toBe(2);
  expect((await addStack('vault-consul', project, '--preset', 'github-actions')).exitCode).toBe(2);
});

describe('what is to be installed', () => {
  const provider = '@cdktf/provider-vault@15.6.1';
  const all = { '@cdktf/provider-vault': '15.6.1', constructs: '10.7.2' };

  test.each([
    {
      what: 'all that a new project lacks, with exact versions',
      manifest: {},
      commands: [`npm install --save-exact cdktf@0.21.0 ${provider} constructs@10.7.2`],
    },
    { what: 'nothing when it is all there', manifest: { dependencies: { cdktf: '^0.21.0', ...all } }, commands: [] },
    {
      what: 'only what is missing, with the package manager of the lock file',
      manifest: { dependencies: { cdktf: '0.21.0', constructs: '10.7.2' } },
      lockFile: 'pnpm-lock.yaml',
      commands: [`pnpm add --save-exact ${provider}`],
    },
    {
      what: 'what is too old or too new',
      manifest: { dependencies: { ...all, cdktf: '0.20.9', constructs: '^10.8.0' } },
      lockFile: 'yarn.lock',
      commands: ['yarn add --exact cdktf@0.21.0 constructs@10.7.2'],
    },
    {
      what: 'first a TypeScript that ts-node runs with',
      manifest: {
        dependencies: { cdktf: '0.21.0', ...all },
        devDependencies: { 'ts-node': '^10', typescript: '^7.0.2' },
      },
      commands: ['npm install --save-dev --save-exact typescript@5.9.3'],
    },
    {
      what: 'with cdktn, an override that gives it to the providers',
      manifest: { dependencies: { cdktn: '0.24.0', constructs: '10.7.2' } },
      commands: ['npm pkg set overrides.cdktf=npm:cdktn@0.24.0', `npm install --save-exact ${provider}`],
    },
    {
      what: 'nothing more with cdktn where the providers get it',
      manifest: { dependencies: { cdktn: '0.24.0', ...all }, overrides: { cdktf: 'npm:cdktn@0.24.0' } },
      commands: [],
    },
    {
      what: 'with cdktn in the name of cdktf, the same override',
      manifest: { dependencies: { cdktf: 'npm:cdktn@0.24.0', ...all } },
      commands: ["npm pkg set 'overrides.cdktf=$cdktf'"],
    },
    {
      what: 'with cdktn and pnpm, cdktn in the name of cdktf',
      manifest: { dependencies: { cdktn: '^0.24.0', ...all } },
      lockFile: 'pnpm-lock.yaml',
      commands: ['pnpm add --save-exact cdktf@npm:cdktn@0.24.0'],
    },
  ])('is $what', async ({ manifest, lockFile, commands }) => {
    const project = projectOf(await projectWith(manifest, lockFile));
    expect(installCommands(project, { withTest: false, providers: ['@cdktf/provider-vault'] })).toEqual(commands);
  });

  test('is vaultproof and vitest as well for a test', async () => {
    const { report } = await add(await projectWith({ dependencies: { cdktf: '0.21.0', ...all } }), '--test');
    // This is a clone, and the registry has no such package.
    const clone = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
    expect(report.install).toEqual([
      `mkdir -p vendor && npm pack --silent --ignore-scripts --pack-destination vendor ${clone}`,
      expect.stringMatching(
        /^npm install --save-dev --save-exact \.\/vendor\/vaultproof-\d+\.\d+\.\d+\.tgz vitest@4\.\d+\.\d+$/,
      ),
    ]);
  });
});

test('an installed vaultproof is packed again for a project that lacks it', async () => {
  const project = await projectWith({ dependencies: { cdktf: '0.21.0' } });
  const modules = join(await temporaryFolder(), 'node_modules');
  const installed = join(modules, 'vaultproof');
  await mkdir(installed, { recursive: true });
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  for (const name of await readdir(join(root, 'node_modules'))) {
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  await cp(join(root, 'package.json'), join(installed, 'package.json'));
  await cp(join(root, 'stacks'), join(installed, 'stacks'), { recursive: true });
  await cp(dirname(dirname(prepared().cli)), join(installed, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('.sock'),
  });
  const command = [join(installed, 'dist/cli/index.js'), 'add', 'vault-jwt', '--test', '--json', '--into'];
  const { stdout } = await execa(process.execPath, [...command, join(project, 'stacks')]);
  const { install } = JSON.parse(stdout) as Report;
  const pack = `mkdir -p vendor && npm pack --silent --ignore-scripts --pack-destination vendor ${installed}`;
  expect(install).toContain(pack);
  expect(install.join()).toMatch(/ \.\/vendor\/vaultproof-\d+\.\d+\.\d+\.tgz /);
  await execa(pack, { shell: true, cwd: project });
  expect(await readdir(join(project, 'vendor'))).toEqual([expect.stringMatching(/^vaultproof-\d+\.\d+\.\d+\.tgz$/)]);
}, 60_000);

test('with cdktn a stack imports cdktn', async () => {
  const project = await projectWith({ dependencies: { cdktn: '0.24.0' } });
  await add(project);
  expect(await textOf(project, 'vault-jwt.ts')).toMatch(/from 'cdktn';/);
  expect(await textOf(project, 'vault-jwt.ts')).not.toMatch(/from 'cdktf';/);
});

test('a path with a space in it is one word for the shell', async () => {
  const project = await projectWith({});
  const { stdout } = await cliInProcess([
    'add',
    'vault-jwt',
    '--test',
    '--dry-run',
    '--json',
    '--into',
    join(project, 'our stacks'),
  ]);
  expect(JSON.parse(stdout).next).toContain("npx vitest run 'our stacks/vault-jwt.test.mts'");
});

test.each([
  { args: ['add'], says: 'Missing required positional argument: STACK' },
  {
    args: ['add', '../../secrets'],
    says: 'unknown stack "../../secrets": expected "consul-jwt", "consul-users", "vault-consul", "vault-deployer", "vault-jwt" or "vault-oidc"',
  },
  {
    args: ['add', 'vault-jwt', '--preset', 'nobody'],
    says: 'unknown preset "nobody": expected "aws", "azure-devops", "bitbucket", "buildkite", "circleci", "entra", ',
  },
  { args: ['add', 'vault-deployer', '--preset', 'gitlab-ci'], says: '"vault-deployer" has no presets' },
  { args: ['add', 'vault-jwt', '--into', ''], says: '--into must name a folder' },
  { args: ['add', 'vault-jwt', '--into', 'package.json'], says: '"package.json" is not a folder' },
  { args: ['add', 'vault-jwt', '--into', '/nonexistent/x'], says: '"/nonexistent/x" is not in an npm project' },
])('$args says "$says" and ends with 2', async ({ args, says }) => {
  const { stderr, exitCode } = await cliInProcess(args);
  expect(stderr).toContain(says);
  expect(exitCode).toBe(2);
});
