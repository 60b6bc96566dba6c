import type { ConsulLoginName } from '../logins.js';
import type { DeclaredAccess, DeclaredConsulLogin } from '../read/declared.js';
import type { Claims, LoginRefusal } from '../vault/login-role.js';
import { type ConsulAccessRequest, type ConsulPolicy, consulAclOf } from './acl.js';
import { claimSpace } from './claim-space.js';
import { consulConditions } from './condition-sentences.js';
import { all, type Draft, findClaims, not, type Truth, UNDECIDED } from './draft.js';
import { identityPolicy } from './identity-policies.js';
import { type ConsulBinding, mayStillBeIn, wouldLogInToConsul } from './login.js';
import { accessOf, concerns, isOfSeveral, mayPrevent, shownGrant, shownRequest } from './requests.js';
import { type Side, type SideRule, sideOf } from './side.js';

/** A binding rule whose tokens may do it, with others that they match. */
export interface ConsulAdmitted extends ConsulLoginName {
  /** The names of policies; of an identity or a template what it is for. */
  readonly policies: readonly string[];
  /** What a token must have, in words. */
  readonly conditions: readonly string[];
  /** The claims of a token that gets in. */
  readonly example: Claims;
}

/** The auth methods whose tokens may do something, by binding rules. */
export function whoCanInConsul(
  { consul, undecided }: DeclaredAccess,
  request: ConsulAccessRequest,
): { readonly who: readonly ConsulAdmitted[]; readonly undecided: readonly string[] } {
  const open = [...undecided];
  if (consul === undefined) return { who: [], undecided: open };
  const who = consul.logins.flatMap((login): ConsulAdmitted[] => {
    const space = claimSpace([{ login, consul }], request);
    if (space === undefined) {
      open.push(`${login.address}: its rules tell too many kinds of tokens apart`);
      return [];
    }
    const side = sideOf({ login, consul }, space);
    const asked = shownRequest(request);
    const found = (goal: (draft: Draft) => Truth, whom: string, rule?: SideRule): Claims | undefined => {
      const claims = findClaims(goal, rule?.claims);
      if (claims === UNDECIDED)
        open.push(`${whom}: who gets ${request.access} of "${asked}", which a regular expression may decide`);
      return claims === UNDECIDED ? undefined : claims;
    };
    const byRule = side.rules.flatMap((rule) => {
      if (!rule.possible.some(({ grants }) => grants.some((grant) => concerns(grant, request)))) return [];
      const example = found((draft) => byOne(rule, side, draft, request), rule.id, rule);
      if (example === undefined) return [];
      const conditions = [
        ...consulConditions(login, rule.selector),
        ...nameCondition(rule),
        ...exceptions(rule, side, request),
      ];
      return [
        { ...named(login), rule: rule.id, policies: policiesBy(rule.id, login, example, consul), conditions, example },
      ];
    });
    if (byRule.length > 0 || !isOfSeveral(request)) return byRule;
    const example = found(
      (draft) =>
        all(
          draft,
          () => side.grants(draft, request),
          () => side.letsIn(draft),
        ),
      login.address,
    );
    if (example === undefined) return [];
    return [
      {
        ...named(login),
        policies: policiesBy(undefined, login, example, consul),
        conditions: consulConditions(login, ''),
        example,
      },
    ];
  });
  for (const { address, policies } of consul.tokens ?? [])
    if (consulAclOf(policies).allows(request))
      open.push(`${address}: its token may do it, and who has that is not known here`);
  return { who, undecided: [...new Set(open)] };
}

function named({ authMethod }: DeclaredConsulLogin): ConsulLoginName {
  return { server: 'consul', authMethod };
}

function byOne(rule: SideRule, side: Side, draft: Draft, request: ConsulAccessRequest): Truth {
  return all(
    draft,
    () => rule.binds(draft),
    () => rule.suffices(draft, request),
    () => side.grants(draft, request),
    () => side.letsIn(draft),
  );
}

function nameCondition({ template, type }: SideRule): readonly string[] {
  return template.includes('${') ? [`its ${type} is "${template}", of the claims in lower case`] : [];
}

/** The other rules by which a token that this one binds may lose it again. */
function exceptions(rule: SideRule, side: Side, request: ConsulAccessRequest): readonly string[] {
  const against = side.rules.filter(
    (other) =>
      other !== rule &&
      other.possible.some(({ grants }) => grants.some((one) => concerns(one, request) && mayPrevent(one, request))),
  );
  const lost = against.filter((other) => {
    const claims = findClaims((draft) =>
      all(
        draft,
        () => rule.binds(draft),
        () => other.binds(draft),
        () => not(side.grants(draft, request)),
      ),
    );
    return claims !== undefined;
  });
  return lost.map(({ id }) => `not bound by ${id}, too, which may take it away`);
}

/** The policies of a token, by one rule or by all of an auth method. */
function policiesBy(
  rule: string | undefined,
  login: DeclaredConsulLogin,
  claims: Claims,
  consul: NonNullable<DeclaredAccess['consul']>,
): readonly string[] {
  const rules = login.rules.filter(({ ID }) => rule === undefined || ID === rule);
  const verdict = wouldLogInToConsul({ ...login, rules }, claims);
  return verdict.in ? [...new Set(policiesOf(verdict.bindings, consul).map(({ name }) => name))] : [];
}

/** The policies that bindings give. */
function policiesOf(
  bindings: readonly ConsulBinding[],
  { policies, roles }: NonNullable<DeclaredAccess['consul']>,
): readonly ConsulPolicy[] {
  return bindings.flatMap((binding) => {
    const name = binding.name.toLowerCase();
    if (binding.type === 'policy') return policies.get(name) ?? [];
    return binding.type === 'role' ? (roles.get(name) ?? []) : (identityPolicy(binding) ?? []);
  });
}

/** What a token may do in Consul, at each auth method that lets it in. */
export function whatCanInConsul({ consul }: DeclaredAccess, claims: Claims, method?: string) {
  const logins: (ConsulLoginName & {
    readonly policies: readonly string[];
    readonly paths: Readonly<Record<string, readonly string[]>>;
  })[] = [];
  const refused: (ConsulLoginName & Pick<LoginRefusal, 'code' | 'claim'>)[] = [];
  const undecided: string[] = [];
  for (const login of consul?.logins ?? []) {
    if (method !== undefined && login.authMethod !== method) continue;
    const verdict = wouldLogInToConsul(login, claims);
    const isOpen = mayStillBeIn(verdict);
    const what = isOpen ? 'whether it lets the token in: ' : '';
    undecided.push(...verdict.undecided.map((one) => `${login.address}: ${what}${one}`));
    if (verdict.in && consul !== undefined) {
      const policies = policiesOf(verdict.bindings, consul);
      logins.push({
        ...named(login),
        policies: [...new Set(policies.map(({ name }) => name))],
        paths: pathsOf(policies),
      });
    } else if (!verdict.in && !isOpen) {
      const [{ code, claim }] = verdict.refusals;
      refused.push({ ...named(login), code, ...(claim !== undefined && { claim }) });
    }
  }
  return { logins, refused, undecided };
}

/** What is allowed at each name and prefix of the rules. */
function pathsOf(policies: readonly ConsulPolicy[]): Readonly<Record<string, readonly string[]>> {
  const levels = new Map<string, readonly string[]>();
  const grants = policies.flatMap((policy) => policy.grants);
  for (const grant of grants) {
    const same = grants.filter((one) => shownGrant(one) === shownGrant(grant));
    const acl = consulAclOf([{ name: '', grants: same, undecided: [] }]);
    const resource = (
      grant.kind === 'intentions' ? 'intention' : grant.resource.replace(/_prefix$/, '')
    ) as ConsulAccessRequest['resource'];
    const allowed = accessOf(resource).filter((access) => acl.allows({ resource, segment: grant.segment, access }));
    levels.set(shownGrant(grant), allowed.length === 0 ? ['deny'] : allowed);
  }
  return Object.fromEntries(levels);
}
