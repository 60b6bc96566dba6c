import { UsageError } from '../errors/index.js';
import { hint } from '../internal/did-you-mean.js';

/**
 * What to say of a name that there is not: the one that was meant, or all that there are.
 * @param what what is named, such as `preset`
 * @returns such as `unknown preset "gihub-actions": did you mean "github-actions"?`
 */
export function unknownName(what: string, name: string, known: readonly string[]): string {
  return `unknown ${what} "${name}": ${hint(name, known)}`;
}

/**
 * The value of an option that is a time in seconds.
 * @throws UsageError for what is not a whole number
 */
export function seconds(option: string, value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new UsageError(`--${option} must be a whole number of seconds, not "${value}"`);
}
