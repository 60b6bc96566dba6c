import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { hint } from '../../internal/did-you-mean.js';
import { blocks } from '../terraform-json/document.js';
import type { Type } from './common-type.js';
import type { Block, ModuleConfiguration } from './configuration.js';
import { locatedError, type Place, placeOf } from './error-location.js';
import { evaluate, type Scope, scopeWith } from './evaluate.js';
import { parseExpression } from './expression-parser.js';
import { evaluateJson, expressionOf } from './json-values.js';
import { parseFile } from './parse-file.js';
import { convert, typeOf } from './types.js';
import { fromJson, known, Lazy, Unknown, type Value, ValueProblem } from './values.js';

/** Where the root module's variables get their values from, the later the stronger. */
export interface VariableSources {
  /** Values by name. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Files beside `terraform.tfvars` and `*.auto.tfvars`, relative to the root module's folder. */
  readonly variableFiles?: readonly string[];
  /** Whether `TF_VAR_*` of this process count, the weakest; default false, since a test should not depend on them. */
  readonly variablesFromEnvironment?: boolean;
}

/**
 * The values given to a root module's variables.
 * @throws VaultproofError `file_not_found`, `syntax_invalid`, and `variable_invalid` for a name that is not declared
 * @see https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
 */
export async function givenVariables(
  { folder, base, names, variables: declared }: ModuleConfiguration,
  { variables = {}, variableFiles = [], variablesFromEnvironment = false }: VariableSources,
): Promise<ReadonlyMap<string, Value>> {
  const given = new Map<string, Value>();
  if (variablesFromEnvironment) {
    for (const [name, block] of declared) {
      const text = process.env[environmentName(name)];
      if (text !== undefined) given.set(name, fromText(text, block, name));
    }
  }
  const automatic = names.filter((name) => /\.auto\.tfvars(?:\.json)?$/.test(name));
  const usual = ['terraform.tfvars', 'terraform.tfvars.json'].filter((name) => names.includes(name));
  for (const file of [...usual, ...automatic, ...variableFiles]) {
    for (const [name, value] of await readVariableFile(resolve(folder, file), base)) given.set(name, value);
  }
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) continue;
    const block = declared.get(name);
    if (!block) {
      throw new VaultproofError(
        'variable_invalid',
        `there is no variable "${name}" in the configuration: ${hint(name, [...declared.keys()])}`,
        { details: { variable: name } },
      );
    }
    given.set(name, jsonValue(value, variablePlace(block, name)));
  }
  return given;
}

/** The `TF_VAR_*` of this process that a root module declares. */
export function declaredEnvironment({ variables }: ModuleConfiguration): Record<string, string> {
  const names = [...variables.keys()].map(environmentName);
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = process.env[name];
      return text === undefined ? [] : [[name, text] as const];
    }),
  );
}

function environmentName(variable: string): string {
  return `TF_VAR_${variable}`;
}

async function readVariableFile(path: string, base: string): Promise<[string, Value][]> {
  const shown = relative(base, path);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new VaultproofError('file_not_found', `the variable file "${shown}" can't be read: correct its path`, {
      details: { file: shown },
      cause,
    });
  });
  const file = await parseFile(shown, text);
  return Object.entries(file.json).map(([name, json]) => {
    const place = { file, address: `var.${name}`, header: name };
    return [name, shown.endsWith('.json') ? jsonValue(json, place) : evaluateJson(json, nothing, place)];
  });
}

function jsonValue(json: unknown, place: Place): Value {
  try {
    return fromJson(json);
  } catch (error) {
    if (error instanceof ValueProblem) throw invalid(place, error.message);
    throw error;
  }
}

const PRIMITIVES: ReadonlySet<Type['kind']> = new Set(['string', 'number', 'bool']);

/** What may stand in a file of values: literals. */
const nothing: Scope = {
  lookUp: () => undefined,
  functionNamed: (name) => {
    throw new ValueProblem(
      `"${name}" is called where only a literal may stand: give the value itself`,
      'function_unknown',
    );
  },
  explain: (name) => `"${name}" stands where only a literal may: put a string in quotes`,
};

/**
 * A value from the command line or the process's variables: a string for a primitive type or without one, else an expression.
 * @throws VaultproofError `syntax_invalid`, `expression_invalid`
 */
export function fromText(text: string, block: Block, name: string): Value {
  const type = typeNode(block, variablePlace(block, name));
  if (type === undefined || PRIMITIVES.has(type.kind)) return text;
  try {
    return evaluate(parseExpression(text), nothing);
  } catch (error) {
    throw locatedError(error, variablePlace(block, name));
  }
}

/**
 * The error for root variables that have neither a value nor a default, all of them at once.
 * @returns undefined if none is missing
 */
export function missingVariables(
  { variables }: ModuleConfiguration,
  given: ReadonlyMap<string, Value>,
): VaultproofError | undefined {
  const missing = [...variables]
    .filter(([name, { body }]) => !given.has(name) && !('default' in body))
    .map(([name]) => name);
  const [first] = missing;
  const block = first === undefined ? undefined : variables.get(first);
  if (first === undefined || block === undefined) return undefined;
  const named = missing.map((name) => `"${name}"`).join(', ');
  const plural = missing.length > 1 ? 's' : '';
  return new VaultproofError(
    'variable_missing',
    `${placeOf(variablePlace(block, first))}: the variable${plural} ${named} need${plural ? '' : 's'} a value: give it in "variables" or a file of "variableFiles", on the command line by --var or --var-file`,
    { details: { variables: missing } },
  );
}

/**
 * A variable's value: the given one, else its default, as its type has it, and checked.
 * @param scope the module's
 * @throws VaultproofError `variable_invalid`, `variable_missing`
 */
export function variableValue(
  name: string,
  block: Block,
  given: Value | undefined,
  prefix: string,
  scope: Scope,
): Value {
  const place = { ...variablePlace(block, name), address: `${prefix}var.${name}` };
  const { body } = block;
  const isNullable = body['nullable'] !== false;
  const hasDefault = 'default' in body;
  const isAbsent = given === undefined || (given === null && !isNullable && hasDefault);
  if (isAbsent && !hasDefault) {
    throw new VaultproofError('variable_missing', `${placeOf(place)}: "${place.address}" needs a value: give it one`, {
      details: { variables: [name] },
    });
  }
  const set = isAbsent ? evaluateJson(body['default'], nothing, place) : given;
  if (set === null && !isNullable) throw invalid(place, 'the value is null, and "nullable" is false');
  const type = typeNode(block, place);
  const value = type === undefined ? set : converted(name, set, type, scope, place);
  for (const validation of blocks(body['validation'], `"validation" of "${name}"`)) {
    const inner = scopeWith(scope, { var: withVariable(scope, name, value) });
    const holds = known(evaluateJson(validation['condition'], inner, place));
    if (holds === true || holds === 'true' || holds instanceof Unknown) continue;
    throw invalid(place, String(evaluateJson(validation['error_message'] ?? 'its validation failed', inner, place)));
  }
  return value;
}

/** A validation may refer to other variables, and to this one. */
function withVariable(scope: Scope, name: string, value: Value): Value {
  const others = scope.lookUp('var');
  return new Lazy('var', (asked) => {
    if (asked === name) return value;
    return others instanceof Lazy ? others.get(asked) : undefined;
  });
}

function converted(name: string, value: Value, type: Type, scope: Scope, place: Place): Value {
  try {
    return convert(value, type, (node) => evaluate(node, scope), name);
  } catch (error) {
    if (error instanceof ValueProblem && error.code === 'expression_invalid') throw invalid(place, error.message);
    throw locatedError(error, place);
  }
}

function typeNode({ body }: Block, place: Place): Type | undefined {
  if (body['type'] === undefined) return undefined;
  try {
    return typeOf(expressionOf(body['type'], place));
  } catch (error) {
    throw locatedError(error, place, String(body['type']));
  }
}

function variablePlace({ file }: Block, name: string): Place {
  return { file, address: `var.${name}`, header: `variable "${name}"` };
}

function invalid(place: Place, why: string): VaultproofError {
  return new VaultproofError('variable_invalid', `${placeOf(place)}: "${place.address}" is not valid: ${why}`, {
    details: { variable: place.address },
  });
}
