import { inspect } from 'node:util';
import { printableLine } from './printable.js';

/**
 * Has an object print as one line that says what it is, by `util.inspect`, JSON, and the printers of Vitest, Jest and Chai,
 * and keeps secrets from what enumerates its fields. They can still be read by name.
 * @param line made when it is printed, such as `VaultSession(role payments, 300 s)`; without a secret in it
 * @param hidden fields that are not enumerable from now on, which a spread leaves out
 * @returns the same object
 *
 * @example
 * printedAs({ url, token }, () => `AdminAccess(${url})`, ['token']);
 */
export function printedAs<Type extends object>(
  object: Type,
  line: () => string,
  hidden: readonly (keyof Type)[] = [],
): Type {
  for (const name of hidden) Object.defineProperty(object, name, { enumerable: false });
  const printer = { value: () => printableLine(line()), enumerable: false };
  return Object.defineProperties(object, { [inspect.custom]: printer, toJSON: printer });
}
