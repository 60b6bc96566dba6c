import { type Allowance, givenAllowances, withoutAllowed, writtenAllowances } from './allowances.js';
import { readDocument } from './document/read-document.js';
import { isKnown } from './document/unknown.js';
import type { Finding } from './finding.js';
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
  const findings = rules.flatMap(({ code, severity, check }) =>
    check(document).map(
      ({ block: { address, constructPath, within }, attribute, found, reason, fix }): Finding => ({
        code,
        severity,
        address,
        constructPath,
        ...(attribute === undefined ? {} : { attribute: within === undefined ? attribute : `${within}.${attribute}` }),
        ...(found === undefined || !isKnown(found) ? {} : { found }),
        reason,
        fix,
      }),
    ),
  );
  return withoutAllowed(withoutAllowed(findings, writtenAllowances(document)), givenAllowances(allow));
}
