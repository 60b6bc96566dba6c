import type { ErrorCode } from '../../errors/index.js';
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
