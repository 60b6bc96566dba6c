import { isConsulName } from '../../../stacks/checks.js';
import { bindNames, type ConsulPolicyTemplate, templateNames } from '../../../stacks/consul-bind-name.js';
import type { DeclaredConsul } from '../read/declared.js';
import { type ConsulAccessRequest, type ConsulAcl, type ConsulPolicy, consulAclOf } from './acl.js';
import { bindTemplate, templateParts } from './bind-template.js';
import type { ClaimSpace, DeclaredSide } from './claim-space.js';
import { all, any, type Draft, not, OPEN, type SeenClaim, type Truth } from './draft.js';
import { identityPolicy } from './identity-policies.js';
import { concerns, isOfSeveral, mayGrant, mayPrevent } from './requests.js';
import { type Fields, selectorTruth } from './selector.js';

/** A binding rule as drafts of tokens are held against it. */
export interface SideRule {
  /** Terraform's address. */
  readonly id: string;
  readonly selector: string;
  /** The name that it binds, with claims in it. */
  readonly template: string;
  readonly type: string;
  /** What it looks at. */
  readonly claims: readonly SeenClaim[];
  /** All policies that it may give, whatever is in the claims. */
  readonly possible: readonly ConsulPolicy[];
  /** Whether it may keep a token out, by a name that Consul refuses. */
  readonly canRefuse: boolean;
  /** Whether it gives a token something. */
  binds(draft: Draft): Truth;
  /** Whether it keeps a token out so. */
  refuses(draft: Draft): Truth;
  /** What it gives a token that it binds; undefined where that is open. */
  policies(draft: Draft): readonly ConsulPolicy[] | undefined;
  /** Whether what it gives is enough for a request. */
  suffices(draft: Draft, request: ConsulAccessRequest): Truth;
}

/** An auth method of one of two declarations. */
export interface Side {
  readonly rules: readonly SideRule[];
  /** Whether a token gets in. */
  letsIn(draft: Draft): Truth;
  /** Whether the rules that match a token grant it a request. */
  grants(draft: Draft, request: ConsulAccessRequest): Truth;
}

/** No token gets in. */
export const NO_SIDE: Side = { rules: [], letsIn: () => false, grants: () => false };

/** An auth method, with claims told apart as in a space. */
export function sideOf({ login, consul }: DeclaredSide, space: ClaimSpace): Side {
  const fields = space.fieldsOf(login);
  const acls = new Map<string, ConsulAcl>();
  const aclOf = (policies: readonly ConsulPolicy[]): ConsulAcl => {
    const key = policies.map(({ name }) => name).join('\n');
    const acl = acls.get(key) ?? consulAclOf(policies);
    acls.set(key, acl);
    return acl;
  };
  const rules = login.rules.map((rule) => ruleOf({ rule, fields, consul, names: space.namesOf(login, rule), aclOf }));
  const relevant = new Map<string, readonly RelevantRule[]>();
  const relevantTo = (request: ConsulAccessRequest): readonly RelevantRule[] => {
    const key = JSON.stringify(request);
    const found = relevant.get(key) ?? rules.flatMap((rule) => relevance(rule, request));
    relevant.set(key, found);
    return found;
  };
  const refusing = rules.filter((rule) => rule.canRefuse);
  return {
    rules,
    letsIn: (draft) =>
      all(
        draft,
        () => space.registered(login, draft),
        () => any(draft, rules, (rule) => rule.binds(draft)),
        () => not(any(draft, refusing, (rule) => rule.refuses(draft))),
      ),
    grants: (draft, request) => {
      const given: ConsulPolicy[] = [];
      const open: RelevantRule[] = [];
      for (const one of relevantTo(request)) {
        const binds = one.rule.binds(draft);
        if (binds === false) continue;
        const policies = binds === undefined ? undefined : one.rule.policies(draft);
        if (policies === undefined) open.push(one);
        else given.push(...policies);
      }
      const isGranted = aclOf(given).allows(request);
      if (open.length === 0) return isGranted;
      // Of one name it is enough to look at each policy: what none takes away alone, several do not.
      const takesAway = ({ rule, prevents }: RelevantRule): boolean =>
        prevents && (isOfSeveral(request) || rule.possible.some((one) => !aclOf([...given, one]).allows(request)));
      if (isGranted) return open.some(takesAway) ? undefined : true;
      return open.some(({ helps }) => helps) ? undefined : false;
    },
  };
}

interface RelevantRule {
  readonly rule: SideRule;
  readonly helps: boolean;
  readonly prevents: boolean;
}

function relevance(rule: SideRule, request: ConsulAccessRequest): RelevantRule[] {
  const said = rule.possible.flatMap(({ grants }) => grants.filter((grant) => concerns(grant, request)));
  if (said.length === 0) return [];
  return [
    {
      rule,
      helps: said.some((grant) => mayGrant(grant, request)),
      prevents: said.some((grant) => mayPrevent(grant, request)),
    },
  ];
}

interface RuleContext {
  readonly rule: Readonly<Record<string, unknown>>;
  readonly fields: Fields;
  readonly consul: DeclaredConsul;
  readonly names: readonly string[];
  readonly aclOf: (policies: readonly ConsulPolicy[]) => ConsulAcl;
}

function ruleOf({ rule, fields, consul, names, aclOf }: RuleContext): SideRule {
  const [type, bindName, selector] = ['BindType', 'BindName', 'Selector'].map((name) => String(rule[name] ?? '')) as [
    string,
    string,
    string,
  ];
  const template = bindTemplate(rule);
  const { texts, fields: inName } = templateParts(template);
  const nameIn = (draft: Draft): string | undefined => {
    let name = texts[0] ?? '';
    for (const [index, field] of inName.entries()) {
      const claim = fields.get(field);
      const value = claim && draft.value(claim);
      if (value === OPEN) return undefined;
      name += `${(value ?? '').toLowerCase()}${texts[index + 1] ?? ''}`;
    }
    return name;
  };
  const made = new Map<string, readonly ConsulPolicy[]>();
  const given = (name: string): readonly ConsulPolicy[] => {
    if (type === 'policy') return [consul.policies.get(name.toLowerCase()) ?? []].flat();
    if (type === 'role') return consul.roles.get(name.toLowerCase()) ?? [];
    const identity = type === 'templated-policy' ? { type, name, template: bindName } : { type, name };
    const policies = made.get(name) ?? [identityPolicy(identity) ?? []].flat();
    made.set(name, policies);
    return policies;
  };
  const matches = selectorTruth(selector, fields);
  const pattern =
    type === 'templated-policy'
      ? templateNames[bindName as ConsulPolicyTemplate]
      : bindNames[type as keyof typeof bindNames];
  const isGood = (name: string): boolean => pattern === undefined || isConsulName(pattern, name);
  const single = inName.length === 1 ? fields.get(inName[0] ?? '') : undefined;
  const ofName = (draft: Draft, test: (name: string) => boolean): Truth => {
    // Of one claim, it is enough to know whether its value makes a name for which it holds.
    if (single !== undefined)
      return draft.is(single, (value) => test(`${texts[0]}${(value ?? '').toLowerCase()}${texts[1]}`));
    const name = nameIn(draft);
    return name === undefined ? undefined : test(name);
  };
  const isThere = (name: string): boolean =>
    type === 'policy'
      ? consul.policies.has(name.toLowerCase())
      : type === 'role'
        ? consul.roles.has(name.toLowerCase())
        : true;
  const policies: SideRule['policies'] = (draft) => {
    const name = nameIn(draft);
    return name === undefined ? undefined : given(name);
  };
  return {
    id: String(rule['ID']),
    claims: [...fields].flatMap(([field, claim]) => (mentions(rule, field) ? [claim] : [])),
    ...{ selector, template, type, canRefuse: inName.length > 0 || !isGood(template) },
    possible: names.flatMap((name) => (isGood(name) ? given(name) : [])),
    binds: (draft) =>
      all(
        draft,
        () => matches(draft),
        () => ofName(draft, (name) => isGood(name) && isThere(name)),
      ),
    refuses: (draft) =>
      all(
        draft,
        () => matches(draft),
        () => ofName(draft, (name) => !isGood(name)),
      ),
    policies,
    suffices: (draft, request) => ofName(draft, (name) => aclOf(given(name)).allows(request)),
  };
}

function mentions(rule: Readonly<Record<string, unknown>>, field: string): boolean {
  return `${rule['Selector']} ${bindTemplate(rule)}`.includes(field);
}
