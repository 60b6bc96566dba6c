import { identityName } from './checks.js';
import { parseSelector, type Selector } from './consul-selector.js';
import { truthOf } from './consul-selector-analysis.js';

/** The policies that Consul has templates of; the first three take a name. */
export type ConsulPolicyTemplate =
  | 'builtin/service'
  | 'builtin/node'
  | 'builtin/api-gateway'
  | 'builtin/dns'
  | 'builtin/nomad-client'
  | 'builtin/nomad-server';

const anyName = /^[\s\S]+$/;

/** What Consul takes at a login, by the type of the binding: for a policy less than when the rule is written. */
export const bindNames = {
  service: identityName,
  node: identityName,
  role: /^[A-Za-z0-9_-]+$/,
  policy: /^[A-Za-z0-9_-]{1,128}$/,
} as const;

/** What the name of a template may be; none where it takes none. */
export const templateNames: Readonly<Record<ConsulPolicyTemplate, RegExp | undefined>> = {
  'builtin/service': identityName,
  'builtin/node': identityName,
  'builtin/api-gateway': anyName,
  'builtin/dns': undefined,
  'builtin/nomad-client': undefined,
  'builtin/nomad-server': undefined,
};

/** Consul's own policy that allows everything. */
export const MANAGEMENT = 'global-management';

const CLAIM = /\$\{\s*value\.([\w.-]+)\s*\}/;

/** A name of more claims is not looked through. */
const MOST_CLAIMS = 6;

/**
 * Whether a claim can make a name another one: `${value.team}` any, `team-${value.team}` none that begins otherwise.
 * @param bindName with claims in it
 * @param wanted in lower case, as Consul writes a claim's value
 * @param selector which logins get the name, default all; in doubt it is taken to let the claim in
 * @see https://developer.hashicorp.com/consul/api-docs/acl/binding-rules
 */
export function claimCanMake(bindName: string, wanted: string, selector?: Selector): boolean {
  const parts = bindName.split(new RegExp(CLAIM.source));
  const claims = parts.filter((_, index) => index % 2 === 1);
  if (claims.length === 0) return false;
  const written = parts.filter((_, index) => index % 2 === 0).join('');
  if (written.length > wanted.length) return false;
  if (claims.length > MOST_CLAIMS) return true;
  const pattern = parts.map((part, index) => (index % 2 === 1 ? '(.*)' : literally(part))).join('');
  const values = new RegExp(`^${pattern}$`, 'i').exec(wanted)?.slice(1);
  if (values === undefined) return false;
  // Consul compares a claim in a selector unchanged, and writes it in lower case into the name.
  return [values, values.map(capitalised)].some((written) => {
    const conditions = claims
      .map((claim, index) => ({ claim, value: written[index] ?? '' }))
      .filter(({ value }) => value !== '')
      .map(({ claim, value }) => `value.${claim} == ${JSON.stringify(value)}`);
    if (selector === undefined || conditions.length === 0) return true;
    const right = parseSelector(conditions.join(' and '));
    return truthOf({ kind: 'and', left: selector, right }).canMatch;
  });
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
