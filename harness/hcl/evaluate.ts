import { commonType, isTyped, typeOfValue } from './common-type.js';
import type { FunctionDefinition } from './functions/definition.js';
import { calculated, unary } from './operators.js';
import type { ForNode, Node } from './syntax.js';
import { attributeOf, indexed, keyOf, within } from './traversal.js';
import { asCommonType, itemsOf, toPrimitive, withArticle } from './types.js';
import {
  exact,
  isEqual,
  isList,
  isMap,
  known,
  knownDeep,
  Lazy,
  mapValue,
  numberText,
  SetValue,
  typeName,
  Unknown,
  unknownIn,
  type Value,
  ValueProblem,
} from './values.js';

/** What an expression is evaluated with. */
export interface Scope {
  /** What a name stands for; undefined where it stands for nothing. */
  readonly lookUp: (name: string) => Value | undefined;
  /**
   * Terraform's function of that name.
   * @throws ValueProblem `function_unknown`
   */
  readonly functionNamed: (name: string) => FunctionDefinition;
  /** What to say of a name that stands for nothing. */
  readonly explain: (name: string) => string;
  /** Whether what needs a value that is not known is no mistake. */
  readonly isLenient?: boolean;
}

/**
 * The value of an expression. What needs a value that is not known is not known itself.
 * @throws ValueProblem
 * @see https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
 */
export function evaluate(node: Node, scope: Scope): Value {
  try {
    return evaluateNode(node, scope);
  } catch (error) {
    if (error instanceof ValueProblem) error.at ??= node.at;
    throw error;
  }
}

function evaluateNode(node: Node, scope: Scope): Value {
  switch (node.kind) {
    case 'literal':
      if (typeof node.value === 'number') return exact(node.value);
      return typeof node.value === 'string' ? node.value.normalize('NFC') : node.value;
    case 'template':
      return joined(node.parts.map((part) => evaluate(part, scope)));
    case 'name':
      return named(node.name, scope);
    case 'attribute':
      return attributeOf(evaluate(node.of, scope), node.name);
    case 'index':
      return indexed(evaluate(node.of, scope), evaluate(node.key, scope));
    case 'splat':
      return splat(evaluate(node.of, scope), node.each, scope);
    case 'call':
      return called(node, scope);
    case 'conditional':
      return conditional(node, scope);
    case 'unary':
      return unary(node.operator, known(evaluate(node.of, scope)));
    case 'binary':
      return binary(node, scope);
    case 'tuple':
      return node.items.map((item) => evaluate(item, scope));
    case 'object':
      return mapValue(node.items.map(([key, value]) => [keyOf(evaluate(key, scope)), evaluate(value, scope)]));
    case 'for':
      return forExpression(node, scope);
    case 'repeat':
      return repeated(node, scope);
  }
}

/** A scope in which some names stand for something else. */
export function scopeWith(scope: Scope, values: Readonly<Record<string, Value>>): Scope {
  return {
    ...scope,
    lookUp: (name) => (Object.hasOwn(values, name) ? values[name] : scope.lookUp(name)),
  };
}

function named(name: string, scope: Scope): Value {
  const value = scope.lookUp(name);
  if (value !== undefined) return value;
  throw new ValueProblem(scope.explain(name));
}

/** Strings one after the other. References to what is not known stay in them. */
export function joined(parts: readonly Value[]): Value {
  let text = '';
  const unknowns: Unknown[] = [];
  let template = '';
  for (const part of parts) {
    if (part instanceof Unknown) {
      unknowns.push(part);
      template += part.template;
      continue;
    }
    const piece = textOf(part);
    text += piece;
    template += escaped(piece);
  }
  if (unknowns.length === 0) return text.normalize('NFC');
  return new Unknown(template, unknowns.map(({ source }) => source).join(', '), {
    isReference: unknowns.every(({ isReference }) => isReference),
    declared: () => {
      const declared = parts.map(known);
      return declared.some((part) => part instanceof Unknown) ? undefined : joined(declared);
    },
  });
}

/** A string as it stands in a template. */
export function escaped(text: string): string {
  return text.includes('{') ? text.replaceAll(/([$%])(?=\{)/g, '$1$1') : text;
}

function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  throw new ValueProblem(`${withArticle(typeName(value))} can't be a part of a string: ${joinedBy(value)}`);
}

/** What makes a string of it. */
function joinedBy(value: Value): string {
  if (value === null) return 'give it a value, such as by coalesce()';
  return itemsOf(value) ? 'use join() or jsonencode()' : 'use one of its attributes, or jsonencode()';
}

function splat(of: Value, each: Node, scope: Scope): Value {
  if (of instanceof Lazy && of.each) return [evaluate(each, scopeWith(scope, { '*': of.each }))];
  const value = known(of);
  if (value instanceof Unknown) return within(value, '[*]');
  if (value === null) return [];
  const items = itemsOf(value) ?? [value];
  return items.map((item) => evaluate(each, scopeWith(scope, { '*': item })));
}

function called({ name, args, spread }: Extract<Node, { kind: 'call' }>, scope: Scope): Value {
  if (name === 'try' || name === 'can') return attempted(name, args, scope);
  const definition = scope.functionNamed(name);
  const values = args.map((arg) => evaluate(arg, scope));
  if (spread) {
    const last = known(values.pop() ?? null);
    if (last instanceof Unknown) return new Unknown(`\${${name}(${last.source}...)}`, `${name}(${last.source}...)`);
    const items = itemsOf(last);
    if (!items) throw new ValueProblem(`"..." needs a list, not ${withArticle(typeName(last))}`);
    values.push(...items);
  }
  return definition(name, values);
}

/** `try` gives the first value that can be evaluated, `can` whether there is one. */
function attempted(name: 'try' | 'can', args: readonly Node[], scope: Scope): Value {
  let last: unknown;
  for (const arg of args) {
    try {
      const value = evaluate(arg, scope);
      return name === 'can' ? true : value;
    } catch (error) {
      if (!(error instanceof ValueProblem) || error.code === 'function_unknown' || error.code === 'value_unknown')
        throw error;
      last = error;
    }
  }
  if (name === 'can') return false;
  throw new ValueProblem(
    `none of the arguments of try can be evaluated: ${last instanceof Error ? last.message : 'it has no arguments'}`,
  );
}

function conditional({ condition, yes, no }: Extract<Node, { kind: 'conditional' }>, scope: Scope): Value {
  const decides = known(evaluate(condition, scope));
  if (decides === null) throw new ValueProblem('the condition is null: give it true or false');
  if (decides instanceof Unknown) return new Unknown(`\${${decides.source} ? ...}`, decides.source);
  const isTrue = toPrimitive(decides, 'bool') === true;
  const value = evaluate(isTrue ? yes : no, scope);
  const other = otherBranch(isTrue ? no : yes, scope);
  const type = commonType([value, other].map(typeOfValue));
  if (type) return asCommonType(value, type);
  const names = [value, other].map((one) => withArticle(typeName(one)));
  throw new ValueProblem(
    `the two results of the condition, ${names.join(' and ')}, have no type in common: give both the same, such as by tolist() or tomap()`,
  );
}

/** Its type counts, and its mistakes don't. */
function otherBranch(node: Node, scope: Scope): Value {
  try {
    return evaluate(node, scope);
  } catch (error) {
    if (error instanceof ValueProblem) return null;
    throw error;
  }
}

function binary({ operator, left, right }: Extract<Node, { kind: 'binary' }>, scope: Scope): Value {
  const first = known(evaluate(left, scope));
  const one = knownDeep(first);
  if (operator === '&&' && one === false) return false;
  if (operator === '||' && one === true) return true;
  const second = known(evaluate(right, scope));
  const other = knownDeep(second);
  const isEquality = operator === '==' || operator === '!=';
  // Whatever a resource's attribute is, comparing it with null needs its value as well.
  const unknown = unknownIn(one) ?? unknownIn(other);
  if (unknown) return new Unknown(`\${${unknown.source} ${operator} ...}`, unknown.source);
  if (isEquality) {
    // `var.teams == []` never holds where `var.teams` is a list.
    const differInType = (isLiteral(left) && isTyped(second)) || (isLiteral(right) && isTyped(first));
    return (!differInType && isEqual(one, other)) === (operator === '==');
  }
  if (one === null || other === null)
    throw new ValueProblem(`"${operator}" can't be applied to null: give both sides a value`);
  if (operator === '&&' || operator === '||') {
    const [yes, also] = [toPrimitive(one, 'bool') === true, toPrimitive(other, 'bool') === true];
    return operator === '&&' ? yes && also : yes || also;
  }
  return calculated(operator, one, other);
}

/** Whether an expression makes a tuple or an object. */
function isLiteral({ kind }: Node): boolean {
  return kind === 'tuple' || kind === 'object' || kind === 'for';
}

function forExpression(node: ForNode, scope: Scope): Value {
  const entries = entriesOf(evaluate(node.collection, scope));
  if (entries instanceof Unknown) return entries;
  const list: Value[] = [];
  const byKey = new Map<string, Value[]>();
  for (const entry of entries) {
    const inner = withNames(scope, node.names, entry);
    if (node.condition) {
      const decides = known(evaluate(node.condition, inner));
      if (decides instanceof Unknown) return new Unknown(`\${${decides.source}}`, decides.source);
      if (decides === null) throw new ValueProblem('the condition of "for" is null: make it true or false');
      if (toPrimitive(decides, 'bool') !== true) continue;
    }
    const value = evaluate(node.value, inner);
    if (!node.key) {
      list.push(value);
      continue;
    }
    const key = keyOf(evaluate(node.key, inner));
    const before = byKey.get(key);
    if (before && !node.grouped)
      throw new ValueProblem(`"for" makes the key "${key}" twice: add "..." after the value to group`);
    byKey.set(key, [...(before ?? []), value]);
  }
  if (!node.key) return list;
  return mapValue([...byKey].map(([key, values]) => [key, node.grouped ? values : (values[0] ?? null)]));
}

function repeated({ names, collection, value }: Pick<ForNode, 'names' | 'collection' | 'value'>, scope: Scope): Value {
  const entries = entriesOf(evaluate(collection, scope));
  if (entries instanceof Unknown) return entries;
  return joined(entries.map((entry) => evaluate(value, withNames(scope, names, entry))));
}

function withNames(scope: Scope, names: readonly string[], [key, value]: readonly [Value, Value]): Scope {
  const [first = '', second] = names;
  return scopeWith(scope, second === undefined ? { [first]: value } : { [first]: key, [second]: value });
}

/** Keys and values of a collection, for "for" and "dynamic". */
export function entriesOf(collection: Value): readonly (readonly [Value, Value])[] | Unknown {
  const value = known(collection);
  if (collection instanceof Lazy && collection.each) return [[value, collection.each]];
  if (value instanceof Unknown) return value;
  if (isList(value)) return value.map((item, index) => [index, item]);
  if (value instanceof SetValue) return value.items.map((item) => [item, item]);
  if (isMap(value)) return [...value];
  throw new ValueProblem(`${withArticle(typeName(value))} can't be iterated over: use a list, a set or a map`);
}
