import { basename, join, relative } from 'node:path';
import { readUnapplied, variablesFromText } from '../../harness/hcl/index.js';
import { type Finding, type LintCoverage, lint, lintCoverage } from '../../harness/lint/index.js';
import type { GivenVariables } from '../variables.js';

/** A root module in HCL: all of it, or what one of its files declares. */
export interface HclSource {
  readonly folder: string;
  /** The file alone that findings are wanted of. */
  readonly only?: string;
}

/** A finding with the file and the line of the block that it is about. */
interface PlacedFinding extends Finding {
  readonly file: string;
  readonly line?: number;
}

/** What was found in a root module and the modules that it calls. */
export interface LintedHcl {
  readonly findings: readonly PlacedFinding[];
  readonly coverage: LintCoverage;
  /** The folders of the modules that it calls. */
  readonly called: readonly string[];
  /** Which of the given variables it does not declare. */
  readonly undeclared: readonly string[];
}

/**
 * Lints a root module with its local modules, as far as it is known with the values that its variables are given.
 * @throws VaultproofError `syntax_invalid` and others of the configuration
 */
export async function lintHcl({ folder, only }: HclSource, { texts, files }: GivenVariables): Promise<LintedHcl> {
  const { values, undeclared } = await variablesFromText(folder, texts);
  const given = { variables: values, variableFiles: files };
  const { json, addresses, placeOf, passedOver, folders } = await readUnapplied(folder, given);
  const addressOf = (address: string): string => addresses.get(address) ?? address;
  const findings = lint(json).map((finding): PlacedFinding => {
    const address = addressOf(finding.address);
    const [file, line] = (placeOf(address) ?? '').split(':');
    return {
      ...finding,
      address,
      constructPath: address,
      file: file ? join(folder, file) : folder,
      ...(line && { line: Number(line) }),
    };
  });
  const coverage = lintCoverage(json);
  const modules = passedOver.filter(({ address }) => address.includes('module.'));
  return {
    findings:
      only === undefined
        ? findings
        : findings.filter(({ file }) => basename(file) === only && !relative(folder, file).includes('/')),
    coverage: {
      lookedAt: coverage.lookedAt,
      passedOver: [
        ...coverage.passedOver.map((one) => ({ ...one, address: addressOf(one.address) })),
        ...modules.map(({ address }) => ({ kind: 'module' as const, address, reason: 'lint a plan for it' })),
      ],
    },
    called: folders.slice(1),
    undeclared,
  };
}
