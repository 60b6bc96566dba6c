import { parseSelector, type Selector, type SelectorMatch } from '../../../stacks/consul-selector.js';
import { claimOf, operatorsRequiringPresence } from '../../../stacks/consul-selector-analysis.js';
import { all, any, type Draft, not, type SeenClaim, type Truth } from './draft.js';

/** The claims that an auth method maps, by the names that selectors have for them: `value.user`, `list.groups`. */
export type Fields = ReadonlyMap<string, SeenClaim>;

/** Whether a draft of a token satisfies a selector. What hangs on a regular expression stays open. */
export function selectorTruth(text: string, fields: Fields): (draft: Draft) => Truth {
  if (text === '') return () => true;
  const selector = parseSelector(text);
  return (draft) => truthOf(selector, fields, draft);
}

function truthOf(selector: Selector, fields: Fields, draft: Draft): Truth {
  if (selector.kind === 'not') return not(truthOf(selector.operand, fields, draft));
  if (selector.kind === 'match') return matchTruth(selector, fields, draft);
  const sides = [selector.left, selector.right];
  if (selector.kind === 'or') return any(draft, sides, (side) => truthOf(side, fields, draft));
  return all(draft, ...sides.map((side) => () => truthOf(side, fields, draft)));
}

function matchTruth(match: SelectorMatch, fields: Fields, draft: Draft): Truth {
  const { path, operator, source } = match;
  const { kind, name } = claimOf(match);
  const isNegative = operator === '!=' || operator.startsWith('not ') || operator === 'is empty';
  if (path.length === 1) {
    // Such an escape is a byte to Consul, and not always a sign.
    if (/\\[x0-3]/.test(source)) return undefined;
    const claims = [...fields].flatMap(([field, claim]) =>
      name === undefined ? (field.startsWith(`${kind}.`) ? [claim] : []) : field === `${kind}.${name}` ? [claim] : [],
    );
    const isThere = any(draft, claims, (claim) => isThereIn(claim, draft));
    return isNegative ? not(isThere) : isThere;
  }
  const claim = fields.get(`${kind}.${name}`);
  const absent = !operatorsRequiringPresence.includes(operator);
  if (claim === undefined) return absent;
  if (claim.elements !== undefined) return listTruth(match, claim, draft);
  return draft.is(claim, (value) => {
    if (value === undefined) return absent;
    if (/\\[x0-3]/.test(source) || operator.includes('matches')) return undefined;
    const holds = kind === 'list' ? ofOne(match, value) : ofText(match, value);
    return isNegative ? !holds : holds;
  });
}

function isThereIn(claim: SeenClaim, draft: Draft): Truth {
  return claim.elements === undefined ? draft.is(claim, (value) => value !== undefined) : draft.hasList(claim);
}

/** Whether a value is what a comparison names, or has it in it; the operator's negation is left to the caller. */
function ofText({ operator, value: wanted }: SelectorMatch, value: string): boolean {
  return operator === '==' || operator === '!=' ? value === wanted : value.includes(wanted);
}

/** The same of a list of one value; an empty string drops out of it. */
function ofOne({ operator, value: wanted }: SelectorMatch, value: string): boolean {
  if (operator === 'is empty' || operator === 'is not empty') return value !== '';
  return value !== '' && value === wanted;
}

function listTruth({ operator, value, source }: SelectorMatch, claim: SeenClaim, draft: Draft): Truth {
  // A list that is not there is as one that is empty.
  if (operator === 'is empty' || operator === 'is not empty') {
    const isFilled = any(draft, claim.elements ?? [], (element) => draft.holds(claim, element));
    return operator === 'is empty' ? not(isFilled) : isFilled;
  }
  if (/\\[x0-3]/.test(source)) return undefined;
  const holds = value === '' ? false : draft.holds(claim, value);
  return operator === 'not in' ? not(holds) : holds;
}
