import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { defineCommand } from 'citty';
import { VaultproofError, WrongUse } from '../errors/index.js';
import {
  type Allowance,
  type Finding,
  givenAllowances,
  lintCodes,
  lint as lintJson,
  withoutAllowed,
} from '../harness/lint/index.js';
import { exitCodes } from './exit-codes.js';
import { readNamed } from './files.js';
import { annotation, lines } from './lint-output.js';
import { note, print } from './output.js';

/** `vaultproof lint`: Terraform JSON, looked through for logins that are wider or narrower than meant. */
export const lint = defineCommand({
  meta: {
    name: 'lint',
    description:
      'Looks through Terraform JSON for logins that let in, or out, who should not be: vaultproof lint [OPTIONS] FILE...',
  },
  args: {
    file: {
      type: 'positional',
      valueHint: 'FILE...',
      description: 'A cdk.tf.json, or what "terraform show -json" prints of a plan; - for standard input',
    },
    allow: {
      type: 'string',
      valueHint: 'CODE[@ADDRESS]=REASON',
      description: 'A finding that is meant, and why; may be given several times',
    },
    json: { type: 'boolean', description: 'One JSON object on standard output' },
    github: {
      type: 'boolean',
      description: 'Annotations for GitHub Actions; the default there, unless --json is given',
    },
  },
  run: async ({ args, rawArgs }) => {
    if (args.json === true && args.github === true) throw new WrongUse('give one of --json and --github');
    const allowances = allowancesOf(rawArgs);
    const found: FoundInFile[] = [];
    for (const file of new Set(args._)) {
      found.push(...(await lintFile(file)).map((finding) => ({ file, ...finding })));
    }
    const findings: readonly (FoundInFile | Finding)[] = withoutAllowed(found, givenAllowances(allowances));
    if (args.json === true) print(JSON.stringify({ findings }));
    else if (args.github === true || process.env['GITHUB_ACTIONS'] === 'true') findings.map(annotation).forEach(print);
    else findings.flatMap(lines).forEach(print);
    note(findings.length === 1 ? '1 finding' : `${findings.length} findings`);
    if (findings.length > 0) process.exitCode = exitCodes.proofFailed;
  },
});

/** A finding with the file that it is in, as it was named. */
interface FoundInFile extends Finding {
  readonly file: string;
}

async function lintFile(file: string): Promise<readonly Finding[]> {
  const content = file === '-' ? await text(process.stdin) : await readNamed(file);
  const named = file === '-' ? 'standard input' : `"${file}"`;
  try {
    return lintJson(JSON.parse(content));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new VaultproofError('not_terraform_json', `${named} is not JSON`);
    if (!(cause instanceof VaultproofError)) throw cause;
    throw new VaultproofError(cause.code, `${named}: ${cause.message}`, { cause });
  }
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
      throw new WrongUse(`--allow takes CODE[@ADDRESS]=REASON, and there is no code "${code}"`);
    return { code, reason, ...(address === undefined ? {} : { address }) };
  });
}
