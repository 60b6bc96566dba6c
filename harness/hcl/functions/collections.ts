import { anyType, typeOfValue } from '../common-type.js';
import { convert, itemsOf, toPrimitive, unify, withArticle } from '../types.js';
import {
  compareText,
  isEqual,
  isMap,
  known,
  knownDeep,
  Lazy,
  type MapValue,
  mapValue,
  SetValue,
  typeName,
  Unknown,
  unknownIn,
  type Value,
  ValueProblem,
} from '../values.js';
import { define } from './definition.js';
import { charactersOf } from './format.js';

const keep = { unknown: 'keep' } as const;

/** @see https://developer.hashicorp.com/terraform/language/functions#collection-functions */
export const collectionFunctions = {
  alltrue: define(['list'], (items) => items.every(isTrue)),
  anytrue: define(['list'], (items) => items.some(isTrue)),
  chunklist: define(['list', 'integer'], (items, size) => chunks(unify(items), size), keep),
  coalesce: define(['...any'], coalesced, keep),
  coalescelist: define(
    ['...sequence'],
    (lists) => {
      const found = lists.find((list) => list.length > 0);
      if (found) return found;
      throw new ValueProblem('every list of "coalescelist" is empty');
    },
    keep,
  ),
  compact: define(
    ['list'],
    (items) => items.filter((item) => item !== null && item !== '').map((item) => convert(item, { kind: 'string' })),
    keep,
  ),
  concat: define(['sequence', '...sequence'], (first, others) => [...first, ...others.flat()], keep),
  contains: define(['list', 'any'], (items, value) => items.some((item) => isEqual(item, notNull('contains', value)))),
  distinct: define(['list'], (items) => differing(unify(items.map(knownDeep))), keep),
  element: define(
    ['sequence', 'integer'],
    (items, index) => {
      if (items.length === 0) throw new ValueProblem('"element" needs a list with items');
      if (index < 0) throw new ValueProblem(`"element" needs an index from 0, and it is ${index}`);
      return items[index % items.length] ?? null;
    },
    keep,
  ),
  flatten: define(['list'], flat, keep),
  index: define(['sequence', 'any'], (items, value) => {
    const at = items.findIndex((item) => isEqual(item, notNull('index', value)));
    if (at >= 0) return at;
    throw new ValueProblem('the list of "index" does not have the value');
  }),
  keys: define(['map'], (map) => [...map.keys()], keep),
  length: define(['any'], lengthOf, keep),
  lookup: define(
    ['map', 'string', 'any?'],
    (map, key, fallback) => {
      const found = map.get(key);
      if (found !== undefined) return found;
      if (fallback !== undefined) {
        const type = typeOfValue(map);
        return type.kind === 'map' ? convert(fallback, type.of) : fallback;
      }
      throw new ValueProblem(`"lookup" finds no key "${key}", and has no default`);
    },
    keep,
  ),
  matchkeys: define(['list', 'list', 'list'], (values, keys, searched) => {
    if (values.length !== keys.length)
      throw new ValueProblem(`"matchkeys" has ${values.length} values and ${keys.length} keys`);
    const all = unify([...keys, ...searched]);
    const wanted = all.slice(keys.length);
    return values.filter((_, at) => wanted.some((key) => isEqual(key, all[at] ?? null)));
  }),
  merge: define(['...any'], merged, keep),
  one: define(
    ['any'],
    (collection) => {
      const items = listOf(collection);
      if (items.length > 1) throw new ValueProblem(`"one" needs at most one item, and there are ${items.length}`);
      return items[0] ?? null;
    },
    keep,
  ),
  range: define(['number', 'number?', 'number?'], ranged),
  reverse: define(['list'], (items) => [...items].reverse(), keep),
  setintersection: define(['list', '...list'], (one, more) => {
    const [first = [], ...others] = unify([one, ...more]).map(listOf);
    return new SetValue(first.filter((item) => others.every((other) => other.some((one) => isEqual(one, item)))));
  }),
  setproduct: define(['any', 'any', '...any'], (one, other, more) => product([one, other, ...more]), keep),
  setsubtract: define(['list', 'list'], (from, without) => {
    const [items = [], taken = []] = unify([from, without]).map(listOf);
    return new SetValue(items.filter((item) => !taken.some((one) => isEqual(one, item))));
  }),
  setunion: define(
    ['list', '...list'],
    (one, more) => new SetValue(unify([...one, ...more.flat()].map(knownDeep))),
    keep,
  ),
  slice: define(
    ['sequence', 'integer', 'integer'],
    (items, start, end) => {
      if (start < 0 || end > items.length || start > end)
        throw new ValueProblem(`"slice" from ${start} to ${end} leaves a list of ${items.length}`);
      return items.slice(start, end);
    },
    keep,
  ),
  sort: define(['list'], (items) => items.map((item) => String(toPrimitive(item, 'string'))).sort(compareText)),
  transpose: define(['map'], transposed),
  values: define(['map'], (map) => [...map.values()], keep),
  zipmap: define(
    ['list', 'sequence'],
    (keys, values) => {
      if (keys.length !== values.length)
        throw new ValueProblem(`"zipmap" has ${keys.length} keys and ${values.length} values`);
      return mapValue(keys.map((key, at) => [String(toPrimitive(known(key), 'string')), values[at] ?? null]));
    },
    keep,
  ),
};

/** @see https://developer.hashicorp.com/terraform/language/functions#type-conversion-functions */
export const conversionFunctions = {
  ephemeralasnull: define(['any'], (value) => value, keep),
  issensitive: define(['any'], () => false, keep),
  nonsensitive: define(['any'], (value) => value, keep),
  sensitive: define(['any'], (value) => value, keep),
  tobool: define(['any'], (value) => convert(value, { kind: 'bool' })),
  tolist: define(['any'], (value) => convert(value, { kind: 'list', of: anyType }), keep),
  tomap: define(['any'], (value) => convert(value, { kind: 'map', of: anyType }), keep),
  tonumber: define(['any'], (value) => convert(value, { kind: 'number' })),
  toset: define(['any'], (value) => convert(knownDeep(value), { kind: 'set', of: anyType }), keep),
  tostring: define(['any'], (value) => convert(value, { kind: 'string' })),
};

function isTrue(item: Value): boolean {
  return item !== null && toPrimitive(item, 'bool') === true;
}

function notNull(name: string, value: Value): Value {
  if (value === null) throw new ValueProblem(`"${name}" needs a value to look for, and it is null`);
  return value;
}

function chunks(items: readonly Value[], size: number): Value {
  if (size < 0) throw new ValueProblem(`"chunklist" needs a size from 0, and it is ${size}`);
  if (size === 0) return [items];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** The first that is neither null nor an empty string; all of one type. */
function coalesced(values: readonly Value[]): Value {
  const found = unify(values).find((value) => value !== null && value !== '');
  if (found !== undefined) return found;
  throw new ValueProblem('every argument of "coalesce" is null or empty');
}

function differing(items: readonly Value[]): readonly Value[] {
  return items.filter((item, at) => items.findIndex((one) => isEqual(one, item)) === at);
}

function flat(items: readonly Value[]): readonly Value[] {
  return items.flatMap((item) => {
    const inner = itemsOf(known(item));
    return inner ? flat(inner) : [item];
  });
}

function lengthOf(value: Value): Value {
  if (typeof value === 'string') return charactersOf(value).length;
  // Two of a set's items may turn out to be one.
  const unknown = value instanceof SetValue ? unknownIn(value) : value;
  if (unknown instanceof Unknown) return new Unknown(`\${length(${unknown.source})}`, `length(${unknown.source})`);
  if (isMap(value)) return value.size;
  return listOf(value).length;
}

function listOf(value: Value): readonly Value[] {
  const items = itemsOf(value);
  if (items) return items;
  if (value instanceof Unknown || value instanceof Lazy) {
    throw new ValueProblem(
      `"${value instanceof Unknown ? value.source : value.what}" is known only after an apply`,
      'value_unknown',
    );
  }
  throw new ValueProblem(`${withArticle(typeName(value))} is not a list`);
}

function merged(maps: readonly Value[]): Value {
  const unknown = maps.find((map) => map instanceof Unknown);
  if (unknown instanceof Unknown) return new Unknown(`\${merge(${unknown.source})}`, `merge(${unknown.source})`);
  return mapValue(
    maps.flatMap((map) => {
      if (map === null) return [];
      if (isMap(map)) return [...map];
      throw new ValueProblem(`"merge" needs maps or objects, and got a ${typeName(map)}`);
    }),
  );
}

function ranged(first: number, second?: number, third?: number): Value {
  const [start, end] = second === undefined ? [0, first] : [first, second];
  const step = third ?? (end < start ? -1 : 1);
  if (step === 0 || (end - start) / step < 0) {
    if (step === 0) throw new ValueProblem('the step of "range" is 0');
    throw new ValueProblem('the step of "range" must lead from its start to its end');
  }
  const length = Math.ceil((end - start) / step);
  if (length > 1024) throw new ValueProblem('"range" makes at most 1,024 numbers');
  return Array.from({ length }, (_, at) => start + at * step);
}

/** Every combination of one item of each; a set where all of them are sets. */
function product(collections: readonly Value[]): Value {
  const lists = collections.map(listOf);
  const combinations = lists.reduce<Value[][]>(
    (all, list) => all.flatMap((one) => list.map((item) => [...one, item])),
    [[]],
  );
  const isSet = collections.every((one) => one instanceof SetValue);
  const columns = lists.map((_, at) => unify(combinations.map((one) => one[at] ?? null)));
  const rows = combinations.map((_, row) => columns.map((column) => column[row] ?? null));
  return isSet ? new SetValue(rows) : rows;
}

function transposed(map: MapValue): Value {
  const turned = new Map<string, string[]>();
  for (const [key, list] of map) {
    for (const item of listOf(list)) {
      const name = String(toPrimitive(item, 'string'));
      turned.set(name, [...(turned.get(name) ?? []), key].sort(compareText));
    }
  }
  return mapValue(turned);
}
