import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { progressOf } from '../../../harness/binaries/settings.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Says how far something is every 100 ms for 31 s. */
function sayFor31Seconds(say: (line: string) => void): void {
  for (let tenth = 0; tenth <= 310; tenth += 1) {
    say(`${tenth * 100} ms`);
    vi.advanceTimersByTime(100);
  }
}

test('a report that is a plain function hears every 15 s how far something is', () => {
  const lines: string[] = [];
  sayFor31Seconds(progressOf((line) => lines.push(line)));
  expect(lines).toEqual(['0 ms', '15000 ms', '30000 ms']);
});

test('a report with a method for progress hears it there, twice a second', () => {
  const lines: string[] = [];
  const progress: string[] = [];
  const report = Object.assign((line: string) => lines.push(line), { progress: (line: string) => progress.push(line) });
  sayFor31Seconds(progressOf(report));
  expect(lines).toEqual([]);
  expect(progress).toHaveLength(63);
  expect(progress.slice(0, 3)).toEqual(['0 ms', '500 ms', '1000 ms']);
});
