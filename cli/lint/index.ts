import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { defineCommand } from 'citty';
import { UsageError, VaultproofError } from '../../errors/index.js';
import {
  type Allowance,
  type CoveredKind,
  type Finding,
  givenAllowances,
  type LintCoverage,
  lintCodes,
  lintCoverage,
  lint as lintJson,
  type PassedOver,
  withoutAllowed,
} from '../../harness/lint/index.js';
import { unknownName } from '../arguments.js';
import { type CdktfApp, synthesised } from '../cdktf-app.js';
import { exitCodeOf, exitCodes } from '../exit.js';
import { readNamed } from '../files.js';
import { handleInterruption } from '../interruption.js';
import { counted, documentation, note, print, printCommand, printLines } from '../output.js';
import {
  type GivenVariables,
  givenPatterns,
  givenVariables,
  ignoreArg,
  inAll,
  sayUnmatched,
  variableArgs,
} from '../variables.js';
import { codeQuality } from './code-quality.js';
import type { LintedHcl, LoadedInput } from './hcl.js';
import { type FailedSource, failedSource, type LintInput, lintInput } from './input.js';
import {
  coverageLine,
  coveredKinds,
  errorAnnotation,
  findingAnnotation,
  lines,
  saidOnce,
  sarif,
  shownError,
} from './output.js';

/** `vaultproof lint`: Terraform JSON, looked through for logins that are wider or narrower than meant. */
export const lint = defineCommand({
  meta: { name: 'lint' },
  args: {
    file: {
      type: 'positional',
      valueHint: 'FILE...',
      description:
        'A cdktf app, a folder of HCL or of *.tf.json, one file such as main.tf or cdk.tf.json, or what "terraform show -json" prints of a plan; - for standard input',
    },
    allow: {
      type: 'string',
      valueHint: 'CODE[@ADDRESS]=REASON',
      description: 'A finding that is intended, and why; may be given again',
    },
    severity: {
      type: 'string',
      valueHint: 'error|warning',
      default: 'warning',
      description: 'The least severity that is reported and makes the exit code 1',
    },
    ...variableArgs,
    ignore: ignoreArg,
    json: { type: 'boolean', description: 'Print one JSON object' },
    sarif: { type: 'boolean', description: 'Print SARIF 2.1.0, for code scanning and editors' },
    gitlab: { type: 'boolean', description: "Print GitLab's code quality report, for merge requests" },
    github: {
      type: 'boolean',
      description: 'Print annotations for GitHub Actions; the default there, without --json',
    },
  },
  run: async ({ args, rawArgs }) => {
    const formats = [
      args.json === true && '--json',
      args.github === true && '--github',
      args.sarif === true && '--sarif',
      args.gitlab === true && '--gitlab',
    ];
    const [format, second] = formats.filter((name) => name !== false);
    if (second !== undefined) throw new UsageError(`give one of ${format} and ${second}`);
    const { severity } = args;
    if (severity !== 'error' && severity !== 'warning') {
      throw new UsageError(unknownName('severity', severity, ['error', 'warning']));
    }
    const allowances = allowancesOf(rawArgs);
    const variables = givenVariables(rawArgs);
    const found: FoundInFile[] = [];
    const coverage: Coverage = { lookedAt: {}, passedOver: [] };
    const ignore = givenPatterns(args.ignore);
    const { apps, ...named } = await lintInput(args._);
    const input = await rootsOf(named, ignore);
    const failed = [...input.failed];
    const { signal } = handleInterruption();
    const documents = [
      ...input.files.map((file) => ({ file, linted: async () => [await lintFile(file)] })),
      ...apps.map(({ file, app }) => ({ file, linted: () => lintApp(app, signal) })),
    ];
    for (const { file, linted } of documents) {
      const all = await linted().catch((error: unknown) => void failed.push(failedSource(file, error)));
      for (const { findings, coverage: looked } of all ?? []) {
        for (const finding of findings) found.push({ file, ...finding });
        addCoverage(coverage, file, looked);
      }
    }
    for (const { folder, findings, coverage: looked } of await lintConfigurations(
      input,
      { variables, ignore },
      failed,
    )) {
      found.push(...findings);
      addCoverage(coverage, folder, looked);
    }
    const [first] = failed;
    if (first && documents.length + input.configurations.length + input.failed.length === 1) throw first.error;
    const all: readonly (FoundInFile | Finding)[] = withoutAllowed(found, givenAllowances(allowances));
    const findings = severity === 'error' ? all.filter((finding) => finding.severity === 'error') : all;
    process.exitCode = findings.length === 0 ? exitCodes.done : exitCodes.proofFailed;
    if (first) process.exitCode = exitCodeOf(first.error);
    if (args.json === true)
      print(JSON.stringify({ findings, ...coverage, ...(first && { errors: failed.map(shownError) }) }));
    else if (args.sarif === true) printLines(sarif(findings, failed.map(shownError)));
    else if (args.gitlab === true) printLines(codeQuality(findings, failed.map(shownError)));
    else if (args.github === true || process.env['GITHUB_ACTIONS'] === 'true')
      [...saidOnce(findings).map(findingAnnotation), ...failed.map(shownError).map(errorAnnotation)].forEach(
        printCommand,
      );
    else for (const finding of saidOnce(findings)) printFinding(finding);
    note(sumOf(findings, all.length - findings.length));
    if (findings.length > 0) note(`${documentation('lints.md')} explains each of them`);
    note(coverageLine(coverage));
    for (const { error } of failed) note(`${error.code}: ${error.message}`);
    if (first) note(`${counted(failed.length, 'source')} could not be looked at`);
  },
});

/** Such as `3 findings (1 error, 2 warnings)`. */
function sumOf(findings: readonly Finding[], leftOut: number): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const parts = [counted(errors, 'error'), counted(findings.length - errors, 'warning')];
  const more = leftOut === 0 ? '' : `; ${counted(leftOut, 'warning')} left out by --severity`;
  return `${counted(findings.length, 'finding')}${findings.length === 0 ? '' : ` (${parts.join(', ')})`}${more}`;
}

function printFinding(finding: Parameters<typeof lines>[0]): void {
  const [head = '', ...rest] = lines(finding);
  print(head, finding.severity === 'error' ? 'red' : 'yellow');
  for (const line of rest) print(line);
}

/** A finding with the file that it is in, as it was named. */
interface FoundInFile extends Finding {
  readonly file: string;
  /** Where its block begins, in HCL. */
  readonly line?: number;
}

/** What was looked at in all files, and what was passed over in each. */
interface Coverage {
  readonly lookedAt: Partial<Record<CoveredKind, number>>;
  readonly passedOver: (PassedOver & { readonly file: string })[];
}

function addCoverage(coverage: Coverage, file: string, { lookedAt, passedOver }: LintCoverage): void {
  for (const kind of coveredKinds) {
    const count = (coverage.lookedAt[kind] ?? 0) + (lookedAt[kind] ?? 0);
    if (count > 0) coverage.lookedAt[kind] = count;
  }
  for (const one of passedOver) coverage.passedOver.push({ file, ...one });
}

/** What reads HCL is loaded where there is some. */
async function rootsOf(input: Omit<LintInput, 'apps'>, ignore: readonly string[]): Promise<LoadedInput> {
  if (input.configurations.length > 0) return (await import('./hcl.js')).loaded(input, ignore);
  if (ignore.length > 0) throw new UsageError('--ignore is for HCL: leave it out');
  return { files: input.files, configurations: [], failed: [] };
}

async function lintConfigurations(
  { configurations }: LoadedInput,
  { variables, ignore }: { readonly variables: GivenVariables; readonly ignore: readonly string[] },
  failed: FailedSource[],
): Promise<readonly (LintedHcl & { readonly folder: string })[]> {
  const linted: (LintedHcl & { readonly folder: string })[] = [];
  for (const source of configurations) {
    const { lintHcl } = await import('./hcl.js');
    try {
      linted.push({ folder: source.folder, ...(await lintHcl(source, variables, ignore)) });
    } catch (error) {
      failed.push(failedSource(source.folder, error));
    }
  }
  if (failed.length > 0) return linted;
  const unknown = Object.keys(variables.texts).find((name) =>
    linted.every(({ undeclared }) => undeclared.includes(name)),
  );
  if (unknown !== undefined) throw new UsageError(`no folder declares the variable "${unknown}": correct --var`);
  sayUnmatched(inAll(linted.map(({ unmatched }) => unmatched)));
  return linted;
}

/** What was found in a document, and what was looked at. */
interface Linted {
  readonly findings: readonly Finding[];
  readonly coverage: LintCoverage;
}

async function lintApp(app: CdktfApp, signal: AbortSignal): Promise<readonly Linted[]> {
  const stacks = await synthesised(app, signal);
  return stacks.map(({ json }) => ({ findings: lintJson(json), coverage: lintCoverage(json) }));
}

async function lintFile(file: string): Promise<Linted> {
  const content = file === '-' ? await text(process.stdin) : await readNamed(file);
  const named = file === '-' ? 'standard input' : `"${file}"`;
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (cause) {
    throw notJson(named, file, content, String(cause));
  }
  try {
    return { findings: lintJson(json), coverage: lintCoverage(json) };
  } catch (cause) {
    if (!(cause instanceof VaultproofError)) throw cause;
    throw new VaultproofError(cause.code, `${named}: ${cause.message}`, { cause });
  }
}

/** What to do with a file that is not JSON. */
function notJson(named: string, file: string, content: string, reason: string): VaultproofError {
  const show = 'vaultproof lint -';
  // A saved plan is a zip archive.
  if (content.startsWith('PK')) {
    const command = `terraform show -json ${file === '-' ? 'PLAN' : file} | ${show}`;
    return new VaultproofError('not_terraform_json', `${named} is a saved plan, not JSON; run: ${command}`);
  }
  const isHcl =
    /\.(?:tofu|hcl|tfvars)$/.test(file) ||
    /^\s*(?:resource|module|terraform|provider|data|variable|locals)\b/m.test(content);
  if (!isHcl) {
    const before = content.slice(0, Number(/position (\d+)/.exec(reason)?.[1] ?? content.length)).split('\n');
    const place = `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
    return new VaultproofError('not_terraform_json', `${named} is not JSON: correct ${place}`);
  }
  const command = `terraform plan -out p && terraform show -json p | ${show}`;
  return new VaultproofError(
    'not_terraform_json',
    `${named} is HCL, not JSON; give the folder of its ".tf" files, or a plan of it: ${command}`,
  );
}

/** citty keeps the last of several options of one name. */
function allowancesOf(rawArgs: string[]): Allowance[] {
  const { values } = parseArgs({
    args: rawArgs,
    options: { allow: { type: 'string', multiple: true } },
    strict: false,
  });
  const known: readonly string[] = lintCodes;
  return (values.allow ?? []).map(String).map((option) => {
    const [, code = '', address, reason = ''] = /^([^@=]*)(?:@((?:\[[^\]]*\]|[^=[])*))?(?:=(.*))?$/s.exec(option) ?? [];
    if (!known.includes(code))
      throw new UsageError(`--allow takes CODE[@ADDRESS]=REASON: ${unknownName('code', code, known)}`);
    return { code, reason, address };
  });
}
