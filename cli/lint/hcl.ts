import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import {
  calledFolders,
  evaluateUnapplied,
  ignoring,
  loadUnapplied,
  type UnappliedRoot,
  variablesFromText,
} from '../../harness/hcl/index.js';
import { coverageWhere, type Finding, type LintCoverage, lint } from '../../harness/lint/index.js';
import type { GivenVariables } from '../variables.js';
import { type FailedSource, failedSource, type HclSource, type LintInput } from './input.js';

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
  /** Which of the patterns to ignore match nothing in it. */
  readonly unmatched: readonly string[];
}

/** A root module whose files are read. */
export interface LoadedHcl extends HclSource {
  readonly root: UnappliedRoot;
}

/** What is left to be linted, and what could not be read. */
export interface LoadedInput {
  readonly files: readonly string[];
  readonly configurations: readonly LoadedHcl[];
  readonly failed: readonly FailedSource[];
}

/** Reads the root modules, and leaves out what they call: it is looked at there, with the values that it is given. */
export async function loaded(
  { files, configurations }: Pick<LintInput, 'files' | 'configurations'>,
  ignore: readonly string[],
): Promise<LoadedInput> {
  const roots: LoadedHcl[] = [];
  const failed: FailedSource[] = [];
  const called = new Set<string>();
  for (const source of configurations) {
    const here = seenFromHere(source.folder);
    try {
      const root = await loadUnapplied(here, { ignore });
      roots.push({ ...source, root });
      const file = source.only === undefined ? undefined : join(here, source.only);
      for (const folder of calledFolders(root, file)) called.add(folder);
    } catch (error) {
      failed.push(failedSource(source.folder, error));
    }
  }
  const isCalled = async (folder: string): Promise<boolean> => called.has(await realpath(folder).catch(() => ''));
  const [ofFiles, ofRoots, ofFailed] = await Promise.all([
    Promise.all(files.map((file) => file !== '-' && isCalled(dirname(file)))),
    Promise.all(roots.map(({ folder }) => isCalled(folder))),
    Promise.all(failed.map(({ file }) => isCalled(file))),
  ]);
  return {
    files: files.filter((_, index) => ofFiles[index] !== true),
    configurations: roots.filter((_, index) => ofRoots[index] !== true),
    failed: failed.filter((_, index) => ofFailed[index] !== true),
  };
}

/**
 * Lints a root module with its local modules, as far as it is known with the values that its variables are given.
 * @throws VaultproofError `syntax_invalid` and others of the configuration
 */
export async function lintHcl(
  { folder, only, root }: HclSource & Partial<LoadedHcl>,
  { texts, files }: GivenVariables,
  ignore: readonly string[] = [],
): Promise<LintedHcl> {
  const source = seenFromHere(folder);
  const { values, undeclared } = await variablesFromText(source, texts);
  const given = { variables: values, variableFiles: files, ignore };
  const read = await evaluateUnapplied(root ?? (await loadUnapplied(source, given)), given);
  const { json, addresses, placeOf, declaredIn, passedOver, sensitive, unmatched } = read;
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
  const isIgnored = ignoring(ignore);
  const modules = passedOver.filter(({ address }) => /(?:^|\.)module\.[\w-]+$/.test(address) && isWanted(address));
  return {
    findings,
    coverage: {
      lookedAt,
      passedOver: [
        ...notLookedAt.map((one) => ({ ...one, address: addressOf(one.address) })),
        ...modules.map(({ address }) => {
          const reason = isIgnored(address) ? 'ignored' : 'lint a plan for it';
          return { kind: 'module' as const, address, reason };
        }),
      ],
    },
    undeclared,
    unmatched,
  };
}

/** A path as messages show it. */
function seenFromHere(path: string): string {
  return relative('', path) || '.';
}
