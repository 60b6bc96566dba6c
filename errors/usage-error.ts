import { printable } from '../internal/printable.js';
import { withoutPasswords } from '../internal/shown-url.js';

/**
 * Thrown for invalid arguments: an unknown option, a value out of range. It is a TypeError like those of the language, and
 * a class of its own so that the command line can tell it from a bug.
 */
export class UsageError extends TypeError {
  /** @param message is kept as {@link printable} text without the passwords of URLs */
  constructor(message: string, options?: ErrorOptions) {
    super(printable(withoutPasswords(message)), options);
  }
}
