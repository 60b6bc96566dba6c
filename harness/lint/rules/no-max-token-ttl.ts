import { consulMethods } from '../consul/binding-rules.js';
import { isUnknown, textOf } from '../document/document.js';
import type { Rule } from '../rule.js';

/** An auth method of Consul whose tokens never end. */
export const noMaxTokenTtl: Rule = {
  code: 'no-max-token-ttl',
  severity: 'warning',
  check: (document) =>
    consulMethods(document)
      .filter(({ block }) => !isUnknown(block, 'max_token_ttl') && !/[1-9]/.test(textOf(block, 'max_token_ttl') ?? ''))
      .map(({ block }) => ({
        block,
        attribute: 'max_token_ttl',
        reason: 'a token never expires unless it is logged out, even after the JWT has expired',
        fix: 'set max_token_ttl to the longest that a token may live, such as "1h"',
      })),
};
