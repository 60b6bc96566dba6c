import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { presetNames, stackNames } from '../../cli/add/sources.js';
import { bePatient } from '../support/patience.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { filesIn, read, root } from '../unit/docs/markdown.js';

bePatient();

const require = createRequire(import.meta.url);

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly typesVersions: { readonly '*': Readonly<Record<string, readonly string[]>> };
}

const { exports, typesVersions } = JSON.parse(read('package.json')) as Manifest;

/** Such as `stacks/vault-jwt`. */
const exported = Object.keys(exports)
  .filter((path) => path.startsWith('./stacks/'))
  .map((path) => path.slice('./'.length));

const presets = [...presetNames('vault-jwt'), ...presetNames('consul-jwt').map((name) => `consul-${name}`)];

test('the package exports every stack, every preset and the rules of policies by name, and nothing else of stacks/', () => {
  const names = [...stackNames(), 'policy', ...presets.map((name) => `presets/${name}`)];
  expect([...exported].sort()).toEqual(names.map((name) => `stacks/${name}`).sort());
});

test('every export has its types, for resolvers that read no exports, too', () => {
  const files = exported.map((path) => ({ types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` }));
  expect(exported.map((path) => exports[`./${path}`])).toEqual(files);
  const listed = Object.entries(typesVersions['*']).filter(([path]) => path.startsWith('stacks/'));
  expect(listed).toEqual(exported.map((path) => [path, [`./dist/${path}.d.ts`]]));
});

test('what is not exported cannot be imported from the package', () => {
  const closed = filesIn('stacks/', '.ts')
    .map((path) => path.replace(/\.ts$/, ''))
    .filter((path) => !exported.includes(path));
  expect(closed).toContain('stacks/main');
  for (const path of closed) {
    expect(() => require.resolve(`vaultproof/${path}`), path).toThrow(
      expect.objectContaining({ code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' }),
    );
  }
});

test('importing what is exported prints nothing, writes nothing and leaves nothing running', async () => {
  const cwd = await temporaryFolder();
  const imports = exported.map((path) => `await import(${JSON.stringify(`${root}${path}.ts`)});`);
  const program = ['--import', require.resolve('tsx'), '--input-type=module', '--eval', imports.join('\n')];
  const { stdout, stderr, exitCode } = await execa(process.execPath, program, { cwd, reject: false });
  expect({ stdout, stderr, exitCode }).toEqual({ stdout: '', stderr: '', exitCode: 0 });
  expect(await readdir(cwd)).toEqual([]);
});

const pages = ['README.md', ...filesIn('docs/', '.md')];

test.each(exported)('the documentation says where %s is imported from', (path) => {
  const preset = /^stacks\/presets\/(.+)/.exec(path)?.[1];
  // The tables of docs/presets.md have the folder in their head.
  const isInTable = preset !== undefined && read('docs/presets.md').includes(` in \`${preset}\` |`);
  expect(isInTable || pages.some((page) => new RegExp(`vaultproof/${path}['\`]`).test(read(page)))).toBe(true);
});

test('the documentation, tests and benchmarks import nothing else of stacks/ from the package', () => {
  const texts = [...pages, ...['test/', 'bench/'].flatMap((folder) => filesIn(folder, '.ts'))].map(read);
  const imported = texts.flatMap((text) => [...text.matchAll(/'vaultproof\/(stacks\/[\w/-]+)'/g)]);
  expect(imported.map(([, path = '']) => path).filter((path) => !exported.includes(path))).toEqual([]);
});
