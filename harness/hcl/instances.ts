import { VaultproofError } from '../../errors/index.js';
import type { Json } from '../terraform-json/document.js';
import { locatedError, type Place } from './error-location.js';
import { entriesOf, type Scope, scopeWith } from './evaluate.js';
import { type EvaluationContext, ignoredAmong } from './evaluation-context.js';
import { evaluateJson } from './json-values.js';
import { keyOf, notKnown } from './traversal.js';
import { toPrimitive, withArticle } from './types.js';
import {
  isList,
  known,
  Lazy,
  mapValue,
  SetValue,
  typeName,
  Unknown,
  unknownIn,
  type Value,
  ValueProblem,
} from './values.js';

/**
 * Which instances a block has: one, one that stands for all since they are not known, `count` of them, one for each key, or none
 * since what is ignored says which.
 */
export type Instances<Instance> =
  | { readonly kind: 'one'; readonly one: Instance }
  | { readonly kind: 'each'; readonly one: Instance }
  | { readonly kind: 'count'; readonly all: readonly Instance[] }
  | { readonly kind: 'for_each'; readonly all: ReadonlyMap<string, Instance> }
  | { readonly kind: 'ignored'; readonly address: string; readonly cause: string; readonly all: readonly [] };

/** The argument that says which instances there are, and what of it is not known. */
export interface UnknownInstances {
  readonly argument: 'count' | 'for_each';
  /** As it is written: `var.projects`. */
  readonly source: string;
}

/** How one instance is told from others: `[0]`, `["a"]`, or nothing. */
export interface InstanceKey {
  readonly suffix: string;
  /** The key alone, for the instance's name in the document. */
  readonly name: string;
  /** `count` or `each`, beside what the module's scope has. */
  readonly scope: Scope;
  /** Why it stands for all; default it is one. */
  readonly unknown?: UnknownInstances;
}

/**
 * Makes the instances of a block by its `count` or `for_each`.
 * @throws VaultproofError `value_unknown`, and `expression_invalid` for a count that is not one
 * @see https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
 */
export function instancesOf<Instance>(
  body: Json,
  scope: Scope,
  place: Place,
  make: (key: InstanceKey) => Instance,
  context: Pick<EvaluationContext, 'collect' | 'isLenient'>,
): Instances<Instance> {
  const [argument, other] = (['count', 'for_each'] as const).filter((name) => body[name] !== undefined);
  if (argument === undefined) return { kind: 'one', one: make({ suffix: '', name: '', scope }) };
  if (other !== undefined) {
    throw locatedError(new ValueProblem('it has both "count" and "for_each": leave one of the two out'), place);
  }
  const { result, touched } = context.collect(() => keysOf(argument, body[argument], scope, place));
  if ('keys' in result) {
    if (argument === 'count') return { kind: 'count', all: result.keys.map(make) };
    return { kind: 'for_each', all: new Map(result.keys.map((key) => [key.name, make(key)])) };
  }
  if (context.isLenient) {
    const unknown = { argument, source: result.source };
    return { kind: 'each', one: make({ suffix: '', name: '', scope: unknownEach(scope), unknown }) };
  }
  const cause = ignoredAmong(touched);
  if (cause === undefined) throw locatedError(result.error, place, String(body[argument]));
  return { kind: 'ignored', address: place.address, cause, all: [] };
}

/** The keys of a block's instances, or why they are not known. */
function keysOf(
  argument: UnknownInstances['argument'],
  json: unknown,
  scope: Scope,
  place: Place,
): { readonly keys: readonly InstanceKey[] } | { readonly error: unknown; readonly source: string } {
  try {
    const value = evaluateJson(json, scope, place);
    return { keys: argument === 'count' ? indexesIn(value, scope) : keysIn(value, scope) };
  } catch (error) {
    if (!isUnknown(error)) throw locatedError(error, place, String(json));
    const source = error instanceof ValueProblem ? error.source : undefined;
    return { error, source: source ?? 'a template' };
  }
}

function isUnknown(error: unknown): boolean {
  return (error instanceof ValueProblem || error instanceof VaultproofError) && error.code === 'value_unknown';
}

/** One instance stands for all of them. */
function unknownEach(scope: Scope): Scope {
  const unknown = (what: string): Lazy =>
    new Lazy(what, (name) => new Unknown(`\${${what}.${name}}`, `${what}.${name}`));
  return scopeWith(scope, { each: unknown('each'), count: unknown('count') });
}

/** All instances, in order. */
export function allInstances<Instance>(instances: Instances<Instance>): readonly Instance[] {
  return 'one' in instances ? [instances.one] : [...instances.all.values()];
}

/** What references to blocks stand for. A block with many instances is referred to by as many. */
const values = new WeakMap<object, Value>();

/** What a reference to a block stands for: the instance, a list or a map of them. */
export function instancesValue<Instance>(instances: Instances<Instance>, toValue: (instance: Instance) => Lazy): Value {
  const value = values.get(instances) ?? allValues(instances, toValue);
  values.set(instances, value);
  return value;
}

function allValues<Instance>(instances: Instances<Instance>, toValue: (instance: Instance) => Lazy): Value {
  if (instances.kind === 'one') return toValue(instances.one);
  if (instances.kind === 'each') {
    const each = toValue(instances.one);
    const { what, get, all, names } = each;
    return new Lazy(what, get, { all, names, each });
  }
  if (instances.kind === 'for_each') return mapValue([...instances.all].map(([key, one]) => [key, toValue(one)]));
  return instances.all.map(toValue);
}

/** More are refused before they are made. */
const MOST = 10_000;

function indexesIn(value: Value, scope: Scope): readonly InstanceKey[] {
  return Array.from({ length: countOf(value) }, (_, index) => ({
    suffix: `[${index}]`,
    name: String(index),
    scope: scopeWith(scope, { count: mapValue([['index', index]]) }),
  }));
}

function countOf(value: Value): number {
  const given = known(value);
  if (given instanceof Unknown) throw notKnown(given, 'count needs a value');
  if (given === null) throw new ValueProblem('count is null: give it a whole number, and 0 for none');
  const count = numberIn(given);
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) {
    throw new ValueProblem(`count is ${String(count)}: expected a whole number, 0 or more`);
  }
  if (count > MOST) {
    throw new ValueProblem(
      `count is ${count}, and at most ${MOST.toLocaleString('en')} instances are made: give it fewer for a test`,
      'too_many_instances',
    );
  }
  return count;
}

function numberIn(value: Value): Value {
  try {
    return toPrimitive(value, 'number');
  } catch {
    throw new ValueProblem(`count is ${withArticle(typeName(value))}: expected a whole number`);
  }
}

function keysIn(value: Value, scope: Scope): readonly InstanceKey[] {
  const given = known(value);
  if (given instanceof Unknown) throw notKnown(given, 'for_each needs a value');
  if (given === null) throw new ValueProblem('for_each is null: give it a map or a set of strings, and {} for none');
  if (isList(given)) throw new ValueProblem('for_each is a list: use a map, or make a set of it with toset()');
  const entries = entriesOf(given);
  if (entries instanceof Unknown) throw notKnown(entries, 'for_each needs a value');
  const unknown = given instanceof SetValue ? unknownIn(given) : undefined;
  if (unknown) throw notKnown(unknown, 'for_each needs a value');
  if (given instanceof SetValue && given.items.some((item) => typeof item !== 'string')) {
    throw new ValueProblem('for_each is a set of values that are not strings: use a set of strings, or a map');
  }
  return entries.map(([entry, item]) => {
    const key = keyOf(entry);
    const each = mapValue([
      ['key', key],
      ['value', item],
    ]);
    return { suffix: `[${JSON.stringify(key)}]`, name: key, scope: scopeWith(scope, { each }) };
  });
}
