import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { fileLines, textLines } from '../../../harness/engines/log-lines.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

let file: string;
beforeEach(async () => {
  file = join(await temporaryFolder(), 'server.log');
});

test('a log is read line by line, from where it was read to', async () => {
  await writeFile(file, 'first\nsecond\n');
  const { lines, next } = await fileLines(file, 0);
  expect(lines).toEqual(['first', 'second']);
  expect(await fileLines(file, next)).toEqual({ lines: [], next });
  // What was read is not read again.
  await writeFile(file, 'FIRST\nSECOND\nthird\n');
  expect(await fileLines(file, next)).toEqual({ lines: ['third'], next: 19 });
});

test('a line that was read in part is read as a whole once it has ended, whatever characters it has', async () => {
  const line = Buffer.from('übermorgen €\n');
  await writeFile(file, 'first\n');
  const read: string[] = [];
  let next = 0;
  for (const byte of line) {
    await appendFile(file, Uint8Array.of(byte));
    const some = await fileLines(file, next);
    read.push(...some.lines);
    next = some.next;
  }
  expect(read).toEqual(['first', 'übermorgen €']);
});

test('a log that is not there, or no longer, has no lines', async () => {
  expect(await fileLines(file, 0)).toEqual({ lines: [], next: 0 });
  expect(await fileLines(file, 12)).toEqual({ lines: [], next: 12 });
});

test('a log that is at hand as a whole is read in the same way', () => {
  expect(textLines('€ first\nsec', 0)).toEqual({ lines: ['€ first'], next: 8 });
  expect(textLines('€ first\nsecond\n', 8)).toEqual({ lines: ['second'], next: 15 });
  expect(textLines('', 15)).toEqual({ lines: [], next: 15 });
});
