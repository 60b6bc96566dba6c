import type { AccessDifference } from '../difference.js';
import type { DeclaredAccess, DeclaredConsul, DeclaredConsulLogin } from '../read/declared.js';
import type { Claims } from '../vault/login-role.js';
import type { ConsulAccessRequest, ConsulPolicy } from './acl.js';
import { claimSpace, type DeclaredSide } from './claim-space.js';
import { all, type Draft, findClaims, not, type Truth, UNDECIDED } from './draft.js';
import { concerns, isOfSeveral, requestsToldApart, shownGrant, shownRequest } from './requests.js';
import { NO_SIDE, type Side, type SideRule, sideOf } from './side.js';

/** What the second declaration allows in Consul and the first does not. */
export function gainedInConsul(
  before: DeclaredAccess,
  after: DeclaredAccess,
  leaveOut: (what: string) => void,
): readonly AccessDifference[] {
  return (after.consul?.logins ?? []).flatMap((login) => {
    const consul = after.consul as DeclaredConsul;
    const old = before.consul?.logins.find(({ authMethod }) => authMethod === login.authMethod);
    const sides: DeclaredSide[] = [{ login, consul }];
    if (old !== undefined && before.consul !== undefined) {
      if (contentOf(old, before.consul) === contentOf(login, consul)) return [];
      sides.push({ login: old, consul: before.consul });
    }
    const space = claimSpace(sides);
    if (space === undefined) {
      leaveOut(`${login.address}: its rules tell too many kinds of tokens apart`);
      return [];
    }
    const [head, base = NO_SIDE] = sides.map((side) => sideOf(side, space)) as [Side, Side?];
    return gainedAt(login, { head, base }, leaveOut);
  });
}

function gainedAt(
  { authMethod, address }: DeclaredConsulLogin,
  { head, base }: { readonly head: Side; readonly base: Side },
  leaveOut: (what: string) => void,
): AccessDifference[] {
  const requests = requestsToldApart([...head.rules, ...base.rules].flatMap(({ possible }) => possible));
  const name = { server: 'consul', authMethod } as const;
  const witness = (goal: (draft: Draft) => Truth, rule?: SideRule): Claims | undefined => {
    const claims = findClaims(goal, rule?.claims);
    if (claims === UNDECIDED)
      leaveOut(
        `${rule?.id ?? address}: whether it newly lets in or allows something, which a regular expression may decide`,
      );
    return claims === UNDECIDED ? undefined : claims;
  };
  const found: AccessDifference[] = [];
  const newlyIn = (draft: Draft): Truth =>
    all(
      draft,
      () => head.letsIn(draft),
      () => not(base.letsIn(draft)),
    );
  const newly = (request: ConsulAccessRequest) => (draft: Draft) =>
    all(
      draft,
      () => head.grants(draft, request),
      () => head.letsIn(draft),
      () =>
        not(
          all(
            draft,
            () => base.grants(draft, request),
            () => base.letsIn(draft),
          ),
        ),
    );
  const shown = new Set<string>();
  for (const rule of head.rules) {
    const claims = witness(
      (draft) =>
        all(
          draft,
          () => rule.binds(draft),
          () => newlyIn(draft),
        ),
      rule,
    );
    if (claims !== undefined) found.push({ kind: 'login', ...name, rule: rule.id, witness: { claims } });
    for (const request of requests) {
      const key = keyOf(rule, request);
      if (key === undefined || shown.has(key)) continue;
      const isNew = newly(request);
      const shows = witness(
        (draft) =>
          all(
            draft,
            () => rule.binds(draft),
            () => rule.suffices(draft, request),
            () => isNew(draft),
          ),
        rule,
      );
      if (shows === undefined) continue;
      shown.add(key);
      found.push({ kind: 'access', ...name, rule: rule.id, ...asked(request), witness: { claims: shows } });
    }
  }
  for (const request of requests.filter(isOfSeveral)) {
    if (shown.has(shownRequest(request) + request.access)) continue;
    const claims = witness(newly(request));
    const isShown = found.some(
      ({ path, capability }) => path === shownRequest(request) && capability === request.access,
    );
    if (claims !== undefined && !isShown)
      found.push({ kind: 'access', ...name, ...asked(request), witness: { claims } });
  }
  return found;
}

function asked(request: ConsulAccessRequest) {
  return { path: shownRequest(request), capability: request.access as 'read' | 'list' | 'write' };
}

/** What of a rule one request shows: the first of its own rules that has a say, for each access; undefined where none has. */
function keyOf({ id, possible, template }: SideRule, request: ConsulAccessRequest): string | undefined {
  const grants = possible.flatMap((policy) => policy.grants.filter((grant) => concerns(grant, request)));
  const longest = grants.toSorted((one, other) => (other.segment ?? '').length - (one.segment ?? '').length)[0];
  if (longest === undefined) return undefined;
  // All names that claims make are alike.
  const which = template.includes('${') ? longest.resource : shownGrant(longest);
  return JSON.stringify([id, request.resource, which, request.access]);
}

/** All that an auth method's tokens depend on. */
function contentOf({ config, rules }: DeclaredConsulLogin, { policies, roles }: DeclaredConsul): string {
  const grantsOf = (all: readonly ConsulPolicy[]): unknown => all.map(({ grants }) => grants);
  const made = [...policies.entries()].map(([name, policy]) => [name, grantsOf([policy])]);
  return JSON.stringify([
    config,
    rules.map(({ ID: _id, ...rule }) => rule),
    made,
    [...roles].map(([name, all]) => [name, grantsOf(all)]),
  ]);
}
