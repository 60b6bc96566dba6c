import type { z } from 'zod';

type Check = (attributes: Readonly<Record<string, unknown>>, context: z.RefinementCtx) => void;

/** Refuses arguments beside each other, as Terraform's "conflicts with". */
export function conflicts(...pairs: readonly (readonly [string, string])[]): Check {
  return (attributes, context) => {
    for (const [one, other] of pairs) {
      if (attributes[one] === undefined || attributes[other] === undefined) continue;
      context.addIssue({ code: 'custom', path: [one], message: `conflicts with "${other}"` });
    }
  };
}

/** Wants at least one of some arguments. */
export function atLeastOne(...names: readonly string[]): Check {
  return (attributes, context) => {
    const given = names.some((name) => {
      const value = attributes[name];
      return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '';
    });
    if (!given) context.addIssue({ code: 'custom', message: `one of ${names.join(', ')} is needed` });
  };
}
