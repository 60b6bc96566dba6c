import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import { closest, hint, listed } from '../../internal/did-you-mean.js';
import { isRecord, membersOf } from '../../internal/json.js';
import { blocks, type Json, ROOT_BLOCKS } from '../terraform-json/document.js';
import { addressIn, type Block, headerOf, type Mode, type ModuleConfiguration } from './configuration.js';
import { locatedError, type Place } from './error-location.js';
import { treeOf } from './json-values.js';
import type { Node } from './syntax.js';
import { unknownMember, unknownName } from './unknown-names.js';
import { Lazy, type Value, ValueProblem } from './values.js';

/** Arguments whose expressions are no references, or refer to what is not evaluated here. */
const NOT_CHECKED = ['//', 'provider', 'providers', 'provisioner', 'connection', 'source', 'version'];
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  path: ['module', 'root', 'cwd'],
  terraform: ['workspace', 'applying'],
};

/** They can't stand alone, which evaluating them tells. */
const ROOTS = ['var', 'local', 'module', 'data', 'ephemeral', ...Object.keys(MEMBERS)];

const checked = new WeakSet<ModuleConfiguration>();

/**
 * Refuses references to what a module does not declare. Terraform refuses them where they are not evaluated, too, as in the branch of a
 * condition that does not hold, or in an argument of `try`.
 * @param prefix the module's address, such as `module.login.`
 * @throws VaultproofError `expression_invalid`
 */
export function refuseUndeclared(configuration: ModuleConfiguration, prefix: string): void {
  if (checked.has(configuration)) return;
  const { locals, outputs, modules, variables, resources } = configuration;
  const visit = (json: unknown, place: Place, bound: readonly string[] = []): void =>
    visitJson(json, bound, place, configuration);
  for (const [name, { value, file }] of locals) visit(value, { file, address: `${prefix}local.${name}`, header: name });
  for (const [name, { body, file }] of outputs)
    visit(body, { file, address: `${prefix}output.${name}`, header: `output "${name}"` });
  for (const [name, { body, file }] of modules)
    visit(body, { file, address: `${prefix}module.${name}`, header: `module "${name}"` }, instanceNames(body));
  for (const [name, { body, file }] of variables)
    visit(body['validation'], { file, address: `${prefix}var.${name}`, header: `variable "${name}"` });
  for (const block of resources) {
    const address = `${prefix}${addressIn(block.mode, block.type, block.name)}`;
    visit(block.body, { file: block.file, address, header: headerOf(block) }, ['self', ...instanceNames(block.body)]);
  }
  checked.add(configuration);
}

/** The names that stand for one of a block's instances. */
function instanceNames(body: Json): readonly string[] {
  return [...(body['for_each'] === undefined ? [] : ['each']), ...(body['count'] === undefined ? [] : ['count'])];
}

function visitJson(json: unknown, bound: readonly string[], place: Place, module: ModuleConfiguration): void {
  if (typeof json === 'string') {
    const node = treeOf(json);
    if (node) visitNode(node, bound, (problem) => locatedError(problem, place, json), module);
  } else if (Array.isArray(json)) {
    for (const item of json) visitJson(item, bound, place, module);
  } else if (isRecord(json)) {
    for (const [name, value] of Object.entries(json)) {
      visitJson(name, bound, place, module);
      if (name === 'dynamic') visitDynamic(value, bound, place, module);
      else if (name === 'lifecycle') visitJson([value].flat().map(conditionsOnly), bound, place, module);
      else if (!NOT_CHECKED.includes(name)) visitJson(value, bound, place, module);
    }
  }
}

/** The other arguments of `lifecycle` name attributes, or resources that are replaced. */
function conditionsOnly(lifecycle: unknown): unknown {
  const { precondition, postcondition } = membersOf(lifecycle);
  return { precondition, postcondition };
}

/** In what a dynamic block makes, its name or its iterator stands for an item. */
function visitDynamic(dynamic: unknown, bound: readonly string[], place: Place, module: ModuleConfiguration): void {
  for (const [name, bodies] of [dynamic].flat().flatMap((one) => (isRecord(one) ? Object.entries(one) : []))) {
    for (const body of [bodies].flat().filter(isRecord)) {
      const { iterator, for_each: forEach, ...others } = body;
      const item = iterator === undefined ? name : String(iterator).replace(/^\$\{(.*)\}$/, '$1');
      visitJson(forEach, bound, place, module);
      visitJson(others, [...bound, item], place, module);
    }
  }
}

function visitNode(
  node: Node,
  bound: readonly string[],
  located: (problem: ValueProblem) => unknown,
  module: ModuleConfiguration,
): void {
  const path = pathOf(node);
  if (path) {
    const words = bound.includes(path[0]) ? undefined : undeclared(path, module);
    if (words !== undefined) throw located(Object.assign(new ValueProblem(words), { at: node.at }));
    return;
  }
  const inner = node.kind === 'for' || node.kind === 'repeat' ? [...bound, ...node.names] : bound;
  for (const [part, child] of children(node)) {
    visitNode(child, part === 'collection' ? bound : inner, located, module);
  }
}

/** `['var', 'teams']` of `var.teams`, as far as names go; undefined for what is no reference. */
function pathOf(node: Node): readonly [string, ...string[]] | undefined {
  if (node.kind === 'name') return [node.name];
  if (node.kind !== 'attribute') return undefined;
  const of = pathOf(node.of);
  return of && [...of, node.name];
}

function* children(node: Node): Generator<readonly [part: string, child: Node]> {
  for (const [part, value] of Object.entries(node)) {
    for (const child of [value].flat(2)) if (isNode(child)) yield [part, child];
  }
}

function isNode(value: unknown): value is Node {
  return isRecord(value) && typeof value['kind'] === 'string' && typeof value['at'] === 'number';
}

/** What is wrong with a reference. */
function undeclared(
  [root, name, second]: readonly [string, ...string[]],
  module: ModuleConfiguration,
): string | undefined {
  if (root === '*') return undefined;
  if (name === undefined) return ROOTS.includes(root) || isType(root, module) ? undefined : unknownName(root);
  if (root === 'var') return missing(root, name, [...module.variables.keys()]);
  if (root === 'local') return missing(root, name, [...module.locals.keys()]);
  if (root === 'module') return missing(root, name, [...module.modules.keys()]);
  const members = MEMBERS[root];
  if (members) return missing(root, name, members);
  if (root === 'data' || root === 'ephemeral')
    return second === undefined ? undefined : ofResource(root, name, second, module);
  return ofResource('managed', root, name, module);
}

function isType(name: string, { resources }: ModuleConfiguration): boolean {
  return resources.some(({ mode, type }) => mode === 'managed' && type === name);
}

function ofResource(mode: Mode, type: string, name: string, { resources }: ModuleConfiguration): string | undefined {
  const ofType = resources.filter((one) => one.mode === mode && one.type === type).map((one) => one.name);
  if (ofType.length > 0) return missing(addressIn(mode, type), name, ofType);
  return mode === 'managed' ? unknownName(type) : unknownMember(new Lazy(mode, () => undefined), type);
}

function missing(what: string, name: string, known: readonly string[]): string | undefined {
  return known.includes(name)
    ? undefined
    : unknownMember(new Lazy(what, () => undefined, { names: () => known }), name);
}

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

/** Of a value that nothing may need, what is not known, or can't be read here, is no mistake. */
export function refuseInvalid(value: () => Value): void {
  try {
    value();
  } catch (error) {
    if (!(error instanceof VaultproofError) || REFUSED.includes(error.code)) throw error;
  }
}

const REFUSED: readonly ErrorCode[] = ['expression_invalid', 'dependency_cycle', 'syntax_invalid'];

/**
 * Refuses outputs that only a module that is called may have.
 * @throws VaultproofError `expression_invalid`
 */
export function refuseEphemeralOutputs({ outputs }: ModuleConfiguration): void {
  for (const [name, block] of outputs) {
    if (String(block.body['ephemeral']) === 'true')
      refuse(placeOf('output', name, block), `an output of the root module can't be ephemeral: remove "ephemeral"`);
  }
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
