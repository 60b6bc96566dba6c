import type { AccessDifference } from '../../harness/access/index.js';

/** A token that shows a difference, and where they decide an address, a body or how long an answer is wrapped. */
export function witnessOf({ witness: { claims, address, data, wrapTtl } }: AccessDifference): string {
  const from = address === undefined ? '' : ` from ${address}`;
  const body = data === undefined ? '' : ` with ${JSON.stringify(data)}`;
  const wrapped = wrapTtl === undefined ? '' : wrapTtl === 0 ? ', not wrapped' : `, wrapped for ${wrapTtl} s`;
  return `${JSON.stringify(claims)}${from}${body}${wrapped}`;
}
