import { parseSelector, type Selector, type SelectorMatch } from '../../../stacks/consul-selector.js';
import type { ConsulLogin } from './login.js';

/**
 * What an auth method and one of its rules ask of a token, in words, a line for each claim.
 *
 * @example
 * const config = { BoundAudiences: ['consul'], ClaimMappings: { repository: 'repo' } };
 * consulConditions({ config, rules: [] }, 'value.repo == "acme/a"'); // ['aud has "consul"', 'repository is "acme/a"']
 */
export function consulConditions({ config }: ConsulLogin, selector: string): readonly string[] {
  const issuer = String(config['OIDCDiscoveryURL'] || config['BoundIssuer'] || '');
  const audiences = [config['BoundAudiences'] ?? []].flat().map((one) => JSON.stringify(one));
  const audience = `${audiences.length === 1 ? '' : 'one of '}${audiences.join(', ')}`;
  return [
    ...(issuer === '' ? [] : [`iss is ${JSON.stringify(issuer)}`]),
    ...(audiences.length > 0 ? [`aud has ${audience}`] : config['OIDCDiscoveryURL'] ? [] : ['aud is nothing']),
    ...(selector === '' ? [] : inWords(parseSelector(selector), config, selector)),
  ];
}

/** A line for each comparison where all must hold and name a value; else the selector. */
function inWords(selector: Selector, config: ConsulLogin['config'], text: string): readonly string[] {
  const lines = comparisonsOf(selector)?.map((match) => lineOf(match, config)) ?? [undefined];
  const known = lines.filter((line) => line !== undefined);
  return known.length === lines.length ? known : [`selector: ${text}`];
}

/** The comparisons of an `and`; undefined where there is anything else. */
function comparisonsOf(selector: Selector): readonly SelectorMatch[] | undefined {
  if (selector.kind === 'match') return [selector];
  if (selector.kind !== 'and') return undefined;
  const [left, right] = [comparisonsOf(selector.left), comparisonsOf(selector.right)];
  return left && right && [...left, ...right];
}

function lineOf(
  { path: [kind, name], operator, value }: SelectorMatch,
  config: ConsulLogin['config'],
): string | undefined {
  const mappings = Object(config[kind === 'list' ? 'ListClaimMappings' : 'ClaimMappings']) as Record<string, unknown>;
  const claim = Object.keys(mappings).find((one) => mappings[one] === name);
  if (claim === undefined || name === undefined) return undefined;
  if (operator === '==') return `${claim} is ${JSON.stringify(value)}`;
  return operator === 'in' ? `${claim} ${kind === 'list' ? 'has' : 'contains'} ${JSON.stringify(value)}` : undefined;
}
