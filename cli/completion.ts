import { type ArgsDef, type CommandDef, type CommandMeta, defineCommand } from 'citty';
import { UsageError } from '../errors/index.js';
import { unknownName } from './arguments.js';
import { printLines } from './output.js';
import { shellQuoted } from './shell.js';

type Command = CommandDef<ArgsDef>;

/** What there is to complete, by name. */
type Commands = Readonly<Record<string, { readonly description: string; load(): Promise<Command> }>>;

/** A word that can be typed, and what it is for. */
type Word = readonly [word: string, description: string];

/** What can be typed behind some words; files as well, where there are options. */
interface Level {
  /** The words before it: none, a command, or a command and its action. */
  readonly path: readonly string[];
  /** Commands, actions, or the values that an argument may have. */
  readonly words: readonly Word[];
  /** With their hyphens, without which they are not listed. */
  readonly options: readonly Word[];
}

const scripts: Readonly<Record<string, (levels: readonly Level[]) => string>> = { bash, zsh, fish };
const shells = Object.keys(scripts);

/** `vaultproof completion`: what a shell completes behind `vaultproof`, as a script for that shell. */
export const completionOf = (commands: Commands) =>
  defineCommand({
    meta: { name: 'completion' },
    args: {
      shell: { type: 'positional', required: true, valueHint: shells.join('|'), description: 'The shell that you use' },
    },
    run: async ({ args: { shell } }) => {
      const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
      if (!script) throw new UsageError(unknownName('shell', shell, shells));
      const below: Level[] = [];
      for (const [name, { load }] of Object.entries(commands)) below.push(...(await levelsOf([name], await load())));
      const words = Object.entries(commands).map(([name, { description }]) => [name, description] as const);
      // The deepest first: the first one that fits is taken.
      const levels = [...below.sort((a, b) => b.path.length - a.path.length), { path: [], words, options: [] }];
      printLines(script(levels));
    },
  });

async function levelsOf(path: readonly string[], command: Command): Promise<Level[]> {
  const actions = Object.entries((await command.subCommands) ?? {}) as [string, Command][];
  if (actions.length > 0) {
    const words = actions.map(([name, { meta }]) => [name, (meta as CommandMeta).description ?? ''] as const);
    const below = await Promise.all(actions.map(([name, action]) => levelsOf([...path, name], action)));
    return [...below.flat(), { path, words, options: [] }];
  }
  const args = Object.entries(((await command.args) ?? {}) as ArgsDef);
  const options = args
    .filter(([, { type }]) => type !== 'positional')
    .map(([name, { description = '' }]) => [`--${name}`, description] as const);
  const values = args
    .filter(([, { type, valueHint = '' }]) => type === 'positional' && /^[a-z|]+$/.test(valueHint))
    .flatMap(([, { valueHint = '', description = '' }]) =>
      valueHint.split('|').map((value) => [value, description] as const),
    );
  return [{ path, words: values, options: [...options, ['--help', 'Say what it does, and with which options']] }];
}

/**
 * @see https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
 */
function bash(levels: readonly Level[]): string {
  const names = (words: readonly Word[]): string => shellQuoted(words.map(([word]) => word).join(' '));
  const cases = levels.map(
    ({ path, words, options }) => `    ${pattern(path)}) words=${names(words)} options=${names(options)} ;;`,
  );
  return `# Completes vaultproof in bash.
_vaultproof() {
  local word=\${COMP_WORDS[COMP_CWORD]} words= options=
  case "\${COMP_WORDS[*]:1:COMP_CWORD-1} " in
    *' -- '*) ;;
${cases.join('\n')}
  esac
  [[ $word == -* ]] && words=$options
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _vaultproof vaultproof`;
}

/**
 * @see https://zsh.sourceforge.io/Doc/Release/Completion-System.html
 */
function zsh(levels: readonly Level[]): string {
  const described = (words: readonly Word[]): string =>
    `(${words.map(([word, description]) => shellQuoted(`${word}:${description.replaceAll(':', '\\:')}`)).join(' ')})`;
  const cases = levels.map(
    ({ path, words, options }) => `    ${pattern(path)}) words_=${described(words)} options_=${described(options)} ;;`,
  );
  return `#compdef vaultproof
# Completes vaultproof in zsh.
_vaultproof() {
  local -a words_ options_
  case "\${(j: :)words[2,CURRENT-1]} " in
    *' -- '*) ;;
${cases.join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe option options_
  else
    _describe word words_
    (( CURRENT > 2 )) && _files
  fi
}
compdef _vaultproof vaultproof`;
}

/** What stands behind `vaultproof`, with a space at its end: the path, and anything behind that. */
function pattern(path: readonly string[]): string {
  return path.length === 0 ? "' '" : `'${path.join(' ')} '*`;
}

/**
 * @see https://fishshell.com/docs/current/cmds/complete.html
 */
function fish(levels: readonly Level[]): string {
  const cases = levels.map(({ path, words, options }) => {
    const described = [...words, ...options].map((one) => one.map(fishQuoted).join(' ')).join(' ');
    const files = options.length > 0 ? '\n            __fish_complete_path (commandline -ct)' : '';
    return `        case ${path.length === 0 ? "' '" : `'${path.join(' ')} *'`}
            printf '%s\\t%s\\n' ${described}${files}`;
  });
  return `# Completes vaultproof in fish.
function __vaultproof
    set -l words (commandline -opc)
    switch "$words[2..] "
        case '* -- *'
            __fish_complete_path (commandline -ct)
${cases.join('\n')}
    end
end
complete -c vaultproof -f -a '(__vaultproof)'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
