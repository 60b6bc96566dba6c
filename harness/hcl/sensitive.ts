import type { SensitiveValues } from '../../internal/sensitive-values.js';
import type { Block, ModuleConfiguration } from './configuration.js';
import type { FunctionDefinition } from './functions/definition.js';
import { documentValue } from './json-values.js';
import { itemsOf } from './types.js';
import { isMap, known, numberText, type Value } from './values.js';

/** Whether a variable or an output is declared so; an ephemeral one is kept nowhere either. */
export function isSensitive(block: Pick<Block, 'body'> | undefined): boolean {
  return [block?.body['sensitive'], block?.body['ephemeral']].some((one) => one === true || one === 'true');
}

/** What a root module's sensitive variables are given, or their defaults, by name. */
export function sensitiveVariables(
  { variables }: ModuleConfiguration,
  given: ReadonlyMap<string, Value>,
): ReadonlyMap<string, unknown> {
  const sensitive = [...variables].filter(([, block]) => isSensitive(block));
  return new Map(
    sensitive.map(([name, { body }]) => [name, documentValue(given.get(name) ?? null) ?? body['default']]),
  );
}

/** Notes the strings and numbers of a value that was declared as sensitive. */
export function noteSensitive(value: Value, sensitive: SensitiveValues): void {
  for (const text of textsIn(value)) sensitive.add(text);
}

function* textsIn(value: Value): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield numberText(value);
  else for (const item of isMap(value) ? value.values() : (itemsOf(value) ?? [])) yield* textsIn(item);
}

/** Terraform's functions, of which `sensitive()` and those that are given something sensitive give what is sensitive, too. */
export function notingSensitive(
  functionNamed: (name: string) => FunctionDefinition,
  sensitive: SensitiveValues,
): (name: string) => FunctionDefinition {
  return (name) => {
    const call = functionNamed(name);
    const isSensitive = /^(?:core::)?sensitive$/.test(name);
    const asks = /^(?:core::)?issensitive$/.test(name);
    return (shown, args) => {
      const result = call(shown, args);
      if (asks) return isNoted(args[0] ?? null, sensitive);
      if (isSensitive) noteSensitive(result, sensitive);
      else if (sensitive.size > 0) noteDerived(args, result, sensitive);
      return result;
    };
  };
}

/** Whether a value is sensitive as a whole. */
function isNoted(value: Value, sensitive: SensitiveValues): boolean {
  const texts = [...textsIn(known(value))];
  return texts.length > 0 && texts.every((text) => sensitive.isIn(text));
}

/** What has the sensitive string in it is told by that. */
function noteDerived(args: readonly Value[], result: Value, sensitive: SensitiveValues): void {
  const given = new Set(args.flatMap((arg) => [...textsIn(arg)]));
  if (![...given].some((text) => sensitive.isIn(text))) return;
  for (const text of textsIn(result)) {
    if (!Number.isFinite(Number(text)) && !given.has(text) && !sensitive.isIn(text)) sensitive.add(text);
  }
}
