import { consulMethods } from '../consul/binding-rules.js';
import { textOf } from '../document/document.js';
import type { Rule } from '../rule.js';

/** An auth method of Consul whose tokens are valid in every datacenter. */
export const tokenLocalityGlobal: Rule = {
  code: 'token-locality-global',
  severity: 'warning',
  check: (document) =>
    consulMethods(document)
      .filter(({ block }) => textOf(block, 'token_locality') === 'global')
      .map(({ block }) => ({
        block,
        attribute: 'token_locality',
        found: 'global',
        reason: 'a token is valid in every datacenter, and a login waits for the primary one',
        fix: 'set it to "local", or allow this if tokens are used across datacenters',
      })),
};
