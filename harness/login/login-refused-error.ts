import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import { describeRule, type TriedBindingRule } from './consul-binding-rules.js';

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
  /** The role that was asked for, if any; Vault alone has them. */
  readonly role: string | undefined;
  /** Consul's auth method. */
  readonly method?: string | undefined;
  /** Consul's binding rules, where they are what refused the login and could be read. */
  readonly rules?: readonly TriedBindingRule[] | undefined;
}

/** A login that the server refused, with the check that failed as `code`. It never carries the token. */
export class LoginRefusedError extends VaultproofError {
  override readonly name: string = 'LoginRefusedError';
  readonly expected: unknown;
  readonly found: unknown;
  readonly serverMessage: string;
  readonly status: number;
  readonly role: string | undefined;
  /** The auth method that was asked for; Consul alone has its name. */
  readonly method: string | undefined;
  /** The binding rules that were tried, and what each saw; Consul alone has them. */
  readonly rules: readonly TriedBindingRule[] | undefined;

  constructor(refusal: Refusal) {
    const { code, expected, found, serverMessage, status, role, method, rules } = refusal;
    const compared = [
      expected === undefined ? [] : [`expected ${JSON.stringify(expected)}`],
      found === undefined ? [] : [`found ${JSON.stringify(found)}`],
    ].flat();
    const comparison = compared.length === 0 ? '' : ` (${compared.join(', ')})`;
    const tried =
      rules === undefined ? '' : `; tried ${rules.map(describeRule).join(' | ') || 'no binding rule at all'}`;
    super(code, `login refused: ${code}${comparison}${tried}; the server said: ${serverMessage}`, {
      details: {
        ...{ expected, found, serverMessage, status, role },
        ...(method === undefined ? {} : { method }),
        ...(rules === undefined ? {} : { rules }),
      },
    });
    this.expected = expected;
    this.found = found;
    this.serverMessage = serverMessage;
    this.status = status;
    this.role = role;
    this.method = method;
    this.rules = rules;
  }
}
