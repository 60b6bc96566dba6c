import { text } from './arguments.js';

const SECONDS: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  // The micro sign, and the Greek letter.
  '\u00b5s': 1e-6,
  '\u03bcs': 1e-6,
  ns: 1e-9,
};
const PART = /(\d+\.?\d*|\.\d+)(h|ms|us|\u00b5s|\u03bcs|ns|m|s)/g;
const NONE = 'expected a duration such as "30m" or "1h30m"';

/** A duration as Go writes it; the text stays. */
export const goDuration = text.refine((source) => secondsOf(source) !== undefined, NONE);

/** The same in seconds: what is written as `1m` and as `60s` is the same to Consul's provider. */
export const durationInSeconds = text.transform((source, context) => {
  const seconds = secondsOf(source);
  if (seconds === undefined) context.addIssue({ code: 'custom', message: NONE });
  return `${seconds}s`;
});

/** @see https://pkg.go.dev/time#ParseDuration */
function secondsOf(source: string): number | undefined {
  const unsigned = source.replace(/^[+-]/, '');
  if (unsigned === '0') return 0;
  const parts = [...unsigned.matchAll(PART)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== unsigned) return undefined;
  const sum = parts.reduce((total, [, count, unit = '']) => total + Number(count) * (SECONDS[unit] ?? 0), 0);
  return source.startsWith('-') ? -sum : sum;
}
