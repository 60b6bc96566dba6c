import type { Json } from '../terraform-json/document.js';
import { locatedError, type Place } from './error-location.js';
import { entriesOf, keyOf, notKnown, type Scope, scopeWith } from './evaluate.js';
import { evaluateJson } from './json-values.js';
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

/** Which instances a block has: one, one that stands for all since they are not known, `count` of them, or one for each key. */
export type Instances<Instance> =
  | { readonly kind: 'one'; readonly one: Instance }
  | { readonly kind: 'each'; readonly one: Instance }
  | { readonly kind: 'count'; readonly all: readonly Instance[] }
  | { readonly kind: 'for_each'; readonly all: ReadonlyMap<string, Instance> };

/** How one instance is told from others: `[0]`, `["a"]`, or nothing. */
export interface InstanceKey {
  readonly suffix: string;
  /** The key alone, for the instance's name in the document. */
  readonly name: string;
  /** `count` or `each`, beside what the module's scope has. */
  readonly scope: Scope;
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
  isLenient = false,
): Instances<Instance> {
  const { count, for_each: forEach } = body;
  try {
    if (count !== undefined && count !== null) {
      const length = countOf(evaluateJson(count, scope, place));
      const all = Array.from({ length }, (_, index) =>
        make({
          suffix: `[${index}]`,
          name: String(index),
          scope: scopeWith(scope, { count: mapValue([['index', index]]) }),
        }),
      );
      return { kind: 'count', all };
    }
    if (forEach !== undefined && forEach !== null) {
      const entries = keysOf(evaluateJson(forEach, scope, place)).map(([key, value]): [string, Instance] => [
        key,
        make({
          suffix: `[${JSON.stringify(key)}]`,
          name: key,
          scope: scopeWith(scope, {
            each: mapValue([
              ['key', key],
              ['value', value],
            ]),
          }),
        }),
      ]);
      return { kind: 'for_each', all: new Map(entries) };
    }
  } catch (error) {
    const isUnknown = error instanceof ValueProblem && error.code === 'value_unknown';
    if (isUnknown && isLenient) return { kind: 'each', one: make({ suffix: '', name: '', scope: unknownEach(scope) }) };
    throw locatedError(error, place, String(count ?? forEach));
  }
  return { kind: 'one', one: make({ suffix: '', name: '', scope }) };
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
  if (instances.kind === 'count') return instances.all.map(toValue);
  return mapValue([...instances.all].map(([key, instance]) => [key, toValue(instance)]));
}

/** More are refused before they are made. */
const MOST = 10_000;

function countOf(value: Value): number {
  const given = known(value);
  if (given instanceof Unknown) throw notKnown(given, 'count needs a value');
  if (given === null) throw new ValueProblem('count is null: give it a whole number, and 0 for none');
  const count = numberIn(given);
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) {
    throw new ValueProblem(`count is ${String(count)}, and a whole number is needed`);
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
    throw new ValueProblem(`count is ${withArticle(typeName(value))}, and a whole number is needed`);
  }
}

function keysOf(value: Value): readonly (readonly [string, Value])[] {
  const given = known(value);
  if (given instanceof Unknown) throw notKnown(given, 'for_each needs a value');
  if (given === null) throw new ValueProblem('for_each is null: give it a map or a set of strings, and {} for none');
  if (isList(given)) throw new ValueProblem('for_each is a list, and a map or a set of strings is needed: use toset()');
  const entries = entriesOf(given);
  if (entries instanceof Unknown) throw notKnown(entries, 'for_each needs a value');
  const unknown = given instanceof SetValue ? unknownIn(given) : undefined;
  if (unknown) throw notKnown(unknown, 'for_each needs a value');
  if (given instanceof SetValue && given.items.some((item) => typeof item !== 'string')) {
    throw new ValueProblem('for_each is a set of values that are not strings: use a set of strings, or a map');
  }
  return entries.map(([key, item]) => [keyOf(key), item]);
}
