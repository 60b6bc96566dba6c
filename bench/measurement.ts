/** Runs one side once and returns what it took or did, in the comparison's unit, without what is left out of the clock. */
export type Sample = () => Promise<number>;

/** What is to be reached: by the median of the ratios ours / theirs, or by our own median in the unit. */
export interface Target {
  readonly of: 'ratio' | 'ours';
  readonly limit: 'at most' | 'at least';
  readonly value: number;
}

/** Two sides that are run in turn: one row of the table. */
export interface Comparison {
  readonly name: string;
  /** What the project is held against, in a few words. */
  readonly baseline: string;
  readonly unit: 'ms' | 'MB' | 'requests' | 'requests/s' | 'tokens/s' | 'logins/s' | 'witnesses/s';
  /** A number is the most that the ratio may be; undefined where there is nothing to reach. */
  readonly target?: number | Target;
  /** What must be kept, where that is not the target: `--budgets` fails where it isn't. */
  readonly budgets?: readonly Target[];
  /** At most so many rounds, for a comparison whose rounds are slow. */
  readonly maxRounds?: number;
  readonly ours: Sample;
  readonly theirs: Sample;
}

/** A measurement whose servers, images and files are at hand. */
export interface PreparedMeasurement extends AsyncDisposable {
  readonly comparisons: readonly Comparison[];
  /** Facts worth knowing beside the figures; asked for after the last round. */
  notes(): readonly string[];
}

/** What the command line says of measurements. */
export interface MeasurementOptions {
  /** How many tests a run of many has. */
  readonly tests: number;
}

/** One file of this folder: what it compares, and how that is made ready. */
export interface Measurement {
  /** The name that `--only` takes. */
  readonly name: string;
  /** @throws SkippedMeasurement where this machine lacks something that need not be there */
  prepare(options: MeasurementOptions): Promise<PreparedMeasurement>;
}

/** This machine can't run a measurement, and that is no failure. */
export class SkippedMeasurement extends Error {}
