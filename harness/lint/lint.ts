import { lintCodes } from './codes.js';
import { isKnown, type LintDocument } from './document/document.js';
import { readDocument } from './document/read-document.js';
import type { Finding } from './rule.js';
import { rules } from './rules/index.js';

/** How a document is linted. */
export interface LintOptions {
  /** What is meant, beside what the document itself allows in its comments. */
  readonly allow?: readonly Allowance[];
}

/**
 * Looks for what lets in, or out, who should not be: in a configuration in Terraform's JSON syntax, as `cdktf synth`
 * writes it, or in a plan, as `terraform show -json` prints it. Values that are not known before Terraform runs give no
 * findings. It starts nothing and reads nothing else.
 * @param json the document, parsed
 * @returns the findings in the order of the rules; docs/lints.md explains each code
 * @throws VaultproofError `not_terraform_json`
 *
 * @example
 * expect(lint(JSON.parse(await readFile('cdktf.out/stacks/main/cdk.tf.json', 'utf8')))).toEqual([]);
 */
export function lint(json: unknown, { allow = [] }: LintOptions = {}): readonly Finding[] {
  const document = readDocument(json);
  const shown = <Text>(text: Text): Text => document.sensitive?.hideIn(text) ?? text;
  const findings = rules.flatMap(({ code, severity, check }) =>
    check(document).map(
      ({ block: { address, constructPath, within }, attribute, found, reason, fix }): Finding => ({
        code,
        severity,
        address,
        constructPath,
        ...(attribute === undefined ? {} : { attribute: within === undefined ? attribute : `${within}.${attribute}` }),
        ...(found === undefined || !isKnown(found) ? {} : { found: shown(found) }),
        reason: shown(reason),
        fix: shown(fix),
      }),
    ),
  );
  return withoutAllowed(withoutAllowed(findings, writtenAllowances(document)), givenAllowances(allow));
}

/** One finding that is meant, by code, with the reason for it. */
export interface Allowance {
  /** One of the rules' codes. */
  readonly code: string;
  /** Only at this address, that of all instances without their keys; default everywhere. */
  readonly address?: string | undefined;
  /** Why it is meant. An empty one is a finding. */
  readonly reason: string;
}

/** An allowance with the place where it was written, for what is to be said about it. */
interface WrittenAllowance extends Allowance {
  readonly writtenAt: Pick<Finding, 'address' | 'constructPath'>;
}

/** The allowances in a document's comments: those of a block hold for it alone, the document's own for all. */
function writtenAllowances({ blocks, allow }: LintDocument): readonly WrittenAllowance[] {
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
  const keysOf = ({ code, address }: Found): string[] =>
    ['', ...coveringAddresses(address)].map((one) => keyOf(code, one));
  const allowed = new Set(allowances.map(({ code, address }) => keyOf(code, address)));
  const found = new Set(findings.flatMap(keysOf));
  const left = findings.filter((finding) => !keysOf(finding).some((key) => allowed.has(key)));
  const complaints = allowances.flatMap((allowance): Finding[] => {
    const { code, address, reason, writtenAt } = allowance;
    const about = { severity: 'error', ...writtenAt, attribute: 'allow', found: code } as const;
    if (!found.has(keyOf(code, address))) return [{ ...about, ...unused(allowance, findings) }];
    if (typeof reason === 'string' && reason.trim() !== '') return [];
    const why = 'without a reason, no one can tell later whether it still holds';
    return [{ ...about, code: 'allowance-without-reason', reason: why, fix: 'say why the finding is intended' }];
  });
  return [...left, ...complaints];
}

/** An address, and those of what it is an instance of: without its own key, and without those of modules as well. */
function coveringAddresses(address: string): readonly string[] {
  if (!address.includes('[')) return [address];
  const key = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g;
  return [address, address.replace(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]$/, ''), address.replaceAll(key, '')];
}

/** How many addresses are named where an allowance has another one. */
const MOST_NAMED = 3;

function unused(
  { code, address, writtenAt }: WrittenAllowance,
  findings: readonly Finding[],
): Pick<Finding, 'code' | 'reason' | 'fix'> {
  const known: readonly string[] = lintCodes;
  const about = { code: 'unused-allowance', fix: 'remove it, or correct the code' } as const;
  if (!known.includes(code)) return { ...about, reason: `there is no rule "${code}"` };
  const elsewhere = [...new Set(findings.filter((one) => one.code === code).map((one) => one.address))];
  if (address === undefined || address === writtenAt.address || elsewhere.length === 0)
    return { ...about, reason: 'it allows a finding that is not reported' };
  const named = elsewhere.slice(0, MOST_NAMED).map((one) => `"${one}"`);
  const more = elsewhere.length > MOST_NAMED ? ` and ${elsewhere.length - MOST_NAMED} more` : '';
  return {
    ...about,
    reason: `no "${code}" is reported at the address "${address}"`,
    fix: `remove it, or correct the address: the finding is reported at ${named.join(', ')}${more}`,
  };
}

function reasons(allow: Readonly<Record<string, unknown>>): Allowance[] {
  return Object.entries(allow).map(([code, reason]) => ({ code, reason: typeof reason === 'string' ? reason : '' }));
}
