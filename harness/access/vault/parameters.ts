import type { HclValue, ParameterValues } from '../../lint/index.js';

/** What a request carries: its JSON body, or the query of a read, by name. */
export type RequestData = Readonly<Record<string, unknown>>;

/** Why a request's parameters are not allowed. */
export type ParameterRefusal = 'required_parameter' | 'denied_parameter' | 'allowed_parameter';

/** What a policy says of parameters. */
export interface ParameterBounds {
  readonly allowedParameters: ParameterValues;
  readonly deniedParameters: ParameterValues;
  readonly requiredParameters: readonly string[];
}

/**
 * The bound that a request's parameters do not fit; undefined where they fit all.
 * @param looksIntoLists whether each value of a list, or of a string with commas, is compared too: in Vault, not in OpenBao
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies#parameter-constraints
 */
export function refusedParameter(
  data: RequestData,
  { allowedParameters, deniedParameters, requiredParameters }: ParameterBounds,
  looksIntoLists: boolean,
): ParameterRefusal | undefined {
  const given = Object.entries(data);
  if (requiredParameters.some((name) => !Object.hasOwn(data, name.toLowerCase()))) return 'required_parameter';
  if (given.length === 0) return undefined;
  if (deniedParameters.has('*')) return 'denied_parameter';
  const isDenied = ([name, value]: [string, unknown]): boolean => {
    const values = deniedParameters.get(name.toLowerCase());
    return values !== undefined && (holds(values, value) || (looksIntoLists && parts(value).some(among(values))));
  };
  if (given.some(isDenied)) return 'denied_parameter';
  const others = allowedParameters.has('*');
  if (allowedParameters.size === 0 || (allowedParameters.size === 1 && others)) return undefined;
  const isAllowed = ([name, value]: [string, unknown]): boolean => {
    const values = allowedParameters.get(name.toLowerCase());
    if (values === undefined) return others;
    return holds(values, value) || (looksIntoLists && isSplit(value) && parts(value).every(among(values)));
  };
  return given.every(isAllowed) ? undefined : 'allowed_parameter';
}

function among(values: readonly HclValue[]): (value: unknown) => boolean {
  return (value) => values.some((one) => isSame(one, value));
}

/** No values stand for any. */
function holds(values: readonly HclValue[], value: unknown): boolean {
  return values.length === 0 || among(values)(value);
}

function isSplit(value: unknown): value is string | readonly unknown[] {
  return typeof value === 'string' || Array.isArray(value);
}

/** The values of a list, or of a string with commas, which Vault may take as a list. */
function parts(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string' || value === '') return [];
  return value.split(',').map((part) => part.trim());
}

/** A number of a policy is the same as none of a request, whose numbers Vault keeps as they are written. */
function isSame(listed: HclValue, value: unknown): boolean {
  if (typeof listed === 'string') return typeof value === 'string' && matchesEnds(listed, value);
  if (typeof listed === 'boolean') return listed === value;
  if (!Array.isArray(listed) || !Array.isArray(value) || listed.length !== value.length) return false;
  return listed.every((one, index) => (typeof one === 'string' ? one === value[index] : isSame(one, value[index])));
}

/** `*` is a wildcard at the beginning and at the end of a value. */
function matchesEnds(pattern: string, value: string): boolean {
  if (pattern.length < 2) return pattern === value;
  const [before, after] = [pattern.startsWith('*'), pattern.endsWith('*')];
  const text = pattern.slice(before ? 1 : 0, after ? -1 : undefined);
  if (before && after) return value.includes(text);
  if (before) return value.endsWith(text);
  return after ? value.startsWith(text) : value === text;
}
