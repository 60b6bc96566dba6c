import type { ArgDef, ArgsDef, CommandMeta } from 'citty';
import { type Command, commandGroups, commands } from './commands.js';
import { styled, version } from './output.js';

declare module 'citty' {
  interface CommandMeta {
    /** Command lines to try, without `vaultproof`. */
    readonly examples?: readonly string[];
    /** Headings, and the options below each, in that order; those without one come first. */
    readonly groups?: Readonly<Record<string, readonly string[]>>;
  }
}

/** A command that was found, with the names that led to it, such as `['key', 'generate']`. */
export interface NamedCommand {
  readonly path: readonly string[];
  readonly command: Command;
}

const WIDTH = 100;

/** What `vaultproof --help` says. */
export function rootUsage(): string {
  const sections = Object.entries(commandGroups).map(([heading, entries]) => ({
    heading,
    rows: Object.entries(entries).map(([name, { description }]) => [name, description] as const),
  }));
  return page([
    `vaultproof ${version} proves who gets into Vault and Consul.`,
    usageLine('COMMAND [OPTIONS]'),
    ...table(sections),
    examples(['demo', 'add vault-jwt --preset github-actions --test', 'up -- vault status']),
    'Run "vaultproof COMMAND --help" for the options of a command.',
  ]);
}

/** What `vaultproof NAME --help` says, and `vaultproof NAME ACTION --help`. */
export async function commandUsage({ path, command }: NamedCommand): Promise<string> {
  const [first = ''] = path;
  const own = (await command.meta) as CommandMeta;
  const entry = path.length === 1 ? commands[first] : undefined;
  const args = ((await command.args) ?? {}) as ArgsDef;
  const actions = Object.entries((await command.subCommands) ?? {}) as [string, Command][];
  const actionRows = await Promise.all(
    actions.map(async ([name, action]) => [name, ((await action.meta) as CommandMeta).description ?? ''] as const),
  );
  const positionals = Object.entries(args).filter(([, { type }]) => type === 'positional');
  return page([
    `${entry?.description ?? own.description ?? ''}.`,
    usageLine(
      [
        ...path,
        ...(actions.length > 0 ? ['ACTION'] : []),
        ...positionals.map(placeholder),
        '[OPTIONS]',
        ...(own.name === 'up' ? ['[-- COMMAND]'] : []),
      ].join(' '),
    ),
    ...table([
      { heading: 'Actions', rows: actionRows },
      {
        heading: 'Arguments',
        rows: positionals.map(([name, arg]) => [arg.valueHint ?? name.toUpperCase(), arg.description ?? ''] as const),
      },
      ...optionSections(args, own.groups ?? {}),
    ]),
    examples(entry?.examples ?? own.examples ?? []),
    actions.length === 0 ? '' : `Run "vaultproof ${path.join(' ')} ACTION --help" for the options of an action.`,
  ]);
}

interface Section {
  readonly heading: string;
  readonly rows: readonly (readonly [name: string, description: string])[];
}

function optionSections(args: ArgsDef, groups: Readonly<Record<string, readonly string[]>>): Section[] {
  const options = Object.entries(args).filter(([, { type }]) => type !== 'positional');
  const grouped = Object.values(groups).flat();
  const rowsOf = (names: (name: string) => boolean): Section['rows'] =>
    options.filter(([name]) => names(name)).map(([name, arg]) => [optionName(name, arg), optionText(arg)] as const);
  return [
    { heading: 'Options', rows: rowsOf((name) => !grouped.includes(name)) },
    ...Object.entries(groups).map(([heading, names]) => ({ heading, rows: rowsOf((name) => names.includes(name)) })),
  ];
}

function optionName(name: string, arg: ArgDef): string {
  const value = arg.type === 'boolean' ? '' : `=${arg.valueHint ?? name.toUpperCase()}`;
  return `--${name}${value}`;
}

function optionText({ description = '', required, default: byDefault }: ArgDef): string {
  if (required === true) return `${description} (required)`;
  return byDefault === undefined ? description : `${description} (default: ${byDefault})`;
}

function placeholder([name, arg]: [string, ArgDef]): string {
  const shown = arg.valueHint ?? name.toUpperCase();
  return arg.required === false || arg.default !== undefined ? `[${shown}]` : shown;
}

function usageLine(text: string): string {
  return `${heading('Usage')} vaultproof ${text}`;
}

function examples(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const shown = lines.map((line) => `  ${line.includes('vaultproof') ? line : `vaultproof ${line}`}`);
  return [heading('Examples'), ...shown].join('\n');
}

/** Sections whose descriptions begin in one column, and go on there on the next line. */
function table(sections: readonly Section[]): string[] {
  const names = sections.flatMap(({ rows }) => rows.map(([name]) => name.length));
  const column = Math.min(Math.max(0, ...names), 34) + 4;
  return sections
    .filter(({ rows }) => rows.length > 0)
    .map((section) =>
      [
        heading(section.heading),
        ...section.rows.flatMap(([name, description]) => {
          const lines = wrapped(description, WIDTH - column);
          const first = name.length + 4 > column ? [`  ${styled('cyan', name)}`] : [];
          const lead = first.length > 0 ? '' : `  ${styled('cyan', name)}`;
          const pad = ' '.repeat(first.length > 0 ? column : column - name.length - 2);
          return [
            ...first,
            `${lead}${pad}${lines[0] ?? ''}`.trimEnd(),
            ...lines.slice(1).map((line) => ' '.repeat(column) + line),
          ];
        }),
      ].join('\n'),
    );
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function heading(text: string): string {
  return styled('bold', text.toUpperCase());
}

function page(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
