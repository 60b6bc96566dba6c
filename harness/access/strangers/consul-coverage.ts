import { UsageError } from '../../../errors/index.js';
import {
  parseSelector,
  type Selector,
  type SelectorMatch,
  SelectorSyntaxError,
} from '../../../stacks/consul-selector.js';
import { matchesOf } from '../../../stacks/consul-selector-analysis.js';
import { matchesWithout, selectableValues } from '../../login/consul-binding.js';
import { type ConsulLogin, wouldLogInToConsul } from '../consul/login.js';
import type { Claims } from '../vault/login.js';

/** A bound of a Consul login. */
interface ConsulBound {
  readonly name: string;
  /** Whether a token that is refused would get in without it. */
  readonly alone: (token: Claims) => boolean;
}

/** The bounds of a Consul login by their names, and whether one of some tokens that are refused would get in without it. */
export function consulBounds(login: ConsulLogin): readonly ConsulBound[] {
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
