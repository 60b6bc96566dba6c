import { consulMethods } from '../consul/binding-rules.js';
import { isEmpty } from '../document/document.js';
import type { Rule } from '../rule.js';

/**
 * An auth method of Consul that finds keys by discovery and takes tokens for anybody. A role of Vault without bound audiences is
 * for `audience-never-matches`.
 */
export const noBoundAudiences: Rule = {
  code: 'no-bound-audiences',
  severity: 'error',
  check: (document) =>
    consulMethods(document)
      .filter(({ keys, config }) => keys === 'discovery' && isEmpty(config?.['boundaudiences']))
      .map(({ block, attribute }) => ({
        block,
        attribute: `${attribute}.BoundAudiences`,
        reason:
          'with discovery Consul then ignores aud: anyone who receives a token of this issuer, for any audience, can log in with it',
        fix: 'set BoundAudiences to a value used by this Consul only',
      })),
};
