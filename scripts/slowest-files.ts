import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

interface Report {
  readonly testResults: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[];
}

const COUNT = 15;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(7)} s`;

// Where the time of a run goes, from the reports that `vitest --reporter=json` wrote.
const files = process.argv.slice(2).flatMap((path) => {
  const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as Report;
  return testResults.map(({ name, startTime, endTime }) => ({ name, ms: endTime - startTime }));
});
const slowest = files.sort((a, b) => b.ms - a.ms).slice(0, COUNT);
const total = files.reduce((sum, { ms }) => sum + ms, 0);
process.stdout.write(
  [
    `the slowest of ${files.length} files:`,
    ...slowest.map(({ name, ms }) => `${seconds(ms)}  ${relative(process.cwd(), name)}`),
    `${seconds(total)}  all of them, added up`,
    '',
  ].join('\n'),
);
