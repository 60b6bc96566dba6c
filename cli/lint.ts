import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { defineCommand } from 'citty';
import { VaultproofError, WrongUse } from '../errors/index.js';
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
} from '../harness/lint/index.js';
import { exitCodes } from './exit-codes.js';
import { readNamed } from './files.js';
import { annotation, coverageLine, coveredKinds, lines } from './lint-output.js';
import { note, print, printCommand } from './output.js';
import { unknownName } from './suggest.js';

/** `vaultproof lint`: Terraform JSON, looked through for logins that are wider or narrower than meant. */
export const lint = defineCommand({
  meta: { name: 'lint' },
  args: {
    file: {
      type: 'positional',
      valueHint: 'FILE...',
      description: 'A cdk.tf.json, or what "terraform show -json" prints of a plan; - for standard input',
    },
    allow: {
      type: 'string',
      valueHint: 'CODE[@ADDRESS]=REASON',
      description: 'A finding that is meant, and why; may be given again',
    },
    json: { type: 'boolean', description: 'Print one JSON object' },
    github: {
      type: 'boolean',
      description: 'Print annotations for GitHub Actions; the default there, without --json',
    },
  },
  run: async ({ args, rawArgs }) => {
    if (args.json === true && args.github === true) throw new WrongUse('give one of --json and --github');
    const allowances = allowancesOf(rawArgs);
    const found: FoundInFile[] = [];
    const coverage: Coverage = { lookedAt: {}, passedOver: [] };
    for (const file of new Set(args._)) {
      const linted = await lintFile(file);
      found.push(...linted.findings.map((finding) => ({ file, ...finding })));
      addCoverage(coverage, file, linted.coverage);
    }
    const findings: readonly (FoundInFile | Finding)[] = withoutAllowed(found, givenAllowances(allowances));
    process.exitCode = findings.length === 0 ? exitCodes.done : exitCodes.proofFailed;
    if (args.json === true) print(JSON.stringify({ findings, ...coverage }));
    else if (args.github === true || process.env['GITHUB_ACTIONS'] === 'true')
      findings.map(annotation).forEach(printCommand);
    else for (const finding of findings) printFinding(finding);
    note(findings.length === 1 ? '1 finding' : `${findings.length} findings`);
    note(coverageLine(coverage));
  },
});

function printFinding(finding: FoundInFile | Finding): void {
  const [head = '', ...rest] = lines(finding);
  print(head, finding.severity === 'error' ? 'red' : 'yellow');
  for (const line of rest) print(line);
}

/** A finding with the file that it is in, as it was named. */
interface FoundInFile extends Finding {
  readonly file: string;
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
  coverage.passedOver.push(...passedOver.map((one) => ({ file, ...one })));
}

async function lintFile(
  file: string,
): Promise<{ readonly findings: readonly Finding[]; readonly coverage: LintCoverage }> {
  const content = file === '-' ? await text(process.stdin) : await readNamed(file);
  const named = file === '-' ? 'standard input' : `"${file}"`;
  try {
    const json: unknown = JSON.parse(content);
    return { findings: lintJson(json), coverage: lintCoverage(json) };
  } catch (cause) {
    if (cause instanceof SyntaxError) throw notJson(named, file, content);
    if (!(cause instanceof VaultproofError)) throw cause;
    throw new VaultproofError(cause.code, `${named}: ${cause.message}`, { cause });
  }
}

/** What to do with a file that is not JSON: Terraform makes JSON of its own language, and of a plan. */
function notJson(named: string, file: string, content: string): VaultproofError {
  const show = 'vaultproof lint -';
  // A saved plan is a zip archive.
  if (content.startsWith('PK')) {
    const command = `terraform show -json ${file === '-' ? 'PLAN' : file} | ${show}`;
    return new VaultproofError('not_terraform_json', `${named} is a saved plan; run: ${command}`);
  }
  const isHcl =
    /\.(?:tf|tofu|hcl|tfvars)$/.test(file) ||
    /^\s*(?:resource|module|terraform|provider|data|variable|locals)\b/m.test(content);
  if (!isHcl) return new VaultproofError('not_terraform_json', `${named} is not JSON`);
  const command = `terraform plan -out p && terraform show -json p | ${show}`;
  return new VaultproofError(
    'not_terraform_json',
    `${named} is HCL, and only JSON is read; lint a plan of it: ${command}`,
  );
}

/** citty keeps the last of several options of one name. */
function allowancesOf(rawArgs: string[]): Allowance[] {
  const { values } = parseArgs({
    args: rawArgs,
    options: { allow: { type: 'string', multiple: true }, json: { type: 'boolean' }, github: { type: 'boolean' } },
    allowPositionals: true,
  });
  const known: readonly string[] = lintCodes;
  return (values.allow ?? []).map((option) => {
    const [, code = '', address, reason = ''] = /^([^@=]*)(?:@((?:\[[^\]]*\]|[^=[])*))?(?:=(.*))?$/s.exec(option) ?? [];
    if (!known.includes(code))
      throw new WrongUse(`--allow takes CODE[@ADDRESS]=REASON: ${unknownName('code', code, known)}`);
    return { code, reason, ...(address === undefined ? {} : { address }) };
  });
}
