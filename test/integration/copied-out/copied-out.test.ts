import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecaError } from 'execa';
import { ConsulJwtStack, type ConsulJwtStackProps } from 'vaultproof/stacks/consul-jwt';
import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { VaultOidcStack, type VaultOidcStackProps } from 'vaultproof/stacks/vault-oidc';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { presetNames } from '../../../cli/add/sources.js';
import { synthesise } from '../../../harness/provision/synth.js';
import { cli } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';
import { editManifest, packVaultproof, registryMissing, run, stockTemplate, workFolder } from './infra-repo.js';

// As `cdktf init` installs them; `add` says which TypeScript is to take the place of this one.
const tools = {
  typescript: '7.0.2',
  'ts-node': '10.9.2',
  '@types/node': '20.19.43',
  '@types/jest': '30.0.0',
  jest: '30.5.2',
};

const props = {
  jwksUrl: 'https://issuer.example.com/jwks',
  boundIssuer: 'https://issuer.example.com',
  kv: [{ path: 'kv', version: 1 }, { path: 'team' }],
  roles: [
    {
      roleName: 'deploy',
      boundAudiences: ['vault'],
      boundClaims: { repository_id: '7', ref: ['refs/heads/main', 'refs/heads/next'] },
      groupsClaim: 'groups',
      tokenPolicies: ['deploy', 'elsewhere'],
    },
  ],
  policies: [
    {
      name: 'deploy',
      rules: [
        { secrets: 'app/*', access: ['read', 'list'] },
        { kv: 'team', secrets: 'app/*', access: ['delete'] },
      ],
    },
  ],
  groups: [{ name: 'dev', policies: ['deploy'] }],
} as const satisfies VaultJwtStackProps;

const consulProps = {
  jwksUrl: 'https://issuer.example.com/jwks',
  boundIssuer: 'https://issuer.example.com',
  claimMappings: { sub: 'user' },
  listClaimMappings: { groups: 'groups' },
  bindingRules: [
    { bindType: 'service', bindName: `web-\${value.user}`, selector: '"eng" in list.groups' },
    { bindType: 'role', bindName: 'ops', selector: 'value.user != "a"', allow: { 'absent-claim': 'shown' } },
  ],
  roles: [{ name: 'ops', policies: ['reader'] }],
  policies: [{ name: 'reader', rules: 'key_prefix "app/" { policy = "read" }' }],
} as const satisfies ConsulJwtStackProps;

const peopleProps = {
  oidcDiscoveryUrl: 'https://issuer.example.com',
  oidcClientId: 'vault',
  roles: [
    {
      roleName: 'people',
      allowedRedirectUris: ['http://localhost:8250/oidc/callback'],
      boundClaims: { groups: ['dev', 'ops'] },
      groupsClaim: 'groups',
      tokenPolicies: ['deploy'],
    },
  ],
  policies: props.policies,
  groups: props.groups,
  kv: props.kv,
} as const satisfies VaultOidcStackProps;

let folder: string;
let missing: string | undefined;

/** By the library, the project that was installed with it. */
const projects = { cdktf: 'cdktf-commonjs', cdktn: 'cdktn-commonjs' };

beforeAll(async () => {
  folder = await workFolder();
  missing = await registryMissing(folder);
  if (missing !== undefined) return;
  const [tarball, template] = await Promise.all([packVaultproof(folder), stockTemplate(folder)]);
  await Promise.all([
    install('cdktf', { cdktf: '0.21.0' }, template, tarball),
    install('cdktn', { cdktn: '0.24.0' }, template, tarball),
  ]);
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(({ skip }) => {
  if (missing !== undefined) skip(missing);
});

/** The stock project, with what `add` says is to be installed, by the commands that it says. */
async function install(
  library: keyof typeof projects,
  dependencies: Readonly<Record<string, string>>,
  template: string,
  tarball: string,
): Promise<void> {
  const project = join(folder, projects[library]);
  await cp(template, project, { recursive: true });
  await editManifest(project, { name: 'infra', dependencies, devDependencies: tools });
  // The stacks' tests need the same, which one command installs.
  const commands = new Set<string>();
  for (const [stack, into] of Object.entries(folders)) {
    for (const command of await copy(stack, join(project, into), '--test')) commands.add(command);
  }
  // The package of this clone is another one, that of what is being tested.
  const others = [...commands].filter((command) => !command.includes('npm pack '));
  for (const command of library === 'cdktf' ? others : withOneInstall(others)) {
    const quick = 'install --prefer-offline --no-audit --no-fund ';
    await run(project, command.replace(/\S+\/vaultproof-[\d.]+\.tgz/, tarball).replace('install ', quick));
  }
  await copyPresets(library, project);
}

/** One installation in the place of several, each of which resolves all packages anew. */
function withOneInstall(commands: readonly string[]): string[] {
  const isInstall = (command: string): boolean => command.startsWith('npm install ');
  const packages = commands.filter(isInstall).flatMap((command) => {
    return command.split(' ').filter((word) => word !== 'npm' && word !== 'install' && !word.startsWith('--'));
  });
  return [...commands.filter((command) => !isInstall(command)), `npm install --save-exact ${packages.join(' ')}`];
}

/** By the stack, where it is copied to. */
const folders = { 'vault-jwt': 'stacks', 'consul-jwt': 'consul', 'vault-oidc': 'people' };

/** @returns the commands that install what is lacking */
async function copy(stack: string, into: string, ...options: string[]): Promise<string[]> {
  const { stdout } = await cli(['add', stack, '--into', into, '--json', ...options]);
  return (JSON.parse(stdout) as { readonly install: string[] }).install;
}

/** Presets import neither library: what they are for one, they are for the other. */
async function copyPresets(library: keyof typeof projects, project: string): Promise<void> {
  if (library !== 'cdktf') return;
  for (const stack of Object.keys(folders)) {
    for (const preset of presetNames(stack)) {
      const into = join(project, `${stack}-${preset}`);
      const { exitCode } = await cliInProcess(['add', stack, '--into', into, '--test', '--preset', preset]);
      expect(exitCode).toBe(0);
    }
  }
}

/** A project of ES modules, with the packages of the other one that has the library. */
async function esmProject(library: keyof typeof projects): Promise<string> {
  const project = join(folder, `${library}-esm`);
  await mkdir(project);
  const manifest = await readFile(join(folder, projects[library], 'package.json'), 'utf8');
  await writeFile(join(project, 'package.json'), manifest);
  await editManifest(project, { type: 'module' });
  await symlink(join(folder, projects[library], 'node_modules'), join(project, 'node_modules'));
  const compilerOptions = { target: 'ES2022', module: 'NodeNext', strict: true, skipLibCheck: true, outDir: 'out' };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, exclude: ['out'] }));
  for (const [stack, into] of Object.entries(folders)) await copy(stack, join(project, into), '--test');
  await copyPresets(library, project);
  await writeMain(project, library, '.js');
  return project;
}

function writeMain(project: string, library: string, extension: string): Promise<void> {
  const main = `import { App } from '${library}';
import { ConsulJwtStack } from './consul/consul-jwt${extension}';
import { VaultOidcStack } from './people/vault-oidc${extension}';
import { VaultJwtStack } from './stacks/vault-jwt${extension}';

const app = new App();
new VaultJwtStack(app, 'login', ${JSON.stringify(props)});
new ConsulJwtStack(app, 'consul', ${JSON.stringify(consulProps)});
new VaultOidcStack(app, 'people', ${JSON.stringify(peopleProps)});
app.synth();
`;
  return writeFile(join(project, 'main.ts'), main);
}

/** A stack's JSON without what says which library made it, and where the state is. */
function comparable(json: unknown): object {
  const { terraform, ...rest } = json as { terraform: { backend?: object }; '//': { metadata: { version?: string } } };
  const { backend: _, ...providers } = terraform;
  const { version: __, ...metadata } = rest['//'].metadata;
  return { ...rest, '//': { ...rest['//'], metadata }, terraform: providers };
}

async function expectSameJson(project: string): Promise<void> {
  const ours = await synthesise((app) => {
    new VaultJwtStack(app, 'login', props);
    new ConsulJwtStack(app, 'consul', consulProps);
    new VaultOidcStack(app, 'people', peopleProps);
  });
  for (const [index, stack] of ['login', 'consul', 'people'].entries()) {
    const theirs: unknown = JSON.parse(await readFile(join(project, `cdktf.out/stacks/${stack}/cdk.tf.json`), 'utf8'));
    expect(comparable(theirs)).toEqual(comparable(ours[index]?.json));
  }
}

describe.each(['cdktf', 'cdktn'] as const)('with %s, a copied stack', (library) => {
  test('compiles in the stock CommonJS project, and ts-node synthesises the same JSON', async () => {
    const project = join(folder, projects[library]);
    await writeMain(project, library, '');
    await run(project, 'tsc --noEmit');
    await run(project, 'ts-node main.ts');
    await expectSameJson(project);
  }, 60_000);

  test('compiles in an ESM project, node synthesises the same JSON, and its tests pass', async () => {
    const project = await esmProject(library);
    await run(project, 'tsc');
    await run(project, 'node out/main.js');
    await expectSameJson(project);
    const { stdout } = await run(project, 'vitest run --no-isolate --exclude out --reporter=json');
    expect(JSON.parse(stdout)).toMatchObject({ success: true, numFailedTests: 0 });
  }, 300_000);
});

test('copied tests pass in the stock CommonJS project, too', async () => {
  const { stdout } = await run(join(folder, projects.cdktf), 'vitest run stacks/ consul/ people/ --reporter=json');
  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 15 });
}, 60_000);

describe('the first test of README.md compiles', () => {
  const source = fileURLToPath(new URL('../first-login.test.ts', import.meta.url));
  const cases = [
    ['commonjs', '--target es2018 --lib es2018 --module commonjs'],
    ['commonjs', '--target es2022 --module commonjs --moduleResolution node10'],
    ['commonjs', '--target es2022 --module preserve --moduleResolution bundler'],
    ['module', '--target es2022 --module esnext --moduleResolution bundler'],
    ['module', '--target es2022 --module node16 --moduleResolution node16'],
    ['module', '--target es2022 --module nodenext'],
  ] as const;
  const nameOf = (type: string, options: string): string => `first ${type} ${options}`.replaceAll(' ', '_');
  let built: readonly string[];

  /** A project with the packages of the stock one. */
  async function project([type, options]: (typeof cases)[number]): Promise<void> {
    const path = join(folder, nameOf(type, options));
    await mkdir(path);
    await writeFile(join(path, 'package.json'), JSON.stringify({ type }));
    await symlink(join(folder, projects.cdktf, 'node_modules'), join(path, 'node_modules'));
    await cp(source, join(path, 'first-login.test.ts'));
    const given = [...options.matchAll(/--(\w+) (\w+)/g)].map(([, name = '', value]) => [
      name,
      name === 'lib' ? [value] : value,
    ]);
    const compilerOptions = { noEmit: true, strict: true, skipLibCheck: true, ...Object.fromEntries(given) };
    await writeFile(join(path, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['first-login.test.ts'] }));
  }

  // One compiler for all of them parses once what they share.
  beforeAll(async () => {
    if (missing !== undefined) return;
    await Promise.all(cases.map(project));
    const names = cases.map(([type, options]) => nameOf(type, options));
    const tsc = join(folder, projects.cdktf, 'node_modules/.bin/tsc');
    const { stdout } = await run(folder, `${tsc} --build --verbose ${names.join(' ')}`).catch((error: ExecaError) => {
      if (String(error.stdout).includes('error TS')) return error;
      throw error;
    });
    built = String(stdout).split("Building project '");
  }, 60_000);

  test.each(cases)('in a project of type %s with %s', (type, options) => {
    const begin = join(folder, nameOf(type, options), 'tsconfig.json');
    const [said, ...others] = built.filter((text) => text.startsWith(begin));
    expect([said, others]).toEqual([expect.not.stringContaining('error TS'), []]);
  });
});

describe('the installed package', () => {
  const isStack = (path: string): boolean => path.startsWith('./stacks/');

  test('has stacks and presets that do nothing when they are imported', async () => {
    const project = join(folder, projects.cdktf);
    const manifest = await readFile(join(project, 'node_modules/vaultproof/package.json'), 'utf8');
    const { exports } = JSON.parse(manifest) as { readonly exports: Readonly<Record<string, unknown>> };
    const imports = Object.keys(exports)
      .filter(isStack)
      .map((path) => `await import('vaultproof${path.slice(1)}');`);
    await writeFile(join(project, 'imports.mjs'), imports.join('\n'));
    const { stdout, stderr } = await run(project, 'node imports.mjs');
    expect(imports).toHaveLength(32);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
  });

  test('names the types of what a preset makes, for a project that writes declarations', async () => {
    const project = join(folder, projects.cdktf);
    const source = `import { consulNomad } from 'vaultproof/stacks/presets/consul-nomad';
import { githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';

const where = { repositoryId: '74', ref: 'refs/heads/main' };
export const backend = githubActions();
export const role = githubActionsRole({ roleName: 'deploy', audience: 'vault', tokenPolicies: ['deploy'], ...where });
export const nomad = consulNomad({ namespaces: ['prod'] });
`;
    await writeFile(join(project, 'presets.mts'), source);
    await run(project, 'tsc --strict --skipLibCheck --target es2022 --module nodenext --declaration presets.mts');
    const declared = await readFile(join(project, 'presets.d.mts'), 'utf8');
    expect(declared).toContain('backend: import("vaultproof/stacks/presets/');
    expect(declared).not.toContain('node_modules');
  }, 60_000);
});

test('the test of docs/jest.md passes', async () => {
  const path = join(folder, projects.cdktf);
  await cp(fileURLToPath(new URL('../../fixtures/jest/', import.meta.url)), join(path, 'with-jest'), {
    recursive: true,
  });
  const { stdout } = await run(
    path,
    `NODE_OPTIONS=--experimental-vm-modules jest --config '{"testEnvironment":"node"}' --json with-jest/`,
  );
  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 1 });
}, 60_000);

test('the tests of docs/jest.md that lease pass', async () => {
  const path = join(folder, projects.cdktf);
  await cp(fileURLToPath(new URL('../../fixtures/jest-pool/', import.meta.url)), join(path, 'with-jest-pool'), {
    recursive: true,
  });
  const pool = { start: '<rootDir>/with-jest-pool/start-pool.js', stop: '<rootDir>/with-jest-pool/stop-pool.js' };
  const config = JSON.stringify({ testEnvironment: 'node', globalSetup: pool.start, globalTeardown: pool.stop });
  const { stdout } = await run(
    path,
    `NODE_OPTIONS=--experimental-vm-modules jest --config '${config}' --json with-jest-pool/`,
  );
  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 2 });
}, 60_000);

test('the test of docs/node-test.md passes', async () => {
  const path = join(folder, projects.cdktf, 'with-node-test');
  await cp(fileURLToPath(new URL('../../fixtures/node-test/', import.meta.url)), path, { recursive: true });
  await writeFile(join(path, 'package.json'), '{"type":"module"}');
  const { stdout } = await run(path, 'node --test --test-reporter=tap');
  expect(stdout).toContain('# pass 2\n# fail 0\n');
}, 60_000);

test('the tests of docs/node-test.md that lease pass', async () => {
  const path = join(folder, projects.cdktf, 'with-node-test-pool');
  await cp(fileURLToPath(new URL('../../fixtures/node-test-pool/', import.meta.url)), path, { recursive: true });
  await writeFile(join(path, 'package.json'), '{"type":"module"}');
  const { stdout } = await run(path, 'node run-tests.js --test-reporter=tap');
  expect(stdout).toContain('# pass 2\n# fail 0\n');
}, 60_000);
