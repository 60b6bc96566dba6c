import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { prepared } from '../support/prepared.js';
import { temporaryFolder } from '../support/temporary-folder.js';

test('startEnvironment() loads fewer than 110 of our files', async () => {
  const folder = await temporaryFolder();
  const sources = dirname(dirname(prepared().cli));
  const program = `
    const { startEnvironment } = await import(${JSON.stringify(join(sources, 'harness/environment.js'))});
    const environment = await startEnvironment();
    await environment.stop();`;
  // V8 lists what it has run when it reports its coverage.
  await execa(process.execPath, ['--input-type=module', '--eval', program], { env: { NODE_V8_COVERAGE: folder } });
  const reports = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  const urls = reports.flatMap((report) => (JSON.parse(report) as { result: { url: string }[] }).result);
  const ours = new Set(urls.map(({ url }) => url).filter((url) => url.startsWith(`file://${sources}/`)));
  expect(ours.size).toBeGreaterThan(60);
  expect(ours.size).toBeLessThan(110);
});
