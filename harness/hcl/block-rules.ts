import { closest, hint, listed } from '../../internal/did-you-mean.js';
import { blocks, type Json, ROOT_BLOCKS } from '../terraform-json/document.js';
import { type Block, headerOf, type ModuleConfiguration } from './configuration.js';
import { locatedError, type Place } from './error-location.js';
import { ValueProblem } from './values.js';

/** The arguments of a block: which there are, which must be there, and which are true or false. */
interface BlockRule {
  readonly known: readonly string[];
  readonly required?: readonly string[];
  readonly flags?: readonly string[];
}

const FLAGS = ['sensitive', 'nullable', 'ephemeral'];
const VARIABLE: BlockRule = {
  known: ['type', 'default', 'description', 'deprecated', 'validation', ...FLAGS],
  flags: FLAGS,
};
const OUTPUT: BlockRule = {
  known: ['value', 'description', 'deprecated', 'sensitive', 'ephemeral', 'depends_on', 'precondition'],
  required: ['value'],
  flags: ['sensitive', 'ephemeral'],
};
const VALIDATION: BlockRule = { known: ['condition', 'error_message'], required: ['condition', 'error_message'] };

/** A module's block has arguments of these names. */
const RESERVED = ['source', 'version', 'providers', 'count', 'for_each', 'lifecycle', 'depends_on', 'locals'];
const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

/**
 * Refuses blocks that Terraform refuses whatever is in them: of a kind, with a name or with an argument that there is not.
 * @throws VaultproofError `expression_invalid`
 * @see https://developer.hashicorp.com/terraform/language/values/variables#arguments
 */
export function refuseInvalidBlocks(configuration: ModuleConfiguration): void {
  const { files, locals, modules, outputs, resources, variables } = configuration;
  for (const file of files) {
    const unknown = Object.keys(file.json).find((kind) => !ROOT_BLOCKS.includes(kind));
    if (unknown !== undefined)
      refuse(
        { file, address: unknown, header: unknown },
        `there is no block of this kind: ${hint(unknown, ROOT_BLOCKS)}`,
      );
  }
  for (const [name, { file }] of locals) checkName(name, { file, address: `local.${name}`, header: name });
  for (const [name, block] of modules) checkName(name, placeOf('module', name, block));
  for (const [name, block] of variables) {
    const place = placeOf('variable', name, block);
    checkName(name, place);
    if (RESERVED.includes(name)) refuse(place, `a variable can't have the name of an argument of modules: rename it`);
    checkArguments(block.body, VARIABLE, place);
    for (const one of blocks(block.body['validation'], `"validation" of "${name}"`))
      checkArguments(one, VALIDATION, place);
  }
  for (const [name, block] of outputs) {
    const place = placeOf('output', name, block);
    checkName(name, place);
    checkArguments(block.body, OUTPUT, place);
  }
  for (const block of resources)
    checkName(block.name, { file: block.file, address: `${block.type}.${block.name}`, header: headerOf(block) });
}

function placeOf(kind: 'module' | 'variable' | 'output', name: string, { file }: Block): Place {
  return { file, address: `${kind === 'variable' ? 'var' : kind}.${name}`, header: `${kind} "${name}"` };
}

function checkName(name: string, place: Place): void {
  if (IDENTIFIER.test(name)) return;
  refuse(place, `"${name}" is not a valid name: begin it with a letter or "_", and use letters, digits, "_" and "-"`);
}

function checkArguments(body: Json, { known, required = [], flags = [] }: BlockRule, place: Place): void {
  // A newer Terraform has more arguments: only what one may be meant by is a mistake.
  const misspelt = Object.keys(body).find((name) => !known.includes(name) && closest(name, known) !== undefined);
  if (misspelt !== undefined) refuse(place, `there is no argument "${misspelt}": ${hint(misspelt, known)}`);
  const missing = required.filter((name) => !Object.hasOwn(body, name));
  if (missing.length > 0) refuse(place, `it needs ${listed(missing)}: set it`);
  const odd = flags.find((name) => !['undefined', 'null', 'true', 'false'].includes(String(body[name])));
  if (odd !== undefined) refuse(place, `"${odd}" is neither true nor false: correct it`);
}

function refuse(place: Place, words: string): never {
  throw locatedError(new ValueProblem(words), place);
}
