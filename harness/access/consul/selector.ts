import { parseSelector, type Selector, type SelectorMatch } from '../../../stacks/consul-selector.js';
import { claimOf } from '../../../stacks/consul-selector-analysis.js';
import { comparisonTruth, hasByte } from '../../login/consul-selector-verdict.js';
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
  const { path, operator } = match;
  const { kind, name } = claimOf(match);
  if (path.length === 1) {
    if (hasByte(match)) return undefined;
    const claims = [...fields].flatMap(([field, claim]) =>
      name === undefined ? (field.startsWith(`${kind}.`) ? [claim] : []) : field === `${kind}.${name}` ? [claim] : [],
    );
    const isThere = any(draft, claims, (claim) => isThereIn(claim, draft));
    return operator === 'not in' || operator === 'is empty' ? not(isThere) : isThere;
  }
  const claim = fields.get(`${kind}.${name}`);
  if (claim === undefined) return comparisonTruth(match, null);
  if (claim.elements !== undefined) return listTruth(match, claim, draft);
  return draft.is(claim, (value) => {
    if (value === undefined) return comparisonTruth(match, null);
    if (operator.includes('matches')) return undefined;
    // A list of one value, of which an empty string drops out.
    return comparisonTruth(match, kind === 'list' ? [value].filter((one) => one !== '') : value);
  });
}

function isThereIn(claim: SeenClaim, draft: Draft): Truth {
  return claim.elements === undefined ? draft.is(claim, (value) => value !== undefined) : draft.hasList(claim);
}

function listTruth(match: SelectorMatch, claim: SeenClaim, draft: Draft): Truth {
  const { operator, value } = match;
  // A list that is not there is as one that is empty.
  if (operator === 'is empty' || operator === 'is not empty') {
    const isFilled = any(draft, claim.elements ?? [], (element) => draft.holds(claim, element));
    return operator === 'is empty' ? not(isFilled) : isFilled;
  }
  if (hasByte(match)) return undefined;
  const holds = value === '' ? false : draft.holds(claim, value);
  return operator === 'not in' ? not(holds) : holds;
}
