import { itemsOf, toPrimitive, withArticle } from '../types.js';
import {
  isList,
  isMap,
  known,
  knownDeep,
  type MapValue,
  mapValue,
  typeName,
  Unknown,
  unknownIn,
  type Value,
  ValueProblem,
} from '../values.js';

/** Calls one of Terraform's functions; the name is for messages. */
export type FunctionDefinition = (name: string, args: readonly Value[]) => Value;

interface Kinds {
  string: string;
  number: number;
  /** A whole number. */
  integer: number;
  bool: boolean;
  /** A list, a set or a tuple. */
  list: readonly Value[];
  /** The same without sets, whose items have no order. */
  sequence: readonly Value[];
  map: MapValue;
  any: Value;
}
type Kind = keyof Kinds;
type Argument<Parameter extends string> = Parameter extends `${infer Optional extends Kind}?`
  ? Kinds[Optional] | undefined
  : Parameter extends `...${infer Rest extends Kind}`
    ? readonly Kinds[Rest][]
    : Parameter extends Kind
      ? Kinds[Parameter]
      : never;
type Arguments<Parameters extends readonly string[]> = { [At in keyof Parameters]: Argument<Parameters[At] & string> };
type Parameter = Kind | `${Kind}?` | `...${Kind}`;

/** What a function makes of arguments that are not known. */
interface OfUnknown {
  /** `refuse`: it is unknown itself; `keep`: it moves them; `join`: it puts them into a string. */
  readonly unknown?: 'refuse' | 'keep' | 'join';
}

/**
 * Defines a function by its parameters, to which arguments are converted. A parameter with `?` may be left out, one with
 * `...` takes all that are left, as a list.
 */
export function define<const Parameters extends readonly Parameter[]>(
  parameters: Parameters,
  call: (...args: Arguments<Parameters>) => Value,
  { unknown = 'refuse' }: OfUnknown = {},
): FunctionDefinition {
  const rest = parameters.find((parameter) => parameter.startsWith('...'));
  const required = parameters.filter((parameter) => !/^\.\.\.|\?$/.test(parameter)).length;
  const convertAll = (name: string, given: readonly Value[]): Arguments<Parameters> =>
    parameters.map((parameter, index) => {
      const kind = parameter.replaceAll(/[.?]/g, '') as Kind;
      if (parameter === rest) return given.slice(index).map((value, at) => argument(value, kind, name, index + at));
      return index < given.length ? argument(given[index] ?? null, kind, name, index) : undefined;
    }) as Arguments<Parameters>;
  return (name, args) => {
    if (args.length < required || (rest === undefined && args.length > parameters.length)) {
      const most =
        rest === undefined ? `${required === parameters.length ? '' : ` to ${parameters.length}`}` : ' or more';
      const noun = required === 1 && most === '' ? 'argument' : 'arguments';
      const given = args.length === 1 ? '1 is' : `${args.length} are`;
      throw new ValueProblem(`"${name}" needs ${required}${most} ${noun}, and ${given} given`);
    }
    const given = args.map(unknown === 'keep' ? known : knownDeep);
    // What is moved may have parts that are not known.
    const isOpen = (value: Value, index: number): boolean =>
      value instanceof Unknown && !(parameters[index] ?? rest ?? '').endsWith('any');
    const first = unknown === 'keep' ? given.find(isOpen) : given.map(unknownIn).find((one) => one !== undefined);
    if (!(first instanceof Unknown)) return call(...convertAll(name, given));
    if (unknown === 'join') {
      const joined = joinedUnknown(given, (replaced) => call(...convertAll(name, replaced)));
      if (joined !== undefined) return joined;
    }
    return new Unknown(`\${${name}(${first.source})}`, `${name}(${first.source})`);
  };
}

function argument(value: Value, kind: Kind, name: string, index: number): Value {
  if (kind === 'any') return value;
  const what = `argument ${index + 1} of "${name}"`;
  if (value === null) throw new ValueProblem(`${what} is null: give it a value, such as by coalesce()`);
  if (kind === 'list' || kind === 'sequence') {
    const items = kind === 'list' || isList(value) ? itemsOf(value) : undefined;
    if (items) return items;
  } else if (kind === 'map') {
    if (isMap(value)) return value;
  } else {
    try {
      const converted = toPrimitive(value, kind === 'integer' ? 'number' : kind);
      if (kind !== 'integer' || Number.isInteger(converted)) return converted;
    } catch (error) {
      if (!(error instanceof ValueProblem)) throw error;
    }
  }
  const needed = { integer: 'whole number', sequence: 'list' }[kind as string] ?? kind;
  throw new ValueProblem(`${what} is ${withArticle(typeName(value))}: expected a ${needed}`);
}

/** Puts references into what a function makes of strings, by marks that stand for them meanwhile. */
function joinedUnknown(args: readonly Value[], call: (args: readonly Value[]) => Value): Value | undefined {
  const marks: Unknown[] = [];
  const replaced = args.map((arg) => marked(arg, marks));
  if (!replaced.every((arg) => unknownIn(arg) === undefined)) return undefined;
  try {
    return unmarked(call(replaced), marks);
  } catch (error) {
    // What is not known may be a list.
    if (error instanceof ValueProblem) return undefined;
    throw error;
  }
}

const MARK = /\uE000(\d+)\uE001/;

function marked(value: Value, marks: Unknown[]): Value {
  if (value instanceof Unknown) {
    if (!value.isReference) return value;
    return `\uE000${marks.push(value) - 1}\uE001`;
  }
  if (isMap(value)) return mapValue([...value].map(([key, item]) => [key, marked(item, marks)]));
  const items = itemsOf(value);
  return items ? items.map((item) => marked(item, marks)) : value;
}

function unmarked(value: Value, marks: readonly Unknown[]): Value {
  if (typeof value === 'string') {
    const parts = value.split(MARK);
    if (parts.length === 1) return value;
    const template = parts
      .map((part, index) =>
        index % 2 === 0 ? part.replaceAll(/([$%])(?=\{)/g, '$1$1') : (marks[Number(part)]?.template ?? ''),
      )
      .join('');
    const sources = parts.flatMap((part, index) => (index % 2 === 0 ? [] : (marks[Number(part)]?.source ?? [])));
    return new Unknown(template, sources.join(', '), { isReference: true });
  }
  const items = itemsOf(value);
  return items ? items.map((item) => unmarked(item, marks)) : value;
}
