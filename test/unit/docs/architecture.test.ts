import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { importsIn } from './imports.js';
import { filesIn, read, root, section, tableRows } from './markdown.js';

const architecture = read('ARCHITECTURE.md');
const sources = ['errors/', 'internal/', 'issuer/', 'stacks/', 'harness/', 'cli/'];
const imports = importsIn(sources);
const ours = imports.filter(({ kind }) => kind === 'ours');

/** The folder that an import rule is about: the second level in harness/, the first elsewhere. */
function ruleOf(path: string): string {
  const [top = '', second = '', third] = path.split('/');
  if (top !== 'harness') return `${top}/`;
  return third === undefined ? 'harness/*.ts' : `harness/${second}/`;
}

const allowed = new Map(
  tableRows(section(architecture, 'What may import what')).map(([folder = '', imported = '']) => [
    folder.replaceAll('`', ''),
    [...imported.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  ]),
);

test('ARCHITECTURE.md says of every folder what it may import', () => {
  const folders = new Set(sources.flatMap((folder) => filesIn(folder, '.ts')).map(ruleOf));
  expect([...allowed.keys()].sort()).toEqual([...folders].sort());
});

test('a folder imports only what ARCHITECTURE.md allows it to', () => {
  const forbidden = ours.filter(({ from, to }) => {
    const [importing, imported] = [ruleOf(from), ruleOf(to)];
    const names = allowed.get(importing) ?? [];
    return importing !== imported && !names.includes(imported) && !names.includes(to);
  });
  expect(forbidden).toEqual([]);
});

test('ARCHITECTURE.md allows no import that nobody makes', () => {
  const made = new Set(ours.flatMap(({ from, to }) => [ruleOf(to), to].map((name) => `${ruleOf(from)} -> ${name}`)));
  const unused = [...allowed].flatMap(([from, names]) =>
    names.map((name) => `${from} -> ${name}`).filter((rule) => !made.has(rule)),
  );
  expect(unused).toEqual([]);
});

test('a file that may be imported without its folder imports no package', () => {
  const files = [...allowed.values()].flat().filter((name) => /^[^*]+\.ts$/.test(name));
  expect(files).not.toEqual([]);
  for (const file of files) expect(existsSync(root + file)).toBe(true);
  expect(imports.filter(({ kind, from }) => kind === 'package' && files.includes(from))).toEqual([]);
});

test('a room that has an index.ts is imported from outside by that, or by the index.ts of a folder in it, alone', () => {
  const past = ours.filter(({ from, to }) => {
    const room = roomOf(to);
    return existsSync(`${root}${room}/index.ts`) && !from.startsWith(`${room}/`) && basename(to) !== 'index.ts';
  });
  expect(past).toEqual([]);
});

/** The folder that import rules are about: `issuer`, `harness/engines`, and `harness` for the files in it. */
function roomOf(path: string): string {
  const [top = '', second = '', third] = path.split('/');
  return top === 'harness' && third !== undefined ? `harness/${second}` : top;
}

test('no file imports itself by way of others', () => {
  const reach = (from: string, seen = new Set<string>()): Set<string> => {
    for (const { to } of ours.filter((edge) => edge.from === from)) if (!seen.has(to)) reach(to, seen.add(to));
    return seen;
  };
  expect([...new Set(ours.map(({ from }) => from))].filter((path) => reach(path).has(path))).toEqual([]);
});

test('an import names a file that exists', () => {
  expect(ours.filter(({ to }) => !existsSync(root + to))).toEqual([]);
});

test.each([
  ...['cdktf', 'execa', 'hono', 'jose', 'node-vault', 'openpgp', 'proper-lockfile', 'testcontainers'],
  ...['undici', 'yauzl', 'zod'],
])('importing vaultproof does not load %s', (name) => {
  const loaded = new Set(['harness/index.ts']);
  for (const path of loaded) {
    for (const { to } of ours.filter(({ from, when }) => from === path && when === 'at once')) loaded.add(to);
  }
  const packages = imports.filter(
    ({ kind, from, when }) => kind === 'package' && when === 'at once' && loaded.has(from),
  );
  expect(loaded.size).toBeGreaterThan(20);
  expect(packages.filter(({ to }) => to === name)).toEqual([]);
});

test('environment variables are read where docs/how-it-works.md says', () => {
  const places = tableRows(section(read('docs/how-it-works.md'), 'Where environment variables are read')).map(
    ([place = '']) => place.replaceAll('`', ''),
  );
  const readers = sources
    .flatMap((folder) => filesIn(folder, '.ts'))
    .filter((path) => /^(?!\s*(?:\/\/|\*|\/\*)).*\bprocess\.env\b/m.test(read(path)));
  expect(readers.filter((path) => !places.some((place) => path.startsWith(place)))).toEqual([]);
  expect(places.filter((place) => !readers.some((path) => path.startsWith(place)))).toEqual([]);
});

test('the clock of this host is read for tokens and files alone: it may be set while something is waited for', () => {
  const readers = ['cli/', 'harness/', 'internal/']
    .flatMap((folder) => filesIn(folder, '.ts'))
    .filter((path) => /\bDate\.now\(|new Date\(\)/.test(read(path)));
  expect(readers.sort()).toEqual([
    'cli/demo-proofs.ts',
    'cli/token.ts',
    'cli/up.ts',
    'harness/binaries/check-executable.ts',
    'harness/binaries/install.ts',
    'harness/engines/choose-engine.ts',
    'harness/login/time-check.ts',
    'harness/proof/side.ts',
    'internal/atomic-file.ts',
  ]);
});

test('the layout in ARCHITECTURE.md has the folders of the first two levels, and no others', () => {
  const layout = /```text\n(.*?)```/s.exec(section(architecture, 'Layout'))?.[1] ?? '';
  let top = '';
  const named = [...layout.matchAll(/^( *)(\S+\/) +\S/gm)].map(([, indent = '', name = '']) => {
    if (indent !== '') return top + name;
    top = name;
    return name;
  });
  const described = [...sources, 'bench/', 'scripts/', 'test/'];
  const folders = described.flatMap((folder) => [folder, ...foldersIn(folder)]);
  expect(named.toSorted()).toEqual([...folders, 'docs/'].sort());
  expect(layout.trim().split('\n')).toHaveLength(named.length);
});

/** The folders of a folder, with a slash at their ends. */
function foldersIn(folder: string): string[] {
  return (
    readdirSync(root + folder, { withFileTypes: true })
      // `npm run bench` leaves its results there.
      .filter((entry) => entry.isDirectory() && entry.name !== 'results')
      .map(({ name }) => `${folder}${name}/`)
  );
}

test('ARCHITECTURE.md has at most 10,000 bytes', () => {
  expect(Buffer.byteLength(architecture)).toBeLessThanOrEqual(10_000);
});
