import { toPrimitive, withArticle } from './types.js';
import { hintFor, unknownMember } from './unknown-names.js';
import { isList, isMap, known, Lazy, typeName, Unknown, type Value, ValueProblem } from './values.js';

/** What `.name` gives. */
export function attributeOf(of: Value, name: string): Value {
  if (of instanceof Lazy) {
    const value = of.get(name);
    if (value !== undefined) return value;
    throw new ValueProblem(unknownMember(of, name));
  }
  const value = known(of);
  if (value instanceof Unknown) return within(value, `.${name}`);
  if (isMap(value)) {
    const found = value.get(name);
    if (found !== undefined) return found;
    throw new ValueProblem(`there is no attribute "${name}": ${hintFor(name, [...value.keys()])}`);
  }
  throw new ValueProblem(`${withArticle(typeName(value))} has no attribute "${name}"`);
}

/** What `[key]` gives. */
export function indexed(of: Value, index: Value): Value {
  const key = known(index);
  if (of instanceof Lazy && of.each) return of.each;
  if (of instanceof Lazy && !of.all() && !(key instanceof Unknown)) {
    if (typeof key === 'number') throw new ValueProblem(`"${of.what}" has no index, since it has no "count"`);
    return attributeOf(of, keyOf(key));
  }
  const value = known(of);
  if (value instanceof Unknown) return within(value, `[${key instanceof Unknown ? key.source : JSON.stringify(key)}]`);
  if (key instanceof Unknown) return new Unknown(`\${${key.source}}`, key.source);
  if (isList(value)) {
    const at = toPrimitive(key, 'number');
    const item = typeof at === 'number' && Number.isInteger(at) ? value[at] : undefined;
    if (item !== undefined) return item;
    const items = value.length === 1 ? 'there is 1 item' : `there are ${value.length} items`;
    throw new ValueProblem(`there is no index ${String(at)}: ${items}, and the first is 0`);
  }
  if (isMap(value)) {
    const found = value.get(keyOf(key));
    if (found !== undefined) return found;
    throw new ValueProblem(`there is no key "${keyOf(key)}": ${hintFor(keyOf(key), [...value.keys()])}`);
  }
  throw new ValueProblem(`${withArticle(typeName(value))} has no index`);
}

/** A step into what is not known. */
export function within({ source }: Unknown, step: string): Unknown {
  return new Unknown(`\${${source}${step}}`, `${source}${step}`);
}

/** An object's key: a string, or what becomes one. */
export function keyOf(value: Value): string {
  const key = known(value);
  if (key instanceof Unknown || key instanceof Lazy) throw notKnown(key, 'the key of an object needs a value');
  if (key === null) throw new ValueProblem('the key of an object is null: give it a string');
  return String(toPrimitive(key, 'string'));
}

/** The error for an unknown where a value is needed. */
export function notKnown(value: Unknown | Lazy, why: string): ValueProblem {
  const source = value instanceof Unknown ? value.source : value.what;
  const words = `"${source}" is known only after an apply, and ${why}: use what is declared, such as a name`;
  return Object.assign(new ValueProblem(words, 'value_unknown'), { source });
}
