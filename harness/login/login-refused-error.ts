import { type ErrorCode, VaultproofError } from '../../errors/index.js';

/** What is known of a refused login. */
export interface Refusal {
  /** Which check failed. */
  readonly code: ErrorCode;
  /** What the server's configuration asks for; undefined where it could not be read or nothing is compared. */
  readonly expected?: unknown;
  /** What the token carries there. */
  readonly found?: unknown;
  /** The server's own words. */
  readonly serverMessage: string;
  /** The HTTP status of the refusal. */
  readonly status: number;
  /** The role that was asked for, if any. */
  readonly role: string | undefined;
}

/** A login that the server refused, with the check that failed as `code`. It never carries the token. */
export class LoginRefusedError extends VaultproofError {
  override readonly name: string = 'LoginRefusedError';
  readonly expected: unknown;
  readonly found: unknown;
  readonly serverMessage: string;
  readonly status: number;
  readonly role: string | undefined;

  constructor(refusal: Refusal) {
    const { code, expected, found, serverMessage, status, role } = refusal;
    const compared = [
      expected === undefined ? [] : [`expected ${JSON.stringify(expected)}`],
      found === undefined ? [] : [`found ${JSON.stringify(found)}`],
    ].flat();
    const comparison = compared.length === 0 ? '' : ` (${compared.join(', ')})`;
    super(code, `login refused: ${code}${comparison}; the server said: ${serverMessage}`, {
      details: { expected, found, serverMessage, status, role },
    });
    this.expected = expected;
    this.found = found;
    this.serverMessage = serverMessage;
    this.status = status;
    this.role = role;
  }
}
