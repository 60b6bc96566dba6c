import { consulMethods } from '../consul/binding-rules.js';
import { isEmpty } from '../document/document.js';
import type { Rule } from '../rule.js';

/** Algorithms that Consul is told to take, where it takes what the keys are for. */
export const algorithmsNotEnforced: Rule = {
  code: 'algorithms-not-enforced',
  severity: 'warning',
  check: (document) =>
    consulMethods(document)
      .filter(
        ({ keys, config }) => keys !== undefined && keys !== 'discovery' && !isEmpty(config?.['jwtsupportedalgs']),
      )
      .map(({ block, attribute, config }) => ({
        block,
        attribute: `${attribute}.JWTSupportedAlgs`,
        found: config?.['jwtsupportedalgs'],
        reason:
          'Consul checks it only with discovery: with static keys or a key set it accepts every algorithm that a key supports',
        fix: 'leave it out, and keep other keys out of the set; or use discovery',
      })),
};
