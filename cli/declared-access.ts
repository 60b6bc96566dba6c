import { readdir, stat } from 'node:fs/promises';
import { UsageError } from '../errors/index.js';
import { type DeclaredAccess, readAccess } from '../harness/access/index.js';
import { unknownName } from './arguments.js';
import { appAt, type CdktfApp, synthesised } from './cdktf-app.js';
import { handleInterruption } from './interruption.js';
import {
  type GivenVariables,
  givenPatterns,
  givenVariables,
  ignoreArg,
  sayUnmatched,
  variableArgs,
} from './variables.js';

/** The argument that names what is read. */
export const declaredFile = {
  type: 'positional',
  required: true,
  description:
    'A cdktf app, a folder of HCL, a cdktf.out, a cdk.tf.json, or what "terraform show -json" prints of a plan',
} as const;

/** The options that say how it is read. */
export const readingArgs = {
  ...variableArgs,
  ignore: ignoreArg,
  product: {
    type: 'string',
    valueHint: 'vault|openbao',
    description: 'Whose rules policies have (default VAULTPROOF_VAULT_PRODUCT, else vault)',
  },
} as const;

/** How declarations are read. */
export interface Reading {
  readonly product: 'vault' | 'openbao';
  /** For HCL alone. */
  readonly variables: GivenVariables;
  /** For HCL alone, too. */
  readonly ignore: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * What these options say.
 * @throws UsageError for a product that there is not, and what givenVariables throws
 */
export function readingOf(
  {
    product = process.env['VAULTPROOF_VAULT_PRODUCT'] || 'vault',
    ignore,
  }: { readonly product?: string | undefined; readonly ignore?: string | undefined },
  rawArgs: readonly string[],
): Reading {
  if (product !== 'vault' && product !== 'openbao')
    throw new UsageError(unknownName('product', product, ['vault', 'openbao']));
  return {
    product,
    variables: givenVariables(rawArgs),
    ignore: givenPatterns(ignore),
    signal: handleInterruption().signal,
  };
}

/** What is done otherwise for a side of a comparison. */
interface SideOfComparison {
  /** What to do about values of variables that are not declared; default to refuse them. */
  readonly undeclared?: (names: readonly string[]) => void;
  /** What to do about patterns of --ignore that match nothing; default to say so. */
  readonly unmatched?: (patterns: readonly string[]) => void;
  /** The app to run for the one that the path names. */
  readonly app?: (named: CdktfApp) => CdktfApp;
  /** What to do about an app that fails. */
  readonly advice?: string;
}

/**
 * Reads who gets in of what an argument names, as {@link readAccess} does, and of a cdktf app what it synthesises. The app is told the
 * issuer that its environment names, or one that does not exist.
 * @throws UsageError for values of variables where there is no HCL
 * @throws VaultproofError `synth_failed`, and what readAccess throws
 */
export async function declaredAccess(path: string, reading: Reading & SideOfComparison): Promise<DeclaredAccess> {
  const { product, variables, ignore, signal, undeclared = refuse, unmatched = sayUnmatched } = reading;
  const { app: appFor = (named) => named, advice } = reading;
  const app = await appAt(path);
  const names = await namesIn(path);
  const isHclSource = app === undefined && (names?.some(isHcl) ?? path.endsWith('.tf'));
  if (names !== undefined && app === undefined && !isHclSource) await refuseWithRootsBelow(path, names);
  const isForHcl = variables.files.length + Object.keys(variables.texts).length + ignore.length > 0;
  if (isForHcl && !isHclSource)
    throw new UsageError(`"${path}" is no folder of HCL: leave --var, --var-file and --ignore out`);
  if (app === undefined) {
    const { variablesFromText } = await import('../harness/hcl/index.js');
    const { values, undeclared: others } = await variablesFromText(path, variables.texts);
    undeclared(others);
    const access = await readAccess(path, { product, variables: values, variableFiles: variables.files, ignore });
    unmatched(access.unmatched ?? []);
    return access;
  }
  const stacks = await synthesised(appFor(app), signal, advice);
  return readAccess(
    stacks.map(({ json }) => json),
    { product },
  );
}

/**
 * @throws UsageError for a folder of folders with HCL, which are root modules of their own, or called by one
 */
export async function refuseWithRootsBelow(path: string, names: readonly string[] = []): Promise<void> {
  if (names.includes('stacks')) return;
  const { lintInput } = await import('./lint/input.js');
  const input = await lintInput([path]).catch(() => undefined);
  if (input === undefined || input.configurations.length === 0) return;
  const { loaded } = await import('./lint/hcl.js');
  const { configurations, failed } = await loaded(input, []);
  const roots = [...configurations.map(({ folder }) => folder), ...failed.map(({ file }) => file)].sort();
  throw new UsageError(
    `there is no *.tf in "${path}" itself: name ${roots.length === 1 ? 'its root module' : 'one of its root modules'}, ${roots.join(', ')}`,
  );
}

/** @throws UsageError where there is one */
export function refuse([first]: readonly string[]): void {
  if (first !== undefined) throw new UsageError(`there is no variable "${first}": correct --var`);
}

/** Whether a path is a file, or a folder of something that can be read. */
export async function declaresSomething(path: string): Promise<boolean> {
  const names = await namesIn(path);
  if (names !== undefined) return names.some((name) => isHcl(name) || name === 'stacks' || name === 'cdktf.json');
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** What is in a folder; undefined for anything else. */
function namesIn(path: string): Promise<readonly string[] | undefined> {
  return readdir(path).catch(() => undefined);
}

function isHcl(name: string): boolean {
  return /\.tf(?:\.json)?$/.test(name);
}
