/** A value of Terraform's language. Objects and maps are a Map in the order of their keys. */
export type Value = null | boolean | number | string | readonly Value[] | MapValue | SetValue | Unknown | Lazy;

/** An object or a map. */
export type MapValue = ReadonlyMap<string, Value>;

/** A set: its items are different, and in Terraform's order. */
export class SetValue {
  readonly items: readonly Value[];

  constructor(items: Iterable<Value>) {
    const byKey = new Map<string, Value>();
    for (const item of items) byKey.set(sortKey(item), item);
    this.items = [...byKey].sort(([one], [other]) => compareText(one, other)).map(([, item]) => item);
  }
}

/** What is known only after an apply. */
export class Unknown {
  /** How a document says it: `${vault_mount.kv.accessor}`, or a string with such a reference in it. */
  readonly template: string;
  /** What is not known, as it is written: `vault_mount.kv.accessor`. */
  readonly source: string;
  /** Whether the template stands for it, so that it can be a part of others. */
  readonly isReference: boolean;
  /** Its value, where the declaration says it. */
  readonly declared: () => Value | undefined;

  constructor(
    template: string,
    source: string,
    { isReference = false, declared = () => undefined }: Partial<Pick<Unknown, 'isReference' | 'declared'>> = {},
  ) {
    this.template = template;
    this.source = source;
    this.isReference = isReference;
    this.declared = declared;
  }
}

/** Something with attributes that are evaluated when they are asked for: `var`, `local`, a module, a resource. */
export class Lazy {
  /** As messages name it: `var`, `module.login`. */
  readonly what: string;
  /** @returns undefined where there is no such attribute */
  readonly get: (name: string) => Value | undefined;
  /** All attributes by name, where they can be listed. */
  readonly all: () => MapValue | undefined;
  /** The names of the attributes, for messages. */
  readonly names: () => readonly string[];
  /** Where it is a block whose instances are not known: the one that stands for all of them. */
  readonly each: Lazy | undefined;

  constructor(
    what: string,
    get: (name: string) => Value | undefined,
    { all = () => undefined, names = () => [], each }: Partial<Pick<Lazy, 'all' | 'names' | 'each'>> = {},
  ) {
    this.what = what;
    this.get = get;
    this.all = all;
    this.names = names;
    this.each = each;
  }
}

/** What an expression breaks when it is evaluated; the place is added where it is known. */
export class ValueProblem extends Error {
  override readonly name = 'ValueProblem';
  /** Where in the source. */
  at?: number;
  /** Of `value_unknown`: what is not known, as it is written. */
  source?: string;
  readonly code:
    | 'expression_invalid'
    | 'function_unknown'
    | 'value_unknown'
    | 'file_not_found'
    | 'file_outside_folder'
    | 'too_many_instances';

  constructor(message: string, code: ValueProblem['code'] = 'expression_invalid') {
    super(message);
    this.code = code;
  }
}

/** What makes an object or a map, in the order of its keys. */
export function mapValue(entries: Iterable<readonly [string, Value]>): MapValue {
  const map = new Map(entries);
  let last = '';
  for (const key of map.keys()) {
    if (compareText(last, key) > 0) return new Map([...map].sort(([one], [other]) => compareText(one, other)));
    last = key;
  }
  return map;
}

export function isMap(value: Value): value is MapValue {
  return value instanceof Map;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** A value as it is known: what a reference was declared as, and a module's outputs as an object. */
export function known(value: Value): Value {
  if (value instanceof Unknown) return value.declared() ?? value;
  if (value instanceof Lazy) return value.each ? new Unknown(`\${${value.what}}`, value.what) : (value.all() ?? value);
  return value;
}

/** The same at every depth. */
export function knownDeep(value: Value): Value {
  const top = known(value);
  if (isList(top)) return top.map(knownDeep);
  if (top instanceof SetValue) return new SetValue(top.items.map(knownDeep));
  if (isMap(top)) return new Map([...top].map(([key, item]) => [key, knownDeep(item)]));
  return top;
}

/** The first unknown in a value, at any depth. */
export function unknownIn(value: Value): Unknown | undefined {
  if (value instanceof Unknown) return value;
  if (value instanceof Lazy) return new Unknown(`\${${value.what}}`, value.what);
  if (isList(value)) return firstUnknown(value);
  if (value instanceof SetValue) return firstUnknown(value.items);
  return isMap(value) ? firstUnknown(value.values()) : undefined;
}

function firstUnknown(values: Iterable<Value>): Unknown | undefined {
  for (const value of values) {
    const found = unknownIn(value);
    if (found) return found;
  }
  return undefined;
}

/** A value in Terraform's words, for messages. */
export function typeName(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'string') return typeof value;
  if (isList(value)) return 'list';
  if (value instanceof SetValue) return 'set';
  if (isMap(value)) return 'map';
  return value instanceof Lazy ? value.what : 'unknown value';
}

/** A number as Terraform writes it: without an exponent. */
export function numberText(number: number): string {
  if (!Number.isFinite(number)) throw new ValueProblem('the result of a division by zero has no value');
  const text = String(number);
  if (!text.includes('e')) return text;
  const [digits = '', exponent = '0'] = text.split('e');
  const sign = digits.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.');
  const shift = Number(exponent);
  if (shift > 0) return sign + whole + fraction.padEnd(shift, '0');
  return `${sign}0.${'0'.repeat(-shift - 1)}${whole}${fraction}`;
}

/** Whether two values are equal, which needs equal types: `1 == "1"` is false. */
export function isEqual(one: Value, other: Value): boolean {
  if (isList(one))
    return isList(other) && one.length === other.length && one.every((item, at) => isEqual(item, other[at] ?? null));
  if (one instanceof SetValue) return other instanceof SetValue && isEqual(one.items, other.items);
  if (!isMap(one)) return one === other;
  if (!isMap(other) || one.size !== other.size) return false;
  return [...one].every(([key, item]) => other.has(key) && isEqual(item, other.get(key) ?? null));
}

/** JSON of a known value. */
export function toJson(value: Value): unknown {
  if (isList(value)) return value.map(toJson);
  if (value instanceof SetValue) return value.items.map(toJson);
  if (isMap(value)) return Object.fromEntries([...value].map(([key, item]) => [key, toJson(item)]));
  if (value instanceof Unknown || value instanceof Lazy)
    throw new ValueProblem(`"${typeName(value)}" is not known`, 'value_unknown');
  return value;
}

/** The value of what JSON says. */
export function fromJson(json: unknown): Value {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === 'object' && json !== null) {
    return mapValue(Object.entries(json).map(([key, item]) => [key, fromJson(item)]));
  }
  if (typeof json === 'string') return json.normalize('NFC');
  if (typeof json === 'number') return exact(json);
  return typeof json === 'boolean' ? json : null;
}

/**
 * A number that is what was written. From 1e21 on they are written with an exponent, and are no identifiers.
 * @throws ValueProblem for a whole number whose last digits are lost, such as an identifier of 18 digits
 */
export function exact(number: number): number {
  const isExact = !Number.isInteger(number) || Number.isSafeInteger(number) || Math.abs(number) >= 1e21;
  if (isExact && Number.isFinite(number)) return number;
  throw new ValueProblem(
    `the number ${number} is not exact, since it has more than 15 digits: write it as a string, in quotes`,
  );
}

const SURROGATE = /[\ud800-\udfff]/;

/** Terraform's order of strings: by their bytes. */
export function compareText(one: string, other: string): number {
  if (one === other) return 0;
  // JavaScript compares the halves of surrogate pairs; other strings it orders as their bytes are.
  if (!SURROGATE.test(one) && !SURROGATE.test(other)) return one < other ? -1 : 1;
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** Sorts a set's items: numbers by size, strings by their bytes. */
function sortKey(item: Value): string {
  if (typeof item === 'number') {
    const shifted =
      item < 0 ? `0${(1e21 + item).toFixed(9).padStart(40, '0')}` : `1${item.toFixed(9).padStart(40, '0')}`;
    return `n${shifted}`;
  }
  if (typeof item === 'string') return `s${item}`;
  return `x${JSON.stringify(item, (_, one) => (one instanceof Map ? [...one] : one))}`;
}
