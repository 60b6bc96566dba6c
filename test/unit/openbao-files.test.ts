import { expect, test } from 'vitest';
import { filesIn, read } from './docs/markdown.js';

const parts = read('test/openbao-files')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const files = filesIn('test/integration/', '.test.ts');

test('every test whose outcome depends on the product runs on OpenBao, too', () => {
  const differing = files.filter((path) => /\b(?:ofProduct|requiresOfVault|lackOfVault)\(/.test(read(path)));
  expect(differing.length).toBeGreaterThan(10);
  expect(differing.filter((path) => !parts.some((part) => path.includes(part)))).toEqual([]);
});

test('every line of the list names a test', () => {
  expect(parts.filter((part) => !files.some((path) => path.includes(part)))).toEqual([]);
});
