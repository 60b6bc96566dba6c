import type { MergedRule, VaultOperation } from './acl.js';
import type { RequestData } from './parameters.js';

/** What of a request parameters and wrapping TTLs tell apart. */
export interface DistinguishingRequest {
  readonly data?: RequestData;
  /** Seconds that the answer is wrapped for, 0 where it is not. */
  readonly wrapTtl?: number;
}

/** Requests that the bounds of rules tell apart, by their bodies and by how long their answers are wrapped; none without such bounds. */
export function distinguishingRequests(
  rules: readonly MergedRule[],
  operation: VaultOperation,
): readonly DistinguishingRequest[] {
  const hasBody = operation === 'create' || operation === 'update' || operation === 'patch';
  const bodies = hasBody ? bodiesFor(rules) : [];
  const wraps = wrapTtlsFor(rules);
  if (bodies.length === 0 && wraps.length === 0) return [];
  return (bodies.length === 0 ? [undefined] : bodies).flatMap((data) =>
    (wraps.length === 0 ? [undefined] : wraps).map((wrapTtl) => ({
      ...(data && { data }),
      ...(wrapTtl !== undefined && { wrapTtl }),
    })),
  );
}

/** Whether a rule allows some requests alone, by their parameters or their wrapping TTLs. */
export function hasBounds(rule: MergedRule): boolean {
  const { allowedParameters, deniedParameters, requiredParameters, minWrappingTtl, maxWrappingTtl } = rule;
  return (
    allowedParameters.size + deniedParameters.size + requiredParameters.length + minWrappingTtl + maxWrappingTtl > 0
  );
}

/** Wrapping TTLs that tell the bounds of rules apart, none before all others. */
function wrapTtlsFor(rules: readonly MergedRule[]): readonly number[] {
  const bounds = rules.flatMap(({ minWrappingTtl, maxWrappingTtl }) => [minWrappingTtl, maxWrappingTtl]);
  const set = bounds.filter((bound) => bound > 0);
  if (set.length === 0) return [];
  return [...new Set([0, ...set, ...set.flatMap((bound) => [bound - 1, bound + 1])])].filter(Number.isSafeInteger);
}

/** Bodies that tell the parameter bounds of rules apart: each value that is listed, and one that is not. */
function bodiesFor(rules: readonly MergedRule[]): readonly RequestData[] {
  const listed = rules.flatMap(({ allowedParameters, deniedParameters }) => [
    ...allowedParameters,
    ...deniedParameters,
  ]);
  const required = rules.flatMap(({ requiredParameters }) => requiredParameters.map((name) => name.toLowerCase()));
  if (listed.length === 0 && required.length === 0) return [];
  const names = [...new Set([...listed.map(([name]) => name), ...required, 'other'])].filter((name) => name !== '*');
  const values = [
    ...new Set(
      listed.flatMap(([, all]) => all).map((one) => (typeof one === 'string' ? one.replaceAll('*', 'x') : one)),
    ),
  ];
  const ones = names.flatMap((name) => [...values, 'another'].map((value) => ({ [name]: value })));
  const base = Object.fromEntries(required.map((name) => [name, values[0] ?? 'x']));
  return [{}, base, ...ones, ...ones.map((one) => ({ ...base, ...one }))];
}
