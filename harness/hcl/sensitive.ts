import { VaultproofError } from '../../errors/index.js';
import type { SensitiveValues } from '../../internal/sensitive-values.js';
import type { FunctionDefinition } from './functions/definition.js';
import { itemsOf } from './types.js';
import { isMap, numberText, type Value } from './values.js';

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
    return (shown, args) => {
      const result = call(shown, args);
      if (isSensitive) noteSensitive(result, sensitive);
      else if (sensitive.size > 0) noteDerived(args, result, sensitive);
      return result;
    };
  };
}

/** What has the sensitive string in it is told by that. */
function noteDerived(args: readonly Value[], result: Value, sensitive: SensitiveValues): void {
  const given = new Set(args.flatMap((arg) => [...textsIn(arg)]));
  if (![...given].some((text) => sensitive.isIn(text))) return;
  for (const text of textsIn(result)) {
    if (!Number.isFinite(Number(text)) && !given.has(text) && !sensitive.isIn(text)) sensitive.add(text);
  }
}

/** An error that shows nothing sensitive. */
export function withoutSensitive(error: unknown, sensitive: SensitiveValues): unknown {
  if (!(error instanceof VaultproofError) || sensitive.size === 0) return error;
  const { code, message, details, cause } = error;
  const shown = cause instanceof Error && sensitive.isIn(cause.message) ? undefined : cause;
  return new VaultproofError(code, sensitive.hide(message), { details: sensitive.hideIn(details), cause: shown });
}
