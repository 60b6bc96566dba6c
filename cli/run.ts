import { parseArgs } from 'node:util';
import { type ArgsDef, runCommand } from 'citty';
import { UsageError, VaultproofError } from '../errors/index.js';
import { closest } from '../internal/did-you-mean.js';
import { unknownName } from './arguments.js';
import { type Command, commands } from './commands.js';
import { exitCodeOf, exitCodes } from './exit.js';
import { Interrupted } from './interruption.js';
import { note, print, printStyled, version } from './output.js';
import { commandUsage, type NamedCommand, rootUsage } from './usage.js';

const HELP = ['--help', '-h'];

/**
 * Runs the command that the arguments name. Wrong use prints what is wrong, and where to read on, on standard error and
 * exits with 2; see {@link exitCodeOf} for the rest. With `--json` a failure, too, is one JSON object on standard output.
 * @param argv what stands behind `vaultproof`
 */
export async function run(argv: readonly string[]): Promise<void> {
  const [name = '', ...others] = argv;
  if (argv.length === 0) {
    // The help is what is wanted, and a script that forgot the command still fails.
    process.exitCode = exitCodes.wrongUse;
    return printStyled(rootUsage());
  }
  if (HELP.includes(name) || (name === 'help' && others.length === 0)) return printStyled(rootUsage());
  if (name === '--version' || name === '-v') return print(version);
  if (name === 'help') return run([...others, '--help']);
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  let called = Object.hasOwn(commands, name) ? `vaultproof ${name}` : 'vaultproof';
  try {
    const { path, command, rest } = await find(words);
    called = ['vaultproof', ...path].join(' ');
    if (rest.some((word) => HELP.includes(word))) return printStyled(await commandUsage({ path, command }));
    if (command.subCommands) throw new UsageError(actionMissing(path, command));
    await refuseUnknown(command, rest);
    await runCommand(command, { rawArgs: [...rest], data: end === -1 ? [] : argv.slice(end + 1) });
  } catch (error) {
    fail(called, error, words.includes('--json'));
  }
}

/** The command that the first words name, and the words behind them. */
async function find(words: readonly string[]): Promise<NamedCommand & { readonly rest: readonly string[] }> {
  const [name, ...rest] = words;
  if (name === undefined) throw new UsageError('no command given');
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) throw new UsageError(unknownName('command', name, Object.keys(commands)));
  const command = await entry.load();
  const [action] = rest;
  if (!command.subCommands || action === undefined || HELP.includes(action)) return { path: [name], command, rest };
  const actions = actionsOf(command);
  const found = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (!found) throw new UsageError(unknownName('action', action, Object.keys(actions)));
  return { path: [name, action], command: found, rest: rest.slice(1) };
}

function actionsOf({ subCommands }: Command): Readonly<Record<string, Command>> {
  return subCommands as Readonly<Record<string, Command>>;
}

function actionMissing(path: readonly string[], command: Command): string {
  return `"${path.join(' ')}" needs an action: ${Object.keys(actionsOf(command)).join(', ')}`;
}

/** citty takes any option; a misspelt one must not be ignored. */
async function refuseUnknown(command: Command, words: readonly string[]): Promise<void> {
  const args = ((await command.args) ?? {}) as ArgsDef;
  const options = Object.entries(args).flatMap(([name, arg]) => {
    if (arg.type === 'positional') return [];
    const type: 'boolean' | 'string' = arg.type === 'boolean' ? 'boolean' : 'string';
    return [name, ...aliasesOf(arg)].map((known) => [known, { type }] as const);
  });
  const places = Object.values(args).filter(({ type }) => type === 'positional');
  const { positionals } = parsed([...words], Object.fromEntries(options));
  const takesMore = places.some(({ valueHint }) => valueHint?.endsWith('...'));
  if (positionals.length > places.length && !takesMore) {
    const [extra] = positionals.slice(places.length);
    throw new UsageError(`unexpected argument "${extra}"`);
  }
}

function parsed(args: string[], options: Readonly<Record<string, { readonly type: 'boolean' | 'string' }>>) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const [, quoted = ''] = /'(-[^']*)'/.exec(message) ?? [];
    const option = quoted.split(/[ =]/)[0] ?? '';
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const meant = closest(option.replace(/^-+/, ''), Object.keys(options));
      throw new UsageError(`unknown option "${option}"${meant === undefined ? '' : `: did you mean "--${meant}"?`}`);
    }
    if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') throw new UsageError(valueMistake(option, options, args));
    throw error;
  }
}

/** What is wrong with an option's value, where the parser says how it could have been meant. */
function valueMistake(
  option: string,
  options: Readonly<Record<string, { readonly type: 'boolean' | 'string' }>>,
  words: readonly string[],
): string {
  const name = option.replace(/^-+/, '');
  if (options[name]?.type === 'boolean') return `"--${name}" does not accept a value`;
  const value = words[words.indexOf(`--${name}`) + 1];
  return value?.startsWith('-') === true
    ? `"--${name}" needs a value: write "--${name}=${value}" where "${value}" is meant`
    : `"--${name}" needs a value`;
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
  const wrongUse = isUsageError(error);
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
function isUsageError(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  const { name, code } = error as { name?: string; code?: string };
  return name === 'CLIError' || code?.startsWith('ERR_PARSE_ARGS') === true;
}
