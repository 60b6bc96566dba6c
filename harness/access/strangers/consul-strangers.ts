import { UsageError } from '../../../errors/index.js';
import { isRecord } from '../../../internal/json.js';
import type { TokenClaims } from '../../../issuer/index.js';
import { parseSelector, SelectorSyntaxError } from '../../../stacks/consul-selector.js';
import { claimOf, matchesOf } from '../../../stacks/consul-selector-analysis.js';
import { triedRules } from '../../login/consul-binding.js';
import { selectableValues } from '../../login/consul-selector-verdict.js';
import { claimAt } from '../../login/token-claims.js';
import { type ConsulLogin, mayStillBeIn, wouldLogInToConsul } from '../consul/login.js';
import { locationOf, withValue } from '../vault/constraints.js';
import type { Claims } from '../vault/login-role.js';
import { type Change, leftOut, notGood, type Stranger, signed, stranger } from './stranger.js';

/** A claim, with what selectors compare it with. */
interface ComparedClaim {
  readonly claim: string;
  readonly compared: readonly string[];
  readonly isList: boolean;
}

/** The tokens that a Consul login must refuse, each different from a good one in one claim, or in two where either lets in. */
export function consulStrangers(login: ConsulLogin, good: TokenClaims): readonly Stranger[] {
  const verdict = wouldLogInToConsul(login, good);
  if (!verdict.in) {
    if (mayStillBeIn(verdict))
      throw new UsageError(`only Consul can say whether the good token gets in: ${verdict.undecided.join('; ')}`);
    throw notGood(verdict.refusals[0], notesOf(login, good));
  }
  const refused = (change: Change): Stranger[] => {
    const found = wouldLogInToConsul(login, signed(change.claims));
    if (found.in || found.undecided.length > 0) return [];
    const [{ code, claim }] = found.refusals;
    return [stranger(change, { code, claim })];
  };
  const mapped = mappedClaims(login);
  const claims: readonly ComparedClaim[] = [
    ...['iss', 'aud'].map((claim) => ({ claim, compared: [], isList: false })),
    ...mapped,
  ];
  const own = claims.map((one) => ({
    one,
    found: [
      ...others(one.claim, good).flatMap(refused).slice(0, 1),
      ...named(one, good).flatMap(refused),
      ...(one.claim === 'sub' ? [] : refused({ who: `no ${one.claim}`, claims: leftOut(good, locationOf(one.claim)) })),
    ],
  }));
  const single = own.flatMap(({ found }) => found);
  // Where any of several claims lets a token in, it differs in all of them.
  const lacking = own.filter(({ one, found }) => one.compared.length > 0 && found.length === 0).map(({ one }) => one);
  const pairs = lacking.flatMap((one, index) => lacking.slice(index + 1).map((other) => [one, other]));
  const several = (some: readonly ComparedClaim[]): Stranger[] => refused(changed(some, good));
  const joint = pairs.flatMap(several);
  return [...single, ...(joint.length > 0 || lacking.length < 3 ? joint : several(lacking))];
}

/** Another value of a claim, the likest first. */
function others(claim: string, good: TokenClaims): readonly Change[] {
  const now = claimAt(good, claim);
  const values = typeof now === 'string' ? [`${now}-x`, `x-${now}`, 'x'] : ['x'];
  return values.map((value) => ({ who: `another ${claim}`, claims: withValue(good, locationOf(claim), value) }));
}

/** The values that selectors name, such as that of somebody who must stay out. */
function named({ claim, compared, isList }: ComparedClaim, good: TokenClaims): readonly Change[] {
  const now = [claimAt(good, claim) ?? []].flat();
  return compared
    .filter((value) => value !== '')
    .map((value) => ({
      who: `the ${claim} "${value}"`,
      claims: withValue(good, locationOf(claim), isList ? [...now, value] : value),
    }));
}

function changed(claims: readonly ComparedClaim[], good: TokenClaims): Change {
  const make = (token: Claims, { claim }: ComparedClaim): Claims => withValue(token, locationOf(claim), 'x');
  return {
    who: claims.map(({ claim }) => `another ${claim}`).join(' and '),
    claims: claims.reduce<Claims>(make, good),
  };
}

/** The claims that are mapped. A regular expression names no value. */
function mappedClaims({ config, rules }: ConsulLogin): readonly ComparedClaim[] {
  const matches = rules.flatMap((rule) => readMatches(String(rule['Selector'] ?? '')));
  const of = (mappings: unknown, kind: string): ComparedClaim[] =>
    Object.entries(isRecord(mappings) ? mappings : {}).map(([claim, name]) => {
      const about = matches.filter((match) => claimOf(match).kind === kind && claimOf(match).name === name);
      const values = about.flatMap(({ path, operator, value }) =>
        path.length === 1 || operator.includes('matches') ? [''] : [value],
      );
      return { claim, compared: [...new Set(values)], isList: kind === 'list' };
    });
  return [...of(config['ClaimMappings'], 'value'), ...of(config['ListClaimMappings'], 'list')];
}

function readMatches(selector: string) {
  try {
    return selector === '' ? [] : matchesOf(parseSelector(selector));
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return [];
    throw error;
  }
}

/** What the rules say of a token that explains why none of them matches it. */
function notesOf(login: ConsulLogin, good: TokenClaims): readonly string[] {
  const { config, rules, names = {} } = login;
  const tried = triedRules(rules, { config, claims: good, values: selectableValues(config, good) }, names);
  return [...new Set(tried.flatMap(({ notes }) => notes))];
}
