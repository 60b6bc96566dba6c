import { VaultproofError } from '../../errors/index.js';
import { blocks, type Json } from '../terraform-json/document.js';
import { locatedError, type Place, placeOf } from './error-location.js';
import { type Scope, scopeWith } from './evaluate.js';
import type { EvaluationContext, PassedOverTerraform } from './evaluation-context.js';
import { evaluateJson } from './json-values.js';
import { toPrimitive } from './types.js';
import { known, Unknown, type Value, ValueProblem } from './values.js';

/** What a block promises or asks for. */
const KINDS = ['precondition', 'postcondition'] as const;

/** A condition as it is written. */
interface Condition {
  readonly kind: (typeof KINDS)[number];
  readonly body: Json;
}

/** The conditions of a resource or a data source. */
export function conditionsOf(body: Json): readonly Condition[] {
  return blocks(body['lifecycle'], '"lifecycle"').flatMap(conditionsIn);
}

/** Those that stand in a block itself, as an output's do. */
export function conditionsIn(body: Json): readonly Condition[] {
  return KINDS.flatMap((kind) => blocks(body[kind], `"${kind}"`).map((condition) => ({ kind, body: condition })));
}

/**
 * Checks conditions as an apply does.
 * @param self what `self` stands for in a postcondition
 * @returns those that only an apply can check, and those that are ignored
 * @throws VaultproofError `condition_failed` for one that does not hold, `expression_invalid`
 * @see https://developer.hashicorp.com/terraform/language/expressions/custom-conditions
 */
export function checkConditions(
  conditions: readonly Condition[],
  scope: Scope,
  place: Place,
  { isIgnored }: Pick<EvaluationContext, 'isIgnored'>,
  self?: Value,
): readonly PassedOverTerraform[] {
  return conditions.flatMap(({ kind, body }) => {
    const address = `${place.address}.${kind}`;
    if (isIgnored(address)) return [{ address, reason: 'its type or address is ignored' }];
    const inner = kind === 'postcondition' && self !== undefined ? scopeWith(scope, { self }) : scope;
    const unknown = unknownIn(body, inner, place, kind);
    return unknown === undefined ? [] : [{ address, reason: `"${unknown}" is known only after an apply` }];
  });
}

/** What of a condition is not known; undefined where it holds. */
function unknownIn(body: Json, scope: Scope, place: Place, kind: Condition['kind']): string | undefined {
  const source = String(body['condition']);
  const holds = evaluatedIn(body['condition'], scope, place);
  if (holds instanceof Unknown) return holds.source;
  if (isTrue(holds, place, source)) return undefined;
  const said = evaluatedIn(body['error_message'], scope, place);
  const words = said instanceof Unknown || said === null ? 'it does not hold' : String(said);
  throw new VaultproofError(
    'condition_failed',
    `${placeOf(place, source)}: the ${kind} of "${place.address}" fails: ${words}. Give the values that it asks for, or pass it over with ignore: ['${place.address}.${kind}']`,
    { details: { address: place.address, ignore: [`${place.address}.${kind}`] } },
  );
}

function evaluatedIn(json: unknown, scope: Scope, place: Place): Value {
  try {
    return known(evaluateJson(json, scope, place));
  } catch (error) {
    if (!(error instanceof VaultproofError) || error.code !== 'value_unknown') throw error;
    return new Unknown(String(json), String(json).replace(/^\$\{([\s\S]*)\}$/, '$1'));
  }
}

function isTrue(value: Value, place: Place, source: string): boolean {
  try {
    if (value === null) throw new ValueProblem('a condition is null: make it true or false');
    return toPrimitive(value, 'bool') === true;
  } catch (error) {
    throw locatedError(error, place, source);
  }
}
