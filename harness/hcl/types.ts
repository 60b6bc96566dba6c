import { anyType, commonType, isSameType, type Member, markedTyped, type Type, typeOfValue } from './common-type.js';
import type { Node } from './syntax.js';
import {
  fromJson,
  isList,
  isMap,
  known,
  Lazy,
  type MapValue,
  mapValue,
  numberText,
  SetValue,
  typeName,
  Unknown,
  type Value,
  ValueProblem,
} from './values.js';

const PRIMITIVES = ['string', 'number', 'bool'] as const;

/**
 * Reads a type constraint, such as `map(object({ name = string, ttl = optional(number, 300) }))`.
 * @throws ValueProblem
 * @see https://developer.hashicorp.com/terraform/language/expressions/type-constraints
 */
export function typeOf(node: Node): Type {
  if (node.kind === 'name' && (node.name === 'any' || isPrimitive(node.name))) return { kind: node.name };
  if (node.kind === 'literal' && typeof node.value === 'string') {
    if (isPrimitive(node.value)) return { kind: node.value };
    if (node.value === 'list' || node.value === 'map') return { kind: node.value, of: anyType };
  }
  // As before Terraform 0.12: type = list
  if (node.kind === 'name' && (node.name === 'list' || node.name === 'map' || node.name === 'set')) {
    return { kind: node.name, of: anyType };
  }
  if (node.kind !== 'call') throw new ValueProblem('this is not a type: use string, number, bool, any, list(...), ...');
  const [argument] = node.args;
  if (node.name === 'list' || node.name === 'set' || node.name === 'map') {
    return { kind: node.name, of: argument ? typeOf(argument) : anyType };
  }
  if (node.name === 'tuple' && argument?.kind === 'tuple') return { kind: 'tuple', items: argument.items.map(typeOf) };
  if (node.name === 'object' && argument?.kind === 'object') {
    return { kind: 'object', members: new Map(argument.items.map(([key, type]) => [keyText(key), member(type)])) };
  }
  throw new ValueProblem(`"${node.name}" is not a type: use list, set, map, tuple or object`);
}

function member(node: Node): Member {
  if (node.kind !== 'call' || node.name !== 'optional')
    return { type: typeOf(node), isOptional: false, fallback: undefined };
  const [type, fallback, more] = node.args;
  if (!type || more) throw new ValueProblem('optional() needs a type, and may have a default');
  return { type: typeOf(type), isOptional: true, fallback };
}

function keyText(key: Node): string {
  if (key.kind === 'literal' && typeof key.value === 'string') return key.value;
  if (key.kind === 'name') return key.name;
  throw new ValueProblem('an attribute of object() needs a name');
}

function isPrimitive(name: string): name is (typeof PRIMITIVES)[number] {
  return (PRIMITIVES as readonly string[]).includes(name);
}

/** Evaluates the default of an `optional()`. */
type Evaluate = (node: Node) => Value;

/**
 * A value converted to a type, as Terraform converts it.
 * @throws ValueProblem says where in the value
 * @see https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
 */
export function convert(value: Value, type: Type, evaluate: Evaluate = noDefaults, where = ''): Value {
  const at = value instanceof Lazy ? known(value) : value;
  if (at instanceof Unknown || at === null) return at;
  switch (type.kind) {
    case 'any':
      return value;
    case 'string':
    case 'number':
    case 'bool':
      return toPrimitive(at, type.kind, where);
    case 'list':
    case 'set': {
      const items = itemsOf(at);
      if (!items) throw mismatch(at, type, where);
      const converted = unifiedItems(items, type.of).map((item, index) =>
        convert(item, type.of, evaluate, `${where}[${index}]`),
      );
      return markedTyped(type.kind === 'set' ? new SetValue(converted) : converted, type.of);
    }
    case 'tuple': {
      const items = itemsOf(at);
      if (items?.length !== type.items.length) throw mismatch(at, type, where);
      return items.map((item, index) => convert(item, type.items[index] ?? anyType, evaluate, `${where}[${index}]`));
    }
    case 'map': {
      if (!isMap(at)) throw mismatch(at, type, where);
      const items = unifiedItems([...at.values()], type.of);
      const entries = [...at.keys()].map((key, index): [string, Value] => [
        key,
        convert(items[index] ?? null, type.of, evaluate, `${where}["${key}"]`),
      ]);
      return markedTyped(new Map(entries), type.of);
    }
    case 'object':
      return toObject(at, type, evaluate, where);
  }
}

function toObject(value: Value, type: Extract<Type, { kind: 'object' }>, evaluate: Evaluate, where: string): MapValue {
  // A resource as a whole has every attribute that is asked for.
  if (!isMap(value) && !(value instanceof Lazy)) throw mismatch(value, type, where);
  return mapValue(
    [...type.members].map(([name, { type: of, isOptional, fallback }]) => {
      const given = value.get(name);
      if (given === undefined && !isOptional) throw new ValueProblem(`${subject(where)} has no attribute "${name}"`);
      const isAbsent = given === undefined || (given === null && fallback !== undefined);
      const set = isAbsent ? (fallback ? evaluate(fallback) : null) : given;
      return [name, convert(set, of, evaluate, `${where}.${name}`)];
    }),
  );
}

/** A string, number or bool as another of them. */
export function toPrimitive(value: Value, kind: 'string' | 'number' | 'bool', where = ''): Value {
  if (kind === 'string') {
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return numberText(value);
    if (typeof value === 'boolean') return String(value);
  } else if (kind === 'number') {
    if (typeof value === 'number') return value;
    if (typeof value === 'string' && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value)) return Number(value);
  } else {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === '1') return true;
    if (value === 'false' || value === '0') return false;
  }
  throw mismatch(value, { kind }, where);
}

function mismatch(value: Value, type: Type, where: string): ValueProblem {
  return new ValueProblem(`${subject(where)} is ${withArticle(typeName(value))}: expected ${withArticle(type.kind)}`);
}

/** A type in a sentence: `a list`, `an object`. */
export function withArticle(name: string): string {
  if (name === 'null') return name;
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

function subject(where: string): string {
  if (where === '') return 'the value';
  return where.includes('"') ? where : `"${where}"`;
}

/** The items of a list or a set; of a tuple, too. */
export function itemsOf(value: Value): readonly Value[] | undefined {
  if (isList(value)) return value;
  return value instanceof SetValue ? value.items : undefined;
}

/** Items of one type, where a collection of `any` wants one: numbers beside strings become strings. */
function unifiedItems(items: readonly Value[], type: Type): readonly Value[] {
  if (type.kind !== 'any') return items;
  if (commonType(items.map(typeOfValue))) return unify(items);
  throw new ValueProblem(
    'the items have no type in common, and all of a list, a set or a map are of one: correct them',
  );
}

/** Values converted to the type that they have in common. Without one they stay. */
export function unify(values: readonly Value[]): readonly Value[] {
  const type = commonType(values.map(typeOfValue));
  return type ? values.map((value) => asCommonType(value, type)) : values;
}

/** A value as a type that it has in common with others. What is not known stays, and a module is not asked for its outputs. */
export function asCommonType(value: Value, type: Type): Value {
  const own = typeOfValue(value);
  return own.kind === 'any' || isSameType(own, type) ? value : convert(value, type);
}

function noDefaults(): Value {
  return fromJson(null);
}
