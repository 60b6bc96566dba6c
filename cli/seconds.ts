import { UsageError } from '../errors/index.js';

/**
 * The value of an option that is a time in seconds.
 * @throws UsageError for what is not a whole number
 */
export function seconds(option: string, value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new UsageError(`--${option} must be a whole number of seconds, not "${value}"`);
}
