import { UsageError } from '../../../errors/index.js';
import {
  parseSelector,
  type Selector,
  type SelectorMatch,
  SelectorSyntaxError,
} from '../../../stacks/consul-selector.js';
import { matchesOf } from '../../../stacks/consul-selector-analysis.js';
import { matchesWithout, selectableValues } from '../../login/consul-selector-verdict.js';
import { type ConsulLogin, wouldLogInToConsul } from '../consul/login.js';
import { type ClaimConstraint, constraintsOf, isAnyString } from '../vault/constraints.js';
import { wouldLogIn } from '../vault/login.js';
import type { Claims, VaultLoginRole } from '../vault/login-role.js';
import { type ConsulLoginProps, consulLoginOf, isOfConsul } from './consul-login.js';
import { signed } from './stranger.js';

/** Which bounds of a role or of a Consul login some tokens hold to the test. */
export interface BoundCoverage {
  /** By their names: `bound_audiences`, `bound_claims.ref`; of Consul `BoundAudiences`, `policy "app": value.team == "shop"`. */
  readonly covered: readonly string[];
  /** A role without one of these would treat all of the tokens alike: no test misses it. */
  readonly missed: readonly string[];
}

/**
 * The bounds of a role or of a Consul login that tokens would miss, and those that none would: a bound is covered by a token that is refused, and
 * that would get in without it.
 * @param tokens the claims of all tokens that a test tries
 * @example
 * expect(boundCoverage(role, strangers(role, token).map(({ claims }) => claims)).missed).toEqual([]);
 */
export function boundCoverage(
  role: VaultLoginRole | ConsulLogin | ConsulLoginProps,
  tokens: readonly Claims[],
): BoundCoverage {
  if (isOfConsul(role)) return consulCoverage(consulLoginOf(role), tokens);
  const refused = tokens.map(signed).filter((claims) => !wouldLogIn(role, claims).in);
  const bounds = constraintsOf(role).filter((one) => !isAnyString(one));
  const isCovered = ({ bound, claim }: ClaimConstraint): boolean =>
    refused.some((claims) => wouldLogIn(withoutBound(role, bound, claim, claims), claims).in);
  const nameOf = ({ bound, claim }: ClaimConstraint): string =>
    bound === 'bound_claims' ? `${bound}.${claim}` : bound;
  return {
    covered: bounds.filter(isCovered).map(nameOf),
    missed: bounds.filter((bound) => !isCovered(bound)).map(nameOf),
  };
}

function consulCoverage(login: ConsulLogin, tokens: readonly Claims[]): BoundCoverage {
  const refused = tokens.map(signed).filter((claims) => !wouldLogInToConsul(login, claims).in);
  const bounds = consulBounds(login);
  const missed = bounds.filter(({ alone }) => !refused.some(alone)).map(({ name }) => name);
  const covered = bounds.map(({ name }) => name).filter((name) => !missed.includes(name));
  return { covered: [...new Set(covered)], missed: [...new Set(missed)] };
}

function withoutBound(
  role: VaultLoginRole,
  bound: ClaimConstraint['bound'],
  claim: string,
  token: Claims,
): VaultLoginRole {
  const { boundClaims = {}, boundAudiences = [] } = role;
  switch (bound) {
    case 'bound_issuer':
      return { ...role, boundIssuer: undefined };
    case 'bound_subject':
      return { ...role, boundSubject: undefined };
    case 'bound_audiences':
      // A role without audiences lets no token in that has one: the same with any audience.
      return {
        ...role,
        boundAudiences: 'aud' in token ? [...boundAudiences, ...[token['aud']].flat().map(String)] : [],
      };
    default:
      return {
        ...role,
        boundClaims: Object.fromEntries(Object.entries(boundClaims).filter(([name]) => name !== claim)),
      };
  }
}

/** A bound of a Consul login. */
interface ConsulBound {
  readonly name: string;
  /** Whether a token that is refused would get in without it. */
  readonly alone: (token: Claims) => boolean;
}

/** The bounds of a Consul login by their names, and whether one of some tokens that are refused would get in without it. */
function consulBounds(login: ConsulLogin): readonly ConsulBound[] {
  const { config, rules } = login;
  const lets = (changed: Partial<ConsulLogin>, token: Claims): boolean =>
    wouldLogInToConsul({ ...login, ...changed }, token).in;
  const { BoundIssuer, OIDCDiscoveryURL, BoundAudiences } = config;
  const audiences = [BoundAudiences ?? []].flat();
  const inConfig = (name: string, value: unknown, without: (token: Claims) => unknown): ConsulBound[] =>
    value === undefined || value === ''
      ? []
      : [{ name, alone: (token) => lets({ config: { ...config, [name]: without(token) } }, token) }];
  return [
    ...inConfig('OIDCDiscoveryURL', OIDCDiscoveryURL, (token) => token['iss']),
    ...inConfig('BoundIssuer', OIDCDiscoveryURL ? undefined : BoundIssuer, () => undefined),
    // Without audiences no token gets in that has one: the same with any audience.
    ...inConfig('BoundAudiences', audiences.length === 0 ? undefined : audiences, (token) =>
      'aud' in token ? [...audiences, ...[token['aud']].flat()] : [],
    ),
    ...rules.flatMap((rule) => {
      const { BindType, BindName, Selector: text } = rule;
      if (typeof text !== 'string' || text === '') return [];
      const selector = read(text);
      const open = rules.map((one) => (one === rule ? { ...rule, Selector: '' } : one));
      return matchesOf(selector).map(
        (match: SelectorMatch): ConsulBound => ({
          name: `${BindType} "${BindName}": ${match.source}`,
          alone: (token) =>
            lets({ rules: open }, token) && matchesWithout(selector, match, selectableValues(config, token)) === true,
        }),
      );
    }),
  ];
}

function read(text: string): Selector {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof SelectorSyntaxError) throw new UsageError(error.message);
    throw error;
  }
}
