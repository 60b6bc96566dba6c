import type { Node } from './syntax.js';
import { compareText, isList, isMap, SetValue, type Value } from './values.js';

/** A type constraint. */
export type Type =
  | { readonly kind: 'any' | 'string' | 'number' | 'bool' }
  | { readonly kind: 'list' | 'set' | 'map'; readonly of: Type }
  | { readonly kind: 'tuple'; readonly items: readonly Type[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Member> };

/** The type of an attribute of an object. */
export interface Member {
  readonly type: Type;
  readonly isOptional: boolean;
  readonly fallback: Node | undefined;
}

export const anyType: Type = { kind: 'any' };

/** The types of the items of lists, sets and maps, as opposed to the tuples and objects that expressions make. */
const itemTypes = new WeakMap<object, Type>();

/** Says of a list, a set or a map what its items are. */
export function markedTyped<Collection extends object>(collection: Collection, of: Type): Collection {
  itemTypes.set(collection, of);
  return collection;
}

/** Whether a value was converted to a list or a map, which no tuple and no object is equal to. */
export function isTyped(value: Value): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof SetValue) && itemTypes.has(value);
}

/** The type of a value; `any` for null and for what is not known. */
export function typeOfValue(value: Value): Type {
  if (typeof value === 'string') return { kind: 'string' };
  if (typeof value === 'number') return { kind: 'number' };
  if (typeof value === 'boolean') return { kind: 'bool' };
  const of = typeof value === 'object' && value !== null ? itemTypes.get(value) : undefined;
  if (value instanceof SetValue) return { kind: 'set', of: known(of) ?? commonTypeOf(value.items) };
  if (isList(value)) {
    if (of) return { kind: 'list', of: known(of) ?? commonTypeOf(value) };
    return { kind: 'tuple', items: value.map(typeOfValue) };
  }
  if (isMap(value)) {
    if (of) return { kind: 'map', of: known(of) ?? commonTypeOf([...value.values()]) };
    return { kind: 'object', members: new Map([...value].map(([name, item]) => [name, member(typeOfValue(item))])) };
  }
  return anyType;
}

function known(type: Type | undefined): Type | undefined {
  return type?.kind === 'any' ? undefined : type;
}

function commonTypeOf(items: readonly Value[]): Type {
  return commonType(items.map(typeOfValue)) ?? anyType;
}

function member(type: Type): Member {
  return { type, isOptional: false, fallback: undefined };
}

/**
 * The type that values of all types can be converted to, as Terraform finds it for the two results of a condition and for the
 * items of a list; undefined where there is none.
 * @see https://github.com/zclconf/go-cty/blob/main/docs/convert.md#type-unification
 */
export function commonType(types: readonly Type[]): Type | undefined {
  const different = [...new Map(types.map((type) => [textOf(type), type])).values()].filter(
    ({ kind }) => kind !== 'any',
  );
  const [first] = different;
  if (first === undefined || different.length === 1) return first ?? anyType;
  const kinds = new Set(different.map(({ kind }) => kind));
  const areOnly = (...wanted: readonly Type['kind'][]): boolean => [...kinds].every((kind) => wanted.includes(kind));
  if (areOnly('list') || areOnly('set') || areOnly('map')) return collection(first.kind as 'list', different);
  if (areOnly('tuple')) return commonTuple(different) ?? collection('list', different);
  if (areOnly('object')) return commonObject(different) ?? collection('map', different);
  const mixed = areOnly('list', 'tuple') ? 'list' : areOnly('map', 'object') ? 'map' : undefined;
  return (mixed && collection(mixed, different)) ?? preferred(different);
}

function collection(kind: 'list' | 'set' | 'map', types: readonly Type[]): Type | undefined {
  const of = commonType(types.flatMap(partsOf));
  return of && { kind, of };
}

function partsOf(type: Type): readonly Type[] {
  if (type.kind === 'tuple') return type.items;
  if (type.kind === 'object') return [...type.members.values()].map((one) => one.type);
  return 'of' in type ? [type.of] : [];
}

/** Item by item, where all are as long. */
function commonTuple(types: readonly Type[]): Type | undefined {
  const tuples = types.map(partsOf);
  const length = tuples[0]?.length ?? 0;
  if (tuples.some((items) => items.length !== length)) return undefined;
  const items = Array.from({ length }, (_, at) => commonType(tuples.map((tuple) => tuple[at] ?? anyType)));
  return items.every((item) => item !== undefined) ? { kind: 'tuple', items } : undefined;
}

/** Attribute by attribute, where all have the same. */
function commonObject(types: readonly Type[]): Type | undefined {
  const objects = types.flatMap((type) => (type.kind === 'object' ? [type.members] : []));
  const names = [...(objects[0]?.keys() ?? [])];
  if (objects.some((members) => members.size !== names.length || !names.every((name) => members.has(name))))
    return undefined;
  const members = new Map<string, Member>();
  for (const name of names) {
    const type = commonType(objects.map((one) => one.get(name)?.type ?? anyType));
    if (type === undefined) return undefined;
    members.set(name, member(type));
  }
  return { kind: 'object', members };
}

/** Of several kinds the one that all others can be converted to: strings before numbers, lists before sets. */
const PREFERRED: readonly Type['kind'][] = ['string', 'list', 'map', 'tuple', 'object', 'set', 'number', 'bool'];

function preferred(types: readonly Type[]): Type | undefined {
  const inOrder = [...types].sort((one, other) => PREFERRED.indexOf(one.kind) - PREFERRED.indexOf(other.kind));
  return inOrder.find((to) => types.every((from) => isConvertible(from, to)));
}

function isConvertible(from: Type, to: Type): boolean {
  if (from.kind === 'any' || to.kind === 'any') return true;
  if (to.kind === 'string') return from.kind === 'number' || from.kind === 'bool' || from.kind === 'string';
  if (to.kind === 'number' || to.kind === 'bool') return from.kind === 'string' || from.kind === to.kind;
  const parts = partsOf(from);
  if (to.kind === 'list' || to.kind === 'set') {
    return ['list', 'set', 'tuple'].includes(from.kind) && areConvertible(parts, to.of);
  }
  if (to.kind === 'map') return (from.kind === 'map' || from.kind === 'object') && areConvertible(parts, to.of);
  if (to.kind === 'tuple') {
    return (
      from.kind === 'tuple' &&
      parts.length === to.items.length &&
      parts.every((part, at) => isConvertible(part, to.items[at] ?? anyType))
    );
  }
  if (to.kind !== 'object' || (from.kind !== 'map' && from.kind !== 'object')) return false;
  return [...to.members].every(([name, { type }]) => {
    const given = from.kind === 'object' ? from.members.get(name)?.type : partsOf(from)[0];
    return given !== undefined && isConvertible(given, type);
  });
}

function areConvertible(items: readonly Type[], to: Type): boolean {
  return to.kind === 'any' ? commonType(items) !== undefined : items.every((item) => isConvertible(item, to));
}

export function isSameType(one: Type, other: Type): boolean {
  return one === other || textOf(one) === textOf(other);
}

/** What two equal types have in common. */
function textOf(type: Type): string {
  if (type.kind === 'tuple') return `[${type.items.map(textOf).join()}]`;
  if (type.kind === 'object') {
    const members = [...type.members].sort(([one], [other]) => compareText(one, other));
    return `{${members.map(([name, { type: of }]) => `${JSON.stringify(name)}:${textOf(of)}`).join()}}`;
  }
  return 'of' in type ? `${type.kind}(${textOf(type.of)})` : type.kind;
}
