import { parseArgs, stripVTControlCharacters } from 'node:util';
import { type ArgsDef, type CommandDef, renderUsage, runCommand } from 'citty';
import { VaultproofError, WrongUse } from '../errors/index.js';
import { exitCodeOf, exitCodes } from './exit-codes.js';
import { Interrupted } from './interruption.js';
import { note, print, printStyled } from './output.js';

/** A command as it is loaded, whatever its arguments are. */
export type Command = CommandDef<ArgsDef>;

/** The commands by name, each loaded when it is called for. */
export interface Program {
  readonly root: Command;
  readonly version: string;
  readonly commands: Readonly<Record<string, () => Promise<Command>>>;
}

/**
 * Runs the command that the arguments name. Wrong use prints what is wrong, and where to read on, on standard error and
 * exits with 2; see {@link exitCodeOf} for the rest. With `--json` a failure, too, is one JSON object on standard output.
 */
export async function run(program: Program, argv: readonly string[]): Promise<void> {
  const [name, ...rest] = argv;
  if (name === '--help' || name === '-h') return printStyled(await usage(program.root, process.stdout));
  if (name === '--version') return print(program.version);
  const load = name === undefined || !Object.hasOwn(program.commands, name) ? undefined : program.commands[name];
  if (!load) {
    const mistake = new WrongUse(name === undefined ? 'no command given' : `unknown command "${name}"`);
    return fail('vaultproof', mistake, rest.includes('--json'));
  }
  const command = await load();
  const end = rest.indexOf('--');
  const rawArgs = end === -1 ? rest : rest.slice(0, end);
  if (rawArgs.includes('--help') || rawArgs.includes('-h')) {
    return printStyled(await usage(command, process.stdout, program.root));
  }
  try {
    refuseUnknown(command, rawArgs);
    await runCommand(command, { rawArgs, data: end === -1 ? [] : rest.slice(end + 1) });
  } catch (error) {
    fail(`vaultproof ${name}`, error, rawArgs.includes('--json'));
  }
}

/** The usage of a command, in colour on a terminal alone. */
async function usage(command: Command, stream: NodeJS.WriteStream, parent?: Command): Promise<string> {
  const text = await renderUsage(command, parent);
  return stream.isTTY && process.env['NO_COLOR'] === undefined ? text : stripVTControlCharacters(text);
}

/** citty takes any option; a misspelt one must not be ignored. */
function refuseUnknown(command: Command, rawArgs: string[]): void {
  const args = (command.args ?? {}) as ArgsDef;
  const options = Object.entries(args).flatMap(([name, arg]) => {
    if (arg.type === 'positional') return [];
    const type: 'boolean' | 'string' = arg.type === 'boolean' ? 'boolean' : 'string';
    return [name, ...aliasesOf(arg)].map((known) => [known, { type }] as const);
  });
  const places = Object.values(args).filter(({ type }) => type === 'positional').length;
  const { positionals } = parseArgs({
    args: rawArgs,
    options: Object.fromEntries(options),
    strict: true,
    allowPositionals: places > 0,
  });
  const takesMore = Object.values(args).some(
    ({ type, valueHint }) => type === 'positional' && valueHint?.endsWith('...'),
  );
  if (positionals.length > places && !takesMore) throw new WrongUse(`unexpected argument "${positionals[places]}"`);
}

function aliasesOf(arg: ArgsDef[string]): readonly string[] {
  return 'alias' in arg && arg.alias !== undefined ? [arg.alias].flat() : [];
}

/** @param called what was called, such as `vaultproof lint` */
function fail(called: string, error: unknown, json: boolean): void {
  if (error instanceof Interrupted) {
    process.exitCode = exitCodes.interrupted;
    note(error.message);
    return;
  }
  const wrongUse = isWrongUse(error);
  process.exitCode = wrongUse ? exitCodes.wrongUse : exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    const code = error instanceof VaultproofError ? error.code : wrongUse ? 'wrong_use' : 'unexpected';
    print(JSON.stringify({ error: { code, message } }));
  }
  if (error instanceof VaultproofError) note(`${error.code}: ${message}`);
  else if (wrongUse) {
    note(message);
    note(`see "${called} --help"`);
  } else note(error instanceof Error ? (error.stack ?? message) : message);
}

/** Ours, citty's, and those of Node's own parser; any other TypeError is a bug, and shows its stack. */
function isWrongUse(error: unknown): boolean {
  if (error instanceof WrongUse) return true;
  const { name, code } = error as { name?: string; code?: string };
  return name === 'CLIError' || code?.startsWith('ERR_PARSE_ARGS') === true;
}
