import type { LintCode } from './codes.js';
import type { Block, LintDocument } from './document/document.js';

/** `error` for what lets in or out who should not be; `warning` for what only the author can judge. Both are findings. */
export type Severity = 'error' | 'warning';

/** One thing that a rule found. It never carries the value of a secret. */
export interface Finding {
  /** From a closed list; docs/lints.md has a row for each. */
  readonly code: LintCode;
  readonly severity: Severity;
  /** Terraform's address: `vault_policy.reader`, `module.m.vault_policy.reader[0]`, `output.x`, `provider.vault`. */
  readonly address: string;
  /** Where it stands in the stack; the address where the JSON doesn't tell. */
  readonly constructPath: string;
  /** The argument that it is about, by Terraform's name. */
  readonly attribute?: string;
  /** What stands there, where that helps and is known. */
  readonly found?: unknown;
  /** Why it matters. */
  readonly reason: string;
  /** What to do about it. */
  readonly fix: string;
}

/** What a rule found in one block. */
export interface Violation {
  readonly block: Block;
  readonly attribute?: string;
  readonly found?: unknown;
  readonly reason: string;
  readonly fix: string;
}

/** One check of a document: a pure function, one file a rule. It reports nothing that depends on an unknown value. */
export interface Rule {
  readonly code: LintCode;
  readonly severity: Severity;
  readonly check: (document: LintDocument) => readonly Violation[];
}
