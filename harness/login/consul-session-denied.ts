import { VaultproofError } from '../../errors/index.js';
import { consulCall } from '../../internal/consul-api.js';
import type { HttpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import type { AclGrant } from '../access/index.js';
import { nearestRules } from './nearest-rules.js';

/** What Consul says is lacking. */
interface Lacking {
  readonly resource: string;
  readonly access: string;
  readonly name: string;
}

/** A rule of one of the token's policies. */
interface NamedRule extends AclGrant {
  readonly policy: string;
  /** What it is ranked by. */
  readonly path: string;
}

/**
 * Adds to a denied request's error why the token's policies do not allow it, as far as another token may read them.
 * @param readerToken a token that may read tokens and policies
 * @param accessorId of the token that was denied
 * @returns the error unchanged where the token is gone, its policies can't be read, or Consul does not say what is lacking
 * @see https://developer.hashicorp.com/consul/docs/secure/acl/policy#rules
 */
export async function explainConsulDenied(
  http: HttpClient,
  { readerToken, accessorId }: { readonly readerToken: string; readonly accessorId: string },
  error: VaultproofError,
): Promise<VaultproofError> {
  const lacking = lackingIn(error.message);
  if (lacking === undefined) return error;
  const path = `acl/token/${encodeURIComponent(accessorId)}?expanded=true`;
  const token = await consulCall(http, readerToken, 'GET', path).catch(() => undefined);
  if (!isRecord(token) || token['ExpandedPolicies'] === undefined) return error;
  const { readConsulPolicy } = await import('../access/index.js');
  const policies = [token['ExpandedPolicies'] ?? []]
    .flat()
    .filter(isRecord)
    .map(({ Name, Rules }) => readConsulPolicy(String(Name), String(Rules)));
  const names = policies.map(({ name }) => name).toSorted();
  const rules = policies.flatMap(({ name, grants }) =>
    grants.map((grant) => ({ ...grant, policy: name, path: pathOf(grant) })),
  );
  const { sentence, ...why } = reasonOf(lacking, rules);
  const undecided = policies.flatMap((policy) => policy.undecided);
  const quoted = names.map((name) => JSON.stringify(name)).join(', ') || 'none';
  return new VaultproofError(error.code, `${error.message}; the token's policies are ${quoted}; ${sentence}`, {
    details: { ...error.details, policies: names, ...why, undecided },
  });
}

/** As in `lacks permission 'key:read' on "app/db"`. */
function lackingIn(words: string): Lacking | undefined {
  const [, resource, access, name = ''] = /lacks permission '(\w+):([\w-]+)'(?: on "(.*?)")?/s.exec(words) ?? [];
  return resource === undefined || access === undefined ? undefined : { resource, access, name };
}

function reasonOf({ resource, access, name }: Lacking, rules: readonly NamedRule[]) {
  const missing = `${resource}:${access}`;
  const deciding = rulesFor({ resource, name }, rules);
  const [first] = deciding;
  if (first !== undefined) {
    const levels = [...new Set(deciding.map((rule) => rule.access))];
    const policies = [...new Set(deciding.map(({ policy }) => policy))];
    const of = policies.map((policy) => JSON.stringify(policy)).join(', ');
    const denies = levels.includes('deny');
    const sentence = denies
      ? `the rule ${shown(first)} of ${of} denies it`
      : `the rule ${shown(first)} of ${of} has ${levels.join(', ')}, ${access} is missing`;
    return { sentence, reason: 'capability', missing: [missing], nearest: nearestOf(first, policies) };
  }
  const granting = rules.filter((rule) => rule.access !== 'deny' && rule.kind === 'policy');
  const [nearest] = nearestRules(`${resource}/${name}`, granting);
  const near =
    nearest === undefined ? ', or near it' : `, the nearest rule is ${shown(nearest)} with ${nearest.access}`;
  const what = name === '' ? missing : `${missing} of "${name}"`;
  return {
    sentence: `none has a rule for ${what}${near}`,
    reason: 'no_rule',
    missing: [missing],
    nearest: nearest && nearestOf(nearest, [nearest.policy]),
  };
}

/** The rules that decide about a name: those for it, else those of its longest prefix. */
function rulesFor({ resource, name }: Omit<Lacking, 'access'>, rules: readonly NamedRule[]): readonly NamedRule[] {
  const said = rules.filter(({ kind }) => kind === 'policy');
  const whole = said.filter((rule) => rule.segment === undefined && rule.resource === resource);
  const exact = said.filter((rule) => rule.resource === resource && rule.segment === name);
  const prefixed = said.filter((rule) => rule.resource === `${resource}_prefix` && name.startsWith(rule.segment ?? ''));
  const longest = Math.max(...prefixed.map(({ segment = '' }) => segment.length));
  if (whole.length > 0 || exact.length > 0) return [...whole, ...exact];
  return prefixed.filter(({ segment = '' }) => segment.length === longest);
}

/** `key/app/*` for `key_prefix "app/"`. */
function pathOf({ resource, segment = '' }: AclGrant): string {
  const isPrefix = resource.endsWith('_prefix');
  return `${resource.replace(/_prefix$/, '')}/${segment}${isPrefix ? '*' : ''}`;
}

/** As the policy has it. */
function shown({ resource, segment }: AclGrant): string {
  return segment === undefined ? resource : `${resource} ${JSON.stringify(segment)}`;
}

function nearestOf(rule: NamedRule, policies: readonly string[]) {
  return { path: shown(rule), policies, capabilities: [rule.access] };
}
