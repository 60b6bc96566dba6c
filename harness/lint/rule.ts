import type { LintCode } from './codes.js';
import type { Block, LintDocument } from './document/block.js';
import type { Severity } from './finding.js';

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
