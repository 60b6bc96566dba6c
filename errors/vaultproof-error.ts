import { printable } from '../internal/printable.js';
import { withoutPasswords } from '../internal/redaction.js';
import type { ErrorCode } from './codes.js';

/** What a {@link VaultproofError} carries besides its message. */
export interface ErrorContext {
  /** What the error is about: paths, versions, statuses. Never a token, key, password or request body. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * Every failure of this package that is not a mistake in the call (those are a TypeError).
 *
 * @example
 * try { await startVault(); } catch (error) {
 *   if (error instanceof VaultproofError && error.code === 'port_in_use') await startVault({ port: 0 });
 * }
 */
export class VaultproofError extends Error {
  override readonly name: string = 'VaultproofError';
  /** What went wrong, from a closed list; docs/errors.md says what to do about each. */
  readonly code: ErrorCode;
  /** What the error is about, by name. */
  readonly details: Readonly<Record<string, unknown>>;

  /**
   * @param message is kept as {@link printable} text without the passwords of URLs, since it may repeat what others have
   * written; so are the words of the cause
   */
  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(harmless(message), context.cause === undefined ? undefined : { cause: harmlessCause(context.cause) });
    this.code = code;
    this.details = context.details ?? {};
  }

  /** Name, code, message and details, each field once. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, details } = this;
    return { ...details, name, code, message };
  }
}

function harmless(message: string): string {
  return printable(withoutPasswords(message));
}

/** Test runners print causes, too, and a parser's error repeats what it could not read. */
function harmlessCause(cause: unknown): unknown {
  if (!(cause instanceof Error) || harmless(cause.message) === cause.message) return cause;
  const { name, message, stack = '' } = cause;
  return Object.assign(new Error(harmless(message)), { name, stack: harmless(stack) });
}

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
