import { closestMatch } from 'leven';
import { providerTypes } from '../provider-schema.js';
import type { Rule } from '../rule.js';

/** Types of a newer provider differ by more from those that are known. */
const MOST_EDITS = 2;

/** A type that the providers don't have, and that is close to one that they have. */
export const unknownType: Rule = {
  code: 'unknown-type',
  severity: 'warning',
  check: ({ blocks, isPlan }) => {
    if (isPlan) return [];
    const unknown = blocks.filter(({ type }) => /^(?:vault|consul)_/.test(type) && !providerTypes.has(type));
    const meant = new Map<string, string | undefined>();
    for (const { type } of unknown) {
      if (!meant.has(type)) meant.set(type, closestMatch(type, [...providerTypes], { maxDistance: MOST_EDITS }));
    }
    return unknown.flatMap((block) => {
      const known = meant.get(block.type);
      if (known === undefined) return [];
      const reason = `no provider that vaultproof knows has "${block.type}", and no other rule looks at it`;
      return [{ block, reason, fix: `did you mean "${known}"? Allow this where a newer provider has it` }];
    });
  },
};
