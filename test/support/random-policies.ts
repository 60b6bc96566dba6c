import type { Random } from './random.js';

const SEGMENTS = ['a', 'b', 'ab', 'abc', 'é', '+x', 'a+', '*', 'a*b'];

/** A path that a policy may have, made of few segments, so that many hold for one request. */
export function randomPattern(random: Random, first: readonly string[] = [], deepest = 4): string {
  const count = 1 + random.below(deepest);
  const segments = Array.from({ length: count }, () => {
    if (random.oneIn(4)) return '+';
    return random.oneIn(12) ? '' : random.pick(SEGMENTS.slice(0, random.oneIn(5) ? undefined : 4));
  });
  const path = [...first, ...segments].join('/');
  const whole = random.oneIn(20) ? `/${path}` : path;
  // "+*" is refused.
  return random.oneIn(3) && !whole.endsWith('+') ? `${whole}*` : whole;
}

/** The path of a request, which holds for some of the patterns. */
export function randomPath(random: Random, first: readonly string[] = [], deepest = 4): string {
  const count = 1 + random.below(deepest);
  const segments = Array.from({ length: count }, () =>
    random.oneIn(15) ? '' : random.pick(SEGMENTS.slice(0, random.oneIn(5) ? undefined : 4)),
  );
  return `${[...first, ...segments].join('/')}${random.oneIn(4) ? '/' : ''}`;
}

/** Some of a list, in its order. */
export function some<Item>(random: Random, items: readonly Item[]): Item[] {
  return items.filter(() => random.oneIn(3));
}
