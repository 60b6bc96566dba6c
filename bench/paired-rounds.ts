import type { Comparison, Target } from './measurement.js';

/** What one comparison came to; every figure is rounded to two places. */
export interface ComparisonResult {
  readonly name: string;
  readonly baseline: string;
  readonly unit: Comparison['unit'];
  readonly rounds: number;
  /** The median of each side. */
  readonly ours: number;
  readonly theirs: number;
  /** Of the ratios ours / theirs of each round: a slow moment of the machine hits both sides of a round. */
  readonly ratio: { readonly median: number; readonly min: number; readonly max: number };
  /** The median of the differences ours - theirs of each round. */
  readonly difference: number;
  readonly target?: Target;
  /** Whether the target is reached; undefined without one. */
  readonly met?: boolean;
  readonly budgets: readonly Budget[];
  /** `[ours, theirs]` of each round. */
  readonly samples: readonly (readonly [number, number])[];
}

/** What must be kept, and whether it was. */
export interface Budget extends Target {
  readonly met: boolean;
}

/** Runs both sides once to warm up, then in turn for `rounds` rounds; every other round begins with the other side. */
export async function comparePaired(comparison: Comparison, rounds: number): Promise<ComparisonResult> {
  const { name, baseline, unit, target, budgets = [], maxRounds = rounds, ours, theirs } = comparison;
  await ours();
  await theirs();
  const samples: [number, number][] = [];
  for (let round = 0; round < Math.min(rounds, maxRounds); round++) {
    if (round % 2 === 0) {
      const mine = await ours();
      samples.push([mine, await theirs()]);
    } else {
      const other = await theirs();
      samples.push([await ours(), other]);
    }
  }
  const mine = rounded(median(samples.map(([own]) => own)));
  const ratios = samples.map(([mine, other]) => mine / other);
  const ratio = {
    median: rounded(median(ratios)),
    min: rounded(Math.min(...ratios)),
    max: rounded(Math.max(...ratios)),
  };
  const aim: Target | undefined =
    typeof target === 'number' ? { of: 'ratio', limit: 'at most', value: target } : target;
  return {
    name,
    baseline,
    unit,
    rounds: samples.length,
    ours: mine,
    theirs: rounded(median(samples.map(([, other]) => other))),
    ratio,
    difference: rounded(median(samples.map(([mine, other]) => mine - other))),
    ...(aim && { target: aim, met: isMet(aim, ratio.median, mine) }),
    budgets: budgets.map((budget) => ({ ...budget, met: isMet(budget, ratio.median, mine) })),
    samples: samples.map(([mine, other]) => [rounded(mine), rounded(other)]),
  };
}

function isMet({ of, limit, value }: Target, ratio: number, ours: number): boolean {
  const reached = of === 'ratio' ? ratio : ours;
  return limit === 'at most' ? reached <= value : reached >= value;
}

/** The middle of some numbers, of which there is at least one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  const lower = Math.ceil(sorted.length / 2) - 1;
  return ((sorted[lower] ?? Number.NaN) + (sorted[upper] ?? Number.NaN)) / 2;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
