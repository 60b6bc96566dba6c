import type { PathPattern } from './path-pattern.js';

/** A segment that is `+`, and a `*` at the end. */
const SEGMENT = Symbol('+');
const REST = Symbol('*');

type Step = string | typeof SEGMENT | typeof REST;

/** More kinds of paths are not gone through. */
const MOST = 20_000;

/**
 * A path of every kind that patterns tell apart: two paths that match the same patterns in the same way, and whose folders do, are of one
 * kind. Paths that match none are left out, and so are those with an empty segment, which no client asks for.
 * @returns undefined where there are too many
 *
 * @example
 * pathsToldApart([pathPattern('kv/*'), pathPattern('kv/a')]); // ['kv/a', 'kv/x', ...]
 */
export function pathsToldApart(patterns: readonly PathPattern[]): readonly string[] | undefined {
  const all = patterns.map(stepsOf);
  const named = new Set(all.flat());
  const fresh = ['x', 'y', 'z', 'q', 'w'].find((one) => !named.has(one)) ?? String.fromCodePoint(0x3b1);
  const start = all.map(() => 0);
  const queue: { readonly path: string; readonly places: readonly number[] }[] = [{ path: '', places: start }];
  const seen = new Set<string>();
  const paths: string[] = [];
  for (const { path, places } of queue) {
    if (queue.length > MOST) return undefined;
    if (path !== '' && !path.endsWith('/')) paths.push(path);
    const isAtSegment = path === '' || path.endsWith('/');
    const next = new Set(all.flatMap((steps, index) => expected(steps[places[index] ?? DEAD], fresh)));
    for (const [index, steps] of all.entries()) {
      // A "+" may end here, as the whole path or as a segment.
      if (steps[places[index] ?? DEAD] === SEGMENT) next.add('/');
    }
    if (isAtSegment) next.delete('/');
    for (const character of next) {
      const moved = all.map((steps, index) => move(steps, places[index] ?? DEAD, character));
      if (moved.every((place) => place === DEAD)) continue;
      const key = `${moved.join()}${character === '/' ? `|${places.join()}` : ''}`;
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({ path: path + character, places: moved });
    }
  }
  return paths;
}

const DEAD = -1;
const WHOLE_SEGMENT: readonly Step[] = [SEGMENT];

function stepsOf({ kind, text, isPrefix, segments }: PathPattern): readonly Step[] {
  const stepsIn = (segment: string): readonly Step[] => (segment === '+' ? WHOLE_SEGMENT : [...segment]);
  const steps: readonly Step[] =
    kind === 'segments'
      ? segments.flatMap((segment, index) => (index === 0 ? stepsIn(segment) : ['/', ...stepsIn(segment)]))
      : [...text];
  return isPrefix ? [...steps, REST] : steps;
}

function expected(step: Step | undefined, fresh: string): string[] {
  if (step === undefined) return [];
  if (step === REST) return [fresh, '/'];
  return step === SEGMENT ? [fresh] : [step];
}

function move(steps: readonly Step[], place: number, character: string): number {
  const step = steps[place];
  if (step === undefined) return DEAD;
  if (step === REST) return place;
  if (step !== SEGMENT) return step === character ? place + 1 : DEAD;
  if (character !== '/') return place;
  return steps[place + 1] === '/' ? place + 2 : DEAD;
}
