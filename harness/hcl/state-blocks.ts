import { blocks, type Json } from '../terraform-json/document.js';
import type { ModuleConfiguration } from './configuration.js';
import { locatedError } from './error-location.js';
import type { PassedOverTerraform } from './evaluation-context.js';
import type { ParsedFile } from './parse-file.js';
import { ValueProblem } from './values.js';

/** The blocks that say what becomes of a state, which is empty before a first apply. */
const KINDS = ['moved', 'removed', 'import'] as const;

/** One of them. */
interface StateBlock {
  readonly kind: (typeof KINDS)[number];
  readonly body: Json;
  readonly file: ParsedFile;
}

function stateBlocks({ files }: ModuleConfiguration): readonly StateBlock[] {
  return files.flatMap((file) =>
    KINDS.flatMap((kind) => blocks(file.json[kind], `"${kind}"`).map((body) => ({ kind, body, file }))),
  );
}

/** What `import` blocks name, which a first apply to an empty server makes. */
export function importsOf(configuration: ModuleConfiguration): readonly PassedOverTerraform[] {
  const imports = stateBlocks(configuration).filter(({ kind }) => kind === 'import');
  return imports.map(({ body }) => ({
    address: `import.${pathIn(body['to'])}`,
    reason: 'nothing is there to import: it is made',
  }));
}

/**
 * Refuses blocks that Terraform refuses before it looks at a state.
 * @throws VaultproofError `expression_invalid`
 * @see https://developer.hashicorp.com/terraform/language/moved
 */
export function refuseInvalidStateBlocks(configuration: ModuleConfiguration): void {
  for (const { kind, body, file } of stateBlocks(configuration)) {
    const words = mistakeIn(kind, body, configuration);
    const written = body[kind === 'import' ? 'to' : 'from'];
    const address = pathIn(written);
    if (words !== undefined)
      throw locatedError(new ValueProblem(words), { file, address, header: kind }, String(written));
  }
}

function mistakeIn(kind: StateBlock['kind'], body: Json, module: ModuleConfiguration): string | undefined {
  const [from, to] = [pathIn(body['from']), pathIn(body['to'])];
  if (kind === 'import') {
    const isThere = isDeclared(to.replaceAll(/\[.*?\]/g, ''), module) !== false;
    return isThere ? undefined : 'it is imported and not declared: declare it, or remove the import block';
  }
  if (kind === 'moved' && from === to) return 'it is moved to itself: remove the moved block';
  // Of instances, Terraform knows which there are.
  if (isDeclared(from, module) !== true || to.includes('[')) return undefined;
  const what = kind === 'moved' ? 'moved' : 'removed';
  return `it is ${what} and still declared: remove its block, or the ${what} block`;
}

/** Whether a block of this module is at an address; undefined where another module or an instance is meant. */
function isDeclared(address: string, { resources, modules }: ModuleConfiguration): boolean | undefined {
  const [first = '', second = '', ...rest] = address.split('.');
  if (address.includes('[')) return undefined;
  if (first === 'module' && !modules.has(second)) return false;
  if (rest.length > 0) return undefined;
  if (first === 'module') return true;
  return resources.some(({ mode, type, name }) => mode === 'managed' && type === first && name === second);
}

function pathIn(json: unknown): string {
  return String(json ?? '').replace(/^\$\{([\s\S]*)\}$/, '$1');
}
