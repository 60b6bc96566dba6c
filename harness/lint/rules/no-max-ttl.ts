import { isRecord } from '../../../internal/json.js';
import { type Block, isSet, isUnknown, textOf } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A role whose tokens live as long as the server allows, or never expire. */
export const noMaxTtl: Rule = {
  code: 'no-max-ttl',
  severity: 'warning',
  check: (document) =>
    jwtRoles(document).flatMap(({ block, backend }) => {
      if (hasEnd(block, backend)) return [];
      return [
        isPositive(block, 'token_period')
          ? {
              block,
              attribute: 'token_explicit_max_ttl',
              reason: 'a periodic token that is renewed in time never expires, and token_max_ttl does not change that',
              fix: 'set token_explicit_max_ttl to the longest that a token may live, in seconds, such as 86400',
            }
          : {
              block,
              attribute: 'token_max_ttl',
              reason: "a token can be renewed up to the server's max_lease_ttl, which is 32 days by default",
              fix: 'set token_max_ttl to the longest that a job takes, in seconds, such as 3600',
            },
      ];
    }),
};

/** Whether a token ends; true where that is not known. */
function hasEnd(role: Block, backend: Block | undefined): boolean {
  if (isPositive(role, 'token_explicit_max_ttl') || isUnknown(role, 'token_type')) return true;
  // A batch token can't be renewed, and has no period.
  const isBatch = /^(?:default-)?batch$/.test(textOf(role, 'token_type') ?? '');
  if (isBatch && isPositive(role, 'token_ttl')) return true;
  if (!isBatch && isPositive(role, 'token_period')) return isUnknown(role, 'token_period');
  return isPositive(role, 'token_max_ttl') || isTuned(backend);
}

/** Whether the auth method itself has a maximum. */
function isTuned(backend: Block | undefined): boolean {
  const tune = backend?.attributes['tune'];
  const blocks: readonly unknown[] = Array.isArray(tune) ? tune : [tune];
  return blocks.some(
    (block) =>
      isRecord(block) && typeof block['max_lease_ttl'] === 'string' && !/^(?:0+[a-z]*)?$/.test(block['max_lease_ttl']),
  );
}

function isPositive(block: Block, name: string): boolean {
  return isSet(block, name) && textOf(block, name) !== '0';
}
