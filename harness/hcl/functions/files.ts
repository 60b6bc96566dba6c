import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, normalize, resolve, sep } from 'node:path';
import { evaluate, type Scope } from '../evaluate.js';
import { parseTemplate } from '../expression-parser.js';
import { SyntaxProblem } from '../syntax.js';
import { type MapValue, SetValue, Unknown, type Value, ValueProblem } from '../values.js';
import { define, type FunctionDefinition } from './definition.js';
import { utf8 } from './encoding.js';
import { hashed } from './hash.js';

/** Where files may be read. */
export interface FileAccess {
  /** The root module's folder, from which relative paths lead. */
  readonly folder: string;
  /** The folders of all modules: only what is below one of them is read. */
  readonly folders: () => readonly string[];
  /** Whether a file that is outside of them is unknown, and no mistake. */
  readonly isLenient?: boolean;
  /** Receives, of each call of such a function, whether it would give the same again. */
  readonly noteRead: (isSame: () => boolean) => void;
}

type Functions = Readonly<Record<string, FunctionDefinition>>;

/**
 * Terraform's functions for files. What is not there, or outside the modules' folders, is refused.
 * @param functionNamed finds those that a template may call
 * @see https://developer.hashicorp.com/terraform/language/functions#filesystem-functions
 */
export function fileFunctions(access: FileAccess, functionNamed: Scope['functionNamed']): Functions {
  const lenient = (functions: Functions): Functions => (access.isLenient ? unknownOutside(functions) : functions);
  const bytes = (path: string): Buffer => readFileSync(allowed(access, path));
  const ofFile = (algorithm: string, digest: 'hex' | 'base64') =>
    define(['string'], (path) => hashed(algorithm, bytes(path), digest));
  const rendered = (source: string, what: string, values: MapValue): Value => {
    const scope: Scope = {
      lookUp: (name) => values.get(name),
      functionNamed: (name) => {
        if (name !== 'templatefile' && name !== 'templatestring') return functionNamed(name);
        throw new ValueProblem(
          `a template can't call "${name}": call it outside, and give it the result`,
          'function_unknown',
        );
      },
      explain: (name) => `"${name}" is not given to the template: give it in the call`,
    };
    try {
      return evaluate(parseTemplate(source), scope);
    } catch (error) {
      if (!(error instanceof SyntaxProblem) && !(error instanceof ValueProblem)) throw error;
      const line = source.slice(0, error.at ?? 0).split('\n').length;
      throw new ValueProblem(
        `${what}, line ${line}: ${error.message}`,
        error instanceof ValueProblem ? error.code : undefined,
      );
    }
  };
  return lenient({
    abspath: define(['string'], (path) => resolve(access.folder, path)),
    basename: define(['string'], (path) => basename(path) || (path === '' ? '.' : '/')),
    // Unlike Node's, that of `a/b/` is `a/b`.
    dirname: define(['string'], (path) => normalize(path.slice(0, path.lastIndexOf('/') + 1)).replace(/(?<=.)\/$/, '')),
    pathexpand: define(['string'], (path) => {
      if (/^~[^/]/.test(path)) throw new ValueProblem(`"${path}" begins with the home of another user`);
      return path.replace(/^~/, homedir());
    }),
    file: define(['string'], (path) => utf8(bytes(path), 'file').normalize('NFC')),
    filebase64: define(['string'], (path) => bytes(path).toString('base64')),
    filebase64sha256: ofFile('sha256', 'base64'),
    filebase64sha512: ofFile('sha512', 'base64'),
    fileexists: define(['string'], (path) => isFile(access, path)),
    filemd5: ofFile('md5', 'hex'),
    fileset: define(['string', 'string'], (path, pattern) => new SetValue(matching(access, path, pattern))),
    filesha1: ofFile('sha1', 'hex'),
    filesha256: ofFile('sha256', 'hex'),
    filesha512: ofFile('sha512', 'hex'),
    templatefile: define(
      ['string', 'map'],
      (path, values) => rendered(utf8(bytes(path), 'templatefile'), `"${path}"`, values),
      {
        unknown: 'keep',
      },
    ),
    templatestring: define(['string', 'map'], (source, values) => rendered(source, 'the template', values), {
      unknown: 'keep',
    }),
  });
}

/**
 * A file's real path.
 * @throws ValueProblem `file_not_found`, and `file_outside_folder` where a link leads out, too
 */
function allowed(access: FileAccess, path: string): string {
  const full = resolve(access.folder, path.replace(/^~(?=\/|$)/, homedir()));
  const real = realPath(full);
  if (real === undefined || !statSync(real).isFile()) {
    // What is outside is not told to be there or not.
    if (!isWithin(access, full)) throw outside(path);
    const words = `there is no file "${path}" in the folder of the root module: correct the path, which may begin with "\${path.module}"`;
    throw new ValueProblem(words, 'file_not_found');
  }
  if (!isWithin(access, real)) throw outside(path);
  return real;
}

function outside(path: string): ValueProblem {
  return new ValueProblem(
    `"${path}" is outside the folders of the configuration and its modules: copy it into one of them`,
    'file_outside_folder',
  );
}

function isWithin({ folder, folders }: FileAccess, path: string): boolean {
  return [folder, ...folders()].some((one) => {
    const real = realPath(one) ?? one;
    return [one, real].some((root) => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep));
  });
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isFile(access: FileAccess, path: string): boolean {
  try {
    allowed(access, path);
    return true;
  } catch (error) {
    if (error instanceof ValueProblem && error.code === 'file_not_found') return false;
    throw error;
  }
}

function matching(access: FileAccess, path: string, pattern: string): string[] {
  const folder = resolve(access.folder, path);
  if (!isWithin(access, realPath(folder) ?? folder)) throw outside(path);
  const expression = globExpression(pattern);
  return filesBelow(access, folder, '').filter((name) => expression.test(name));
}

function filesBelow(access: FileAccess, folder: string, prefix: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.sort().flatMap((name) => {
    const path = join(folder, name);
    const real = realPath(path);
    if (real === undefined || !isWithin(access, real)) return [];
    if (statSync(real).isDirectory()) return name === '.terraform' ? [] : filesBelow(access, path, `${prefix}${name}/`);
    return [prefix + name];
  });
}

/** A pattern with `*`, `**`, `?`, `[...]` and `{a,b}` as a regular expression. */
function globExpression(pattern: string): RegExp {
  let depth = 0;
  const source = pattern.replaceAll(/\*\*\/|\*\*|\*|\?|\[[^\]]+\]|[{},]|[\\^$.+()|\]/-]/g, (piece) => {
    if (piece === '**/') return '(?:[^/]+/)*';
    if (piece === '**') return '.*';
    if (piece === '*') return '[^/]*';
    if (piece === '?') return '[^/]';
    if (piece === '{') return depth++ >= 0 ? '(?:' : '';
    if (piece === '}') return depth-- > 0 ? ')' : '\\}';
    if (piece === ',') return depth > 0 ? '|' : ',';
    return piece.startsWith('[') ? piece.replace(/^\[!/, '[^') : `\\${piece}`;
  });
  return new RegExp(`^${source}$`);
}

function unknownOutside(functions: Functions): Functions {
  const lenient = Object.entries(functions).map(([name, call]): [string, FunctionDefinition] => [
    name,
    (_, args) => {
      try {
        return call(name, args);
      } catch (error) {
        if (!(error instanceof ValueProblem) || error.code !== 'file_outside_folder') throw error;
        return new Unknown(`\${${name}(...)}`, `${name}(...)`);
      }
    },
  ]);
  return Object.fromEntries(lenient);
}
