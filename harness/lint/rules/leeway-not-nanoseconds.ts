import { consulMethods } from '../consul/binding-rules.js';
import { isKnown } from '../document/document.js';
import type { Rule } from '../rule.js';

const LEEWAYS = ['ExpirationLeeway', 'NotBeforeLeeway', 'ClockSkewLeeway'];
const MILLISECOND = 1_000_000;

/** A leeway of Consul's in seconds, or with a unit. */
export const leewayNotNanoseconds: Rule = {
  code: 'leeway-not-nanoseconds',
  severity: 'error',
  check: (document) =>
    consulMethods(document).flatMap(({ block, attribute, config }) =>
      LEEWAYS.flatMap((name) => {
        const found = config?.[name.toLowerCase()];
        const reason = mistakeIn(found);
        if (reason === undefined) return [];
        const fix = 'give nanoseconds: 60000000000 for 60 seconds, -1 for none';
        return [{ block, attribute: `${attribute}.${name}`, found, reason, fix }];
      }),
    ),
};

function mistakeIn(leeway: unknown): string | undefined {
  if ((typeof leeway !== 'number' && typeof leeway !== 'string') || leeway === '' || !isKnown(leeway)) return undefined;
  const number = Number(leeway);
  if (Number.isNaN(number)) return 'Consul accepts no units here, and refuses the auth method';
  const isTiny = number !== 0 && number !== -1 && Math.abs(number) < MILLISECOND;
  return isTiny ? 'it is in nanoseconds, so this is effectively zero' : undefined;
}
