import { expect, test } from 'vitest';
import { logTail } from '../../../harness/servers/start-server.js';

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n');

test('the end of a log is its last 20 lines', () => {
  const tail = logTail(`${lines(30)}\n\n`, []).split('\n');
  expect(tail).toHaveLength(20);
  expect(tail[0]).toBe('line 11');
  expect(tail[19]).toBe('line 30');
});

test('the end of a log is as long as it is asked for', () => {
  expect(logTail(lines(30), [], 2)).toBe('line 29\nline 30');
});

test.each(['', '\n', '  \n\n'])('the end of a log of %j says that there is none', (log) => {
  expect(logTail(log, [])).toBe('(it wrote nothing)');
});

test('a secret is struck out wherever it stands', () => {
  expect(logTail('token=s3cret s3cret\n"s3cret"', ['s3cret'])).toBe('token=(struck out) (struck out)\n"(struck out)"');
});

test('what a dev server prints for its user is struck out, though nobody knows it', () => {
  expect(logTail('Unseal Key: abc=\nRoot Token: hvs.xyz\n  Unseal Key 1 (will be kept): def=', [])).toBe(
    'Unseal Key: (struck out)\nRoot Token: (struck out)\n  Unseal Key 1 (will be kept): (struck out)',
  );
});
