import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { prepared } from '../support/prepared.js';
import { temporaryFolder } from '../support/temporary-folder.js';

test('startEnvironment() loads fewer than 110 of our files', async () => {
  const { ours } = await loadedBy(
    'harness/start-environment.js',
    '({ startEnvironment }) => startEnvironment().then((environment) => environment.stop())',
  );
  expect(ours.length).toBeGreaterThan(60);
  expect(ours.length).toBeLessThan(110);
});

test('importing vaultproof loads fewer than 70 of our files, and one small package', async () => {
  const { ours, packages } = await loadedBy('harness/index.js');
  expect(ours.length).toBeGreaterThan(30);
  expect(ours.length).toBeLessThan(70);
  expect(packages.map((url) => url.replace(/.*\/node_modules\//, ''))).toEqual(['leven/index.js']);
});

/** The files that are loaded when a file is imported, and a function called with it: ours by their paths, and those of packages. */
async function loadedBy(file: string, call = '() => {}') {
  const folder = await temporaryFolder();
  const sources = `file://${dirname(dirname(prepared().cli))}/`;
  const program = `await (${call})(await import(${JSON.stringify(sources + file)}));`;
  // V8 lists what it has run when it reports its coverage.
  await execa(process.execPath, ['--input-type=module', '--eval', program], { env: { NODE_V8_COVERAGE: folder } });
  const reports = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  const results = reports.flatMap((report) => (JSON.parse(report) as { result: { url: string }[] }).result);
  const urls = [...new Set(results.map(({ url }) => url))];
  return {
    ours: urls.filter((url) => url.startsWith(sources)).map((url) => url.slice(sources.length)),
    packages: urls.filter((url) => url.includes('/node_modules/')),
  };
}
