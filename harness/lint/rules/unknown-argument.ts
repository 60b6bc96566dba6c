import { closestMatch } from 'leven';
import { providerArguments } from '../provider-schema.js';
import type { Rule } from '../rule.js';

/** An argument of a login that its type doesn't have, and that is close to one that it has. */
export const unknownArgument: Rule = {
  code: 'unknown-argument',
  severity: 'warning',
  check: ({ blocks, isPlan }) => {
    if (isPlan) return [];
    const looked = new Map<string, string | undefined>();
    const closest = (name: string, type: string, known: readonly string[]): string | undefined => {
      const key = `${type}.${name}`;
      if (!looked.has(key)) looked.set(key, closestMatch(name, [...known], { maxDistance: mostEdits(name) }));
      return looked.get(key);
    };
    return blocks.flatMap((block) => {
      const known = providerArguments[block.type];
      if (known === undefined || block.kind !== 'resource' || block.within !== undefined) return [];
      return Object.keys(block.attributes).flatMap((name) => {
        const meant = known.includes(name) ? undefined : closest(name, block.type, known);
        // What is set beside the one that is close is an argument of its own, which a newer provider may have.
        if (meant === undefined || meant in block.attributes) return [];
        const reason = `"${block.type}" has no argument "${name}" in the providers that vaultproof knows`;
        return [
          { block, attribute: name, reason, fix: `did you mean "${meant}"? Allow this where a newer provider has it` },
        ];
      });
    });
  },
};

function mostEdits(name: string): number {
  return Math.min(3, Math.floor(name.length / 3));
}
