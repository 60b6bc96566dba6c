import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { calledFolders, readUnapplied, variablesFromText } from '../../harness/hcl/index.js';
import { coverageWhere, type Finding, type LintCoverage, lint } from '../../harness/lint/index.js';
import type { GivenVariables } from '../variables.js';
import type { HclSource, LintInput } from './input.js';

/** A finding with the file and the line of the block that it is about. */
interface PlacedFinding extends Finding {
  readonly file: string;
  readonly line?: number;
}

/** What was found in a root module and the modules that it calls. */
export interface LintedHcl {
  readonly findings: readonly PlacedFinding[];
  readonly coverage: LintCoverage;
  /** Which of the given variables it does not declare. */
  readonly undeclared: readonly string[];
}

/** Leaves out what a root module that is linted calls: it is looked at there, with the values that it is given. */
export async function withoutCalled({ files, configurations }: LintInput): Promise<LintInput> {
  const called = new Set<string>();
  for (const { folder, only } of configurations) {
    for (const one of await calledFolders(seenFromHere(only === undefined ? folder : join(folder, only))))
      called.add(one);
  }
  const isCalled = async (folder: string): Promise<boolean> => called.has(await realpath(folder).catch(() => ''));
  const [ofFiles, ofFolders] = await Promise.all([
    Promise.all(files.map((file) => file !== '-' && isCalled(dirname(file)))),
    Promise.all(configurations.map(({ folder }) => isCalled(folder))),
  ]);
  return {
    files: files.filter((_, index) => ofFiles[index] !== true),
    configurations: configurations.filter((_, index) => ofFolders[index] !== true),
  };
}

/**
 * Lints a root module with its local modules, as far as it is known with the values that its variables are given.
 * @throws VaultproofError `syntax_invalid` and others of the configuration
 */
export async function lintHcl({ folder, only }: HclSource, { texts, files }: GivenVariables): Promise<LintedHcl> {
  const source = seenFromHere(folder);
  const { values, undeclared } = await variablesFromText(source, texts);
  const given = { variables: values, variableFiles: files };
  const { json, addresses, placeOf, declaredIn, passedOver, sensitive } = await readUnapplied(source, given);
  const addressOf = (address: string): string => addresses.get(address) ?? address;
  const isWanted = (address: string): boolean =>
    only === undefined || declaredIn(addressOf(address)) === join(source, only);
  const findings = lint(json)
    .filter(({ address }) => isWanted(address))
    .map((finding): PlacedFinding => {
      const address = addressOf(finding.address);
      const [file, line] = (placeOf(address) ?? source).split(':');
      return {
        ...sensitive.hideIn(finding),
        code: finding.code,
        severity: finding.severity,
        address,
        constructPath: address,
        file: isAbsolute(folder) ? resolve(file ?? '') : (file ?? ''),
        ...(line !== undefined && { line: Number(line) }),
      };
    });
  const { lookedAt, passedOver: notLookedAt } = coverageWhere(json, isWanted);
  const modules = passedOver.filter(({ address }) => address.includes('module.') && isWanted(address));
  return {
    findings,
    coverage: {
      lookedAt,
      passedOver: [
        ...notLookedAt.map((one) => ({ ...one, address: addressOf(one.address) })),
        ...modules.map(({ address }) => ({ kind: 'module' as const, address, reason: 'lint a plan for it' })),
      ],
    },
    undeclared,
  };
}

/** A path as messages show it. */
function seenFromHere(path: string): string {
  return relative('', path) || '.';
}
