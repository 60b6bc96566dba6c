import { lintCodes } from './codes.js';
import type { LintDocument } from './document/block.js';
import type { Finding } from './finding.js';

/** One finding that is meant, by code, with the reason for it. */
export interface Allowance {
  /** One of the rules' codes. */
  readonly code: string;
  /** Only at this address; default everywhere. */
  readonly address?: string;
  /** Why it is meant. An empty one is a finding. */
  readonly reason: string;
}

/** An allowance with the place where it was written, for what is to be said about it. */
interface WrittenAllowance extends Allowance {
  readonly writtenAt: Pick<Finding, 'address' | 'constructPath'>;
}

/** The allowances in a document's comments: those of a block hold for it alone, the document's own for all. */
export function writtenAllowances({ blocks, allow }: LintDocument): readonly WrittenAllowance[] {
  const own = reasons(allow).map((allowance) => ({
    ...allowance,
    writtenAt: { address: '//', constructPath: '//' },
  }));
  return [
    ...own,
    ...blocks.flatMap((block) =>
      reasons(block.allow).map((allowance) => ({
        ...allowance,
        address: block.address,
        writtenAt: { address: block.address, constructPath: block.constructPath },
      })),
    ),
  ];
}

/** The allowances of a call or a command line. */
export function givenAllowances(allowances: readonly Allowance[]): readonly WrittenAllowance[] {
  const writtenAt = { address: 'allow', constructPath: 'allow' };
  return allowances.map((allowance) => ({ ...allowance, writtenAt }));
}

/** What is left of findings, and what is wrong with the allowances themselves. */
export function withoutAllowed<Found extends Finding>(
  findings: readonly Found[],
  allowances: readonly WrittenAllowance[],
): readonly (Found | Finding)[] {
  const keyOf = (code: string, address = ''): string => `${code} ${address}`;
  const allowed = new Set(allowances.map(({ code, address }) => keyOf(code, address)));
  const found = new Set(findings.flatMap(({ code, address }) => [keyOf(code), keyOf(code, address)]));
  const left = findings.filter(({ code, address }) => !allowed.has(keyOf(code)) && !allowed.has(keyOf(code, address)));
  const complaints = allowances.flatMap((allowance): Finding[] => {
    const { code, address, reason, writtenAt } = allowance;
    const about = { severity: 'error', ...writtenAt, attribute: 'allow', found: code } as const;
    if (!found.has(keyOf(code, address))) return [{ ...about, ...unused(code) }];
    if (typeof reason === 'string' && reason.trim() !== '') return [];
    const why = 'without a reason, no one can tell later whether it still holds';
    return [{ ...about, code: 'allowance-without-reason', reason: why, fix: 'say why the finding is intended' }];
  });
  return [...left, ...complaints];
}

function unused(code: string): Pick<Finding, 'code' | 'reason' | 'fix'> {
  const known: readonly string[] = lintCodes;
  const reason = known.includes(code) ? 'it allows a finding that is not reported' : `there is no rule "${code}"`;
  return { code: 'unused-allowance', reason, fix: 'remove it, or correct the code' };
}

function reasons(allow: Readonly<Record<string, unknown>>): Allowance[] {
  return Object.entries(allow).map(([code, reason]) => ({ code, reason: typeof reason === 'string' ? reason : '' }));
}
