import { describe, expect, it } from 'vitest';
import { KeyedMutex, Mutex } from '../../../internal/mutex.js';

/** A task that ends when it is told to, and what it did. */
function task(log: string[], name: string) {
  let end = (): void => {};
  let fail = (): void => {};
  const promise = new Promise<string>((resolve, reject) => {
    end = () => resolve(name);
    fail = () => reject(new Error(name));
  });
  const run = async (): Promise<string> => {
    log.push(`${name} begins`);
    return promise.finally(() => log.push(`${name} ends`));
  };
  return { run, end, fail };
}

describe('Mutex', () => {
  it('runs the first task at once and the second after it', async () => {
    const log: string[] = [];
    const [first, second] = [task(log, 'first'), task(log, 'second')];
    const mutex = new Mutex();
    const both = [mutex.run(first.run), mutex.run(second.run)];
    expect(log).toEqual(['first begins']);
    second.end();
    first.end();
    expect(await Promise.all(both)).toEqual(['first', 'second']);
    expect(log).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });

  it('runs the next task after one that failed, and passes the failure on', async () => {
    const log: string[] = [];
    const [first, second] = [task(log, 'first'), task(log, 'second')];
    const mutex = new Mutex();
    const both = [mutex.run(first.run), mutex.run(second.run)];
    first.fail();
    second.end();
    await expect(both[0]).rejects.toThrow('first');
    await expect(both[1]).resolves.toBe('second');
  });

  it('is idle once the last task has failed', async () => {
    const only = task([], 'only');
    const mutex = new Mutex();
    const failed = expect(mutex.run(only.run)).rejects.toThrow('only');
    only.fail();
    await expect(mutex.idle()).resolves.toBeUndefined();
    await failed;
  });
});

describe('KeyedMutex', () => {
  it('runs tasks of different keys side by side, and those of one key in order', async () => {
    const log: string[] = [];
    const [a, next, b] = [task(log, 'a'), task(log, 'next a'), task(log, 'b')];
    const mutex = new KeyedMutex();
    const all = [mutex.run('a', a.run), mutex.run('a', next.run), mutex.run('b', b.run)];
    expect(log).toEqual(['a begins', 'b begins']);
    for (const one of [b, a, next]) one.end();
    await Promise.all([...all, mutex.idle()]);
    expect(log.filter((line) => line.includes(' a') || line.startsWith('a'))).toEqual([
      'a begins',
      'a ends',
      'next a begins',
      'next a ends',
    ]);
  });
});
