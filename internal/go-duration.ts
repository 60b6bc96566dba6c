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

/**
 * The seconds of a duration as Go writes it, which Vault, Consul and Terraform's providers take.
 *
 * @returns undefined for a string that is no duration
 * @example
 * goDurationInSeconds('1h30m'); // 5400
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function goDurationInSeconds(source: string): number | undefined {
  const unsigned = source.replace(/^[+-]/, '');
  if (unsigned === '0') return 0;
  const parts = [...unsigned.matchAll(PART)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== unsigned) return undefined;
  const sum = parts.reduce((total, [, count, unit = '']) => total + Number(count) * (SECONDS[unit] ?? 0), 0);
  return source.startsWith('-') ? -sum : sum;
}
