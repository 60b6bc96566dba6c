import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import type { TriedBindingRule } from './consul-binding.js';
import type { UnmetBound } from './role-bounds.js';

/** What is known of a refused login. */
export interface Refusal {
  /** Which check failed. */
  readonly code: ErrorCode;
  /** The claim that was compared, by the name that the token or the role has for it; undefined where none was. */
  readonly claim?: string | undefined;
  /** What the server's configuration asks for; undefined where it could not be read or nothing is compared. */
  readonly expected?: unknown;
  /** What the token carries there; null for nothing. */
  readonly found?: unknown;
  /** All claims that do not fit Vault's role, where role and token could be read; the server names one of them. */
  readonly claims?: readonly UnmetBound[] | undefined;
  /** What else explains the refusal, in a sentence without its full stop. */
  readonly note?: string | undefined;
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

/**
 * A login that the server refused, with the check that failed as `code`. It never carries the token.
 *
 * @example
 * await expect(env.vault.login({ jwt })).rejects.toMatchObject({ code: 'claim_mismatch', claim: 'repository_id' });
 */
export class LoginRefusedError extends VaultproofError implements Refusal {
  override readonly name: string = 'LoginRefusedError';
  declare readonly details: Readonly<Omit<Refusal, 'code'>> & Readonly<Record<string, unknown>>;

  constructor({ code, ...details }: Refusal) {
    super(code, refusalSentence(code, details), { details: { ...details } });
  }

  get claim(): string | undefined {
    return this.details.claim;
  }

  get expected(): unknown {
    return this.details.expected;
  }

  get found(): unknown {
    return this.details.found;
  }

  get claims(): readonly UnmetBound[] | undefined {
    return this.details.claims;
  }

  get note(): string | undefined {
    return this.details.note;
  }

  get serverMessage(): string {
    return this.details.serverMessage;
  }

  get status(): number {
    return this.details.status;
  }

  get role(): string | undefined {
    return this.details.role;
  }

  get method(): string | undefined {
    return this.details.method;
  }

  get rules(): readonly TriedBindingRule[] | undefined {
    return this.details.rules;
  }
}

/** The message of a refused login: the code and what was compared, what else is known, and the server's words. */
function refusalSentence(code: ErrorCode, refusal: Omit<Refusal, 'code'>): string {
  const { claim, expected, found, claims = [], note, rules, serverMessage } = refusal;
  // The other codes say which claim they are about.
  const named = claim !== undefined && code.startsWith('claim_') ? ` of ${JSON.stringify(claim)}` : '';
  const others = claims.filter(({ name }) => name !== claim);
  const parts = [
    `login refused: ${code}${named}${(SIDES[code] ?? sidesOf)(expected, found)}`,
    note === undefined ? [] : note,
    others.length === 0 ? [] : `these do not match either: ${others.map(describeBound).join(', ')}`,
    rules === undefined ? [] : `tried ${rules.map(describeRule).join(' | ') || 'no binding rule'}`,
    `the server said: ${serverMessage}`,
  ];
  return parts.flat().join('; ');
}

function describeBound({ name, expected, found }: UnmetBound): string {
  return `${JSON.stringify(name)}${sidesOf(expected, found)}`;
}

/** What is compared, in words; most codes have {@link sidesOf}. */
const SIDES: { readonly [code in ErrorCode]?: (expected: unknown, found: unknown) => string } = {
  signature_invalid: keyIds,
  unknown_key: keyIds,
  method_not_found: nameAndThoseThere,
  role_not_found: nameAndThoseThere,
};

function keyIds(expected: unknown, found: unknown): string {
  return sidesOf(expected, found, ' kid');
}

const MOST_NAMES = 10;

function nameAndThoseThere(expected: unknown, found: unknown): string {
  if (!Array.isArray(expected)) return sidesOf(expected, found);
  const names = expected.slice(0, MOST_NAMES).map((name) => JSON.stringify(name));
  const more = expected.length > MOST_NAMES ? ` and ${expected.length - MOST_NAMES} more` : '';
  const verb = expected.length > 1 ? 'are' : 'is';
  return ` (asked for ${JSON.stringify(found)}, there ${verb} ${names.join(', ') || 'none'}${more})`;
}

function sidesOf(expected: unknown, found: unknown, what = ''): string {
  const sides = [
    expected === undefined ? [] : `expected${what} ${JSON.stringify(expected)}${timeOf(expected)}`,
    found === undefined ? [] : `found${what} ${JSON.stringify(found)}`,
  ].flat();
  return sides.length === 0 ? '' : ` (${sides.join(', ')})`;
}

/** JavaScript's dates go no further. */
const LAST_SECOND = 8.64e12;

/** Of what is expected of a time, such as `{ after: 1796017308 }`, that time. */
function timeOf(expected: unknown): string {
  const { after, before } = Object(expected) as { readonly after?: unknown; readonly before?: unknown };
  const seconds = after ?? before;
  if (typeof seconds !== 'number' || Math.abs(seconds) > LAST_SECOND) return '';
  return `, which is ${new Date(seconds * 1000).toISOString()}`;
}

function describeRule(rule: TriedBindingRule): string {
  const { bindType, bindName, template, selector, matched, values, exists, notes } = rule;
  const saw = Object.entries(values).map(([field, value]) => `${field} ${JSON.stringify(value)}`);
  return [
    `${bindType} "${bindName}"`,
    template === bindName ? '' : ` with the name "${template}"`,
    selector === '' ? ' for everybody' : ` for ${selector}`,
    saw.length === 0 ? '' : ` saw ${saw.join(', ')}`,
    matched === undefined ? '' : matched ? ', which matches' : ', which does not match',
    exists === false ? `, and there is no such ${bindType}` : '',
    ...notes.map((note) => ` (${note})`),
  ].join('');
}
