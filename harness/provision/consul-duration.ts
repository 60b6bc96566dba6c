import { text } from './arguments.js';

const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };
const PART = /(\d+(?:\.\d*)?)(h|ms|us|µs|ns|m|s)/g;

/** A duration as Go writes it, in seconds: what is written as `1m` and as `60s` is the same. */
export const consulDuration = text.transform((source, context) => {
  const parts = [...source.matchAll(PART)];
  if (source === '0' || (parts.length > 0 && parts.map(([part]) => part).join('') === source)) {
    return `${parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (SECONDS[unit] ?? 0), 0)}s`;
  }
  context.addIssue({ code: 'custom', message: `"${source}" is not a duration such as "30m" or "1h30m"` });
  return source;
});
