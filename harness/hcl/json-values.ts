import { blocksBefore } from './block-order.js';
import { locatedError, type Place } from './error-location.js';
import { entriesOf, escaped, evaluate, type Scope, scopeWith } from './evaluate.js';
import { parseExpression, parseTemplate } from './expression-parser.js';
import type { Node } from './syntax.js';
import { keyOf, notKnown } from './traversal.js';
import { exact, isList, isMap, Lazy, mapValue, SetValue, Unknown, type Value, ValueProblem } from './values.js';

const trees = new Map<string, Node>();
/** So many expressions are kept for the next time. */
const MOST_TREES = 20_000;

/**
 * The value of what the JSON syntax has: strings are templates.
 * @throws VaultproofError with the place, for what can't be evaluated
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 */
export function evaluateJson(json: unknown, scope: Scope, place: Place): Value {
  if (typeof json === 'string') {
    if (!json.includes('${') && !json.includes('%{')) return json.normalize('NFC');
    try {
      return evaluate(tree(json, parseTemplate), scope);
    } catch (error) {
      if (isUnknown(error, scope)) return unknownAs(json, error.source);
      throw locatedError(error, place, json);
    }
  }
  if (Array.isArray(json)) return json.map((item) => evaluateJson(item, scope, place));
  if (typeof json === 'object' && json !== null) {
    const entries: [string, Value][] = [];
    for (const [name, value] of Object.entries(json)) {
      const key = name.includes('${') ? evaluateJson(name, scope, place) : name;
      try {
        entries.push([keyOf(key), evaluateJson(value, scope, place)]);
      } catch (error) {
        if (isUnknown(error, scope)) return unknownAs(name, error.source);
        throw locatedError(error, place, name);
      }
    }
    return mapValue(entries);
  }
  if (typeof json === 'number') return exactAt(json, place);
  return typeof json === 'boolean' ? json : null;
}

function exactAt(number: number, place: Place): number {
  try {
    return exact(number);
  } catch (error) {
    throw locatedError(error, place);
  }
}

/** Outside an apply, what needs a value that is not known is not known itself. */
function isUnknown(error: unknown, { isLenient }: Scope): error is ValueProblem {
  return isLenient === true && error instanceof ValueProblem && error.code === 'value_unknown';
}

function unknownAs(written: string, needed: string | undefined): Unknown {
  const template = needed === undefined ? 'a template' : `${needed} in a template`;
  const source = /^\$\{([^{}]*)\}$/.exec(written)?.[1]?.trim() ?? template;
  return new Unknown(`\${${source}}`, source);
}

/** The syntax tree of an argument that is an expression, not a template: a type, a reference. */
export function expressionOf(json: unknown, place: Place): Node {
  const source = String(json).replace(/^\$\{([\s\S]*)\}$/, '$1');
  try {
    return tree(source, parseExpression);
  } catch (error) {
    throw locatedError(error, place, String(json));
  }
}

/** The syntax tree of a string with a template; undefined for a plain string, and for invalid syntax, which evaluation reports. */
export function treeOf(json: string): Node | undefined {
  if (!json.includes('${') && !json.includes('%{')) return undefined;
  try {
    return tree(json, parseTemplate);
  } catch {
    return undefined;
  }
}

function tree(source: string, parse: (source: string) => Node): Node {
  const key = parse === parseTemplate ? source : `=${source}`;
  const known = trees.get(key);
  if (known) return known;
  const parsed = parse(source);
  if (trees.size >= MOST_TREES) trees.clear();
  trees.set(key, parsed);
  return parsed;
}

/** Arguments that Terraform reads itself, and that a test's server needs nothing of. */
const META = [
  '//',
  'count',
  'for_each',
  'provider',
  'depends_on',
  'lifecycle',
  'provisioner',
  'connection',
  'timeouts',
  'dynamic',
];

/** The arguments of a resource, with `dynamic` blocks expanded. */
export function evaluateBody(body: Readonly<Record<string, unknown>>, scope: Scope, place: Place): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, json] of Object.entries(body)) {
    if (!META.includes(name)) values.set(name, evaluateNested(json, scope, place));
  }
  if (body['dynamic'] === undefined) return values;
  const made = new Map<string, number>();
  for (const { name, blocks, before } of dynamicBlocks(body, scope, place)) {
    const others = values.get(name) ?? [];
    if (others instanceof Unknown) continue;
    if (blocks instanceof Unknown) {
      values.set(name, blocks);
      continue;
    }
    const earlier = made.get(name) ?? 0;
    values.set(name, (isList(others) ? others : [others]).toSpliced(before + earlier, 0, ...blocks));
    made.set(name, earlier + blocks.length);
  }
  return values;
}

/** Blocks in blocks may be dynamic, too. */
function evaluateNested(json: unknown, scope: Scope, place: Place): Value {
  const isBlocks =
    Array.isArray(json) && json.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item));
  if (!isBlocks) return evaluateJson(json, scope, place);
  return json.map((block) =>
    'dynamic' in block ? new Map(evaluateBody(block, scope, place)) : evaluateJson(block, scope, place),
  );
}

/** What a `dynamic` block makes. */
interface DynamicBlocks {
  /** Their type. */
  readonly name: string;
  readonly blocks: readonly Value[] | Unknown;
  /** How many that are written out stand before them. */
  readonly before: number;
}

function dynamicBlocks(body: Readonly<Record<string, unknown>>, scope: Scope, place: Place): readonly DynamicBlocks[] {
  return [body['dynamic']]
    .flat()
    .flatMap((one) => Object.entries(one as object))
    .flatMap(([name, sources]) =>
      [sources].flat().map((source: Readonly<Record<string, unknown>>) => ({
        name,
        blocks: blocksOf(name, source, scope, place),
        before: blocksBefore(name, source, body),
      })),
    );
}

function blocksOf(
  name: string,
  source: Readonly<Record<string, unknown>>,
  scope: Scope,
  place: Place,
): readonly Value[] | Unknown {
  const iterator = source['iterator'] === undefined ? name : String(source['iterator']).replace(/^\$\{(.*)\}$/, '$1');
  const [content] = [source['content']].flat() as [object | undefined];
  try {
    const entries = entriesOf(evaluateJson(source['for_each'], scope, place));
    if (entries instanceof Unknown && scope.isLenient) return entries;
    if (entries instanceof Unknown) throw notKnown(entries, `the for_each of dynamic "${name}" needs a value`);
    return entries.map(([key, value]) => {
      const inner = scopeWith(scope, {
        [iterator]: mapValue([
          ['key', key],
          ['value', value],
        ]),
      });
      return new Map(evaluateBody({ ...content }, inner, place));
    });
  } catch (error) {
    throw locatedError(error, place, String(source['for_each']));
  }
}

/** A value as the JSON syntax has it: references as templates, and text so that it is none. */
export function documentValue(value: Value): unknown {
  if (typeof value === 'string') return escaped(value);
  if (value instanceof Unknown) return value.template;
  if (isList(value)) return value.map(documentValue);
  if (value instanceof SetValue) return value.items.map(documentValue);
  if (value instanceof Lazy) {
    if (value.each) return `\${${value.what}}`;
    const all = value.all();
    if (all) return documentValue(all);
    throw new ValueProblem(`"${value.what}" as a whole can't be an argument: name one of its attributes`);
  }
  if (isMap(value)) return Object.fromEntries([...value].map(([key, item]) => [escaped(key), documentValue(item)]));
  return value;
}
