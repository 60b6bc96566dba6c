import { isRecord } from '../../../internal/json.js';
import { parseSelector } from '../../../stacks/consul-selector.js';
import { matchesOf } from '../../../stacks/consul-selector-analysis.js';
import type { DeclaredConsul, DeclaredConsulLogin } from '../read/declared.js';
import { locationOf } from '../vault/constraints.js';
import type { ConsulAccessRequest } from './acl.js';
import { bindTemplate, partsMaking, templateParts } from './bind-template.js';
import { valuesToldApart } from './claim-values.js';
import { all, any, type Draft, not, type SeenClaim, type Truth } from './draft.js';
import type { Fields } from './selector.js';

/** The claims of tokens for some auth methods, with values of every kind that their rules tell apart. */
export interface ClaimSpace {
  /** The claims that a method maps, by their names in selectors. */
  fieldsOf(login: DeclaredConsulLogin): Fields;
  /** The names that a rule of a method may give, one of every kind. */
  namesOf(login: DeclaredConsulLogin, rule: Rule): readonly string[];
  /** Whether the issuer and the audience are what a method wants. */
  registered(login: DeclaredConsulLogin, draft: Draft): Truth;
}

type Rule = Readonly<Record<string, unknown>>;

/** An auth method, and what is declared beside it. */
export interface DeclaredSide {
  readonly login: DeclaredConsulLogin;
  readonly consul: DeclaredConsul;
}

/** What is asked of a claim by all rules. */
interface Use {
  readonly location: readonly string[];
  readonly equal: Set<string>;
  readonly parts: Set<string>;
  readonly names: Set<string>;
  isNamed: boolean;
  isValue: boolean;
}

/** Which elements a list has beside those that rules ask for. */
const ANOTHER = 'x';
/** More names of one rule are not told apart. */
const MOST_NAMES = 500;

/**
 * @param asked what names are asked for beside those that are declared, default none
 * @returns undefined where rules tell too many kinds of tokens apart
 */
export function claimSpace(sides: readonly DeclaredSide[], asked?: ConsulAccessRequest): ClaimSpace | undefined {
  const uses = new Map<string, Use>();
  const useOf = (claim: string): Use => {
    const location = locationOf(claim);
    const key = JSON.stringify(location);
    const found = uses.get(key) ?? {
      ...{ location, equal: new Set<string>(), parts: new Set<string>(), names: new Set<string>() },
      ...{ isNamed: false, isValue: !LISTS.includes(claim) && location.length === 1 && REGISTERED.includes(claim) },
    };
    uses.set(key, found);
    return found;
  };
  const claims = new Map<Use, SeenClaim>();
  const universe = namesDeclared(sides, asked);
  for (const { login } of sides) {
    for (const name of [issuerOf(login)]) if (name !== '') useOf('iss').equal.add(name);
    for (const audience of audiencesOf(login)) useOf('aud').equal.add(audience);
    const fields = fieldNames(login);
    for (const [field, claim] of fields) {
      const use = useOf(claim);
      use.isValue ||= field.startsWith('value.');
    }
    for (const rule of login.rules) noteUses(rule, { useOf: (field) => ifThere(fields.get(field), useOf), universe });
  }
  // The audience is one value where nothing maps it as a list.
  const isList = (use: Use): boolean => !use.isValue && sides.some(({ login }) => isMappedAsList(login, use));
  useOf('iss');
  useOf('aud');
  for (const use of uses.values()) {
    if (isList(use)) claims.set(use, { location: use.location, values: [], elements: elementsOf(use) });
    else {
      const values = valuesToldApart(use);
      if (values === undefined) return undefined;
      claims.set(use, { location: use.location, values });
    }
  }
  const claimOf = (claim: string): SeenClaim => claims.get(useOf(claim)) as SeenClaim;
  const fieldsOf = (login: DeclaredConsulLogin): Fields =>
    new Map([...fieldNames(login)].map(([field, claim]) => [field, claimOf(claim)]));
  const isTooMany = ({ login }: DeclaredSide): boolean =>
    login.rules.some((rule) => namesMade(rule, fieldsOf(login), universe) === undefined);
  if (sides.some(isTooMany)) return undefined;
  return {
    fieldsOf,
    namesOf: (login, rule) => namesMade(rule, fieldsOf(login), universe) ?? [],
    registered: (login, draft) => {
      const issuer = issuerOf(login);
      return all(
        draft,
        () => issuer === '' || draft.is(claimOf('iss'), (value) => value === issuer),
        () => audienceTruth(login, claimOf('aud'), draft),
      );
    },
  };
}

/** Those that must be a string, and those that need not. */
const REGISTERED = ['iss', 'sub', 'jti'];
const LISTS = ['aud'];

function ifThere<Given, Found>(given: Given | undefined, make: (given: Given) => Found): Found | undefined {
  return given === undefined ? undefined : make(given);
}

function issuerOf({ config }: DeclaredConsulLogin): string {
  return String(config['OIDCDiscoveryURL'] || config['BoundIssuer'] || '');
}

function audiencesOf({ config }: DeclaredConsulLogin): readonly string[] {
  return [config['BoundAudiences'] ?? []].flat().map(String);
}

function audienceTruth(login: DeclaredConsulLogin, claim: SeenClaim, draft: Draft): Truth {
  const audiences = audiencesOf(login);
  if (audiences.length === 0 && login.config['OIDCDiscoveryURL']) return true;
  if (claim.elements !== undefined) {
    if (audiences.length > 0) return any(draft, audiences, (one) => draft.holds(claim, one));
    return not(any(draft, claim.elements, (one) => draft.holds(claim, one)));
  }
  return draft.is(claim, (value) =>
    audiences.length === 0 ? value === undefined : audiences.some((one) => one === value),
  );
}

/** The claims that a method maps, by `value.x` and `list.x`. */
function fieldNames({ config }: DeclaredConsulLogin): ReadonlyMap<string, string> {
  const of = (mappings: unknown, kind: string): [string, string][] =>
    Object.entries(isRecord(mappings) ? mappings : {}).map(([claim, name]) => [`${kind}.${name}`, claim]);
  return new Map([...of(config['ClaimMappings'], 'value'), ...of(config['ListClaimMappings'], 'list')]);
}

function isMappedAsList(login: DeclaredConsulLogin, use: Use): boolean {
  return [...fieldNames(login)].some(
    ([field, claim]) => field.startsWith('list.') && JSON.stringify(locationOf(claim)) === JSON.stringify(use.location),
  );
}

function elementsOf({ equal }: Use): readonly string[] {
  let another = ANOTHER;
  while (equal.has(another)) another += ANOTHER;
  return [...[...equal].filter((one) => one !== ''), another];
}

type Universe = (type: string) => readonly string[];

function noteUses(
  rule: Rule,
  { useOf, universe }: { readonly useOf: (field: string) => Use | undefined; readonly universe: Universe },
): void {
  const selector = String(rule['Selector'] ?? '');
  for (const { path, operator, value } of selector === '' ? [] : matchesOf(parseSelector(selector))) {
    const use = path.length === 2 ? useOf(path.join('.')) : undefined;
    const isCompared = operator === '==' || operator === '!=';
    const isContained = operator === 'in' || operator === 'not in';
    if (isCompared || (isContained && path[0] === 'list')) use?.equal.add(value);
    else if (isContained) use?.parts.add(value);
  }
  const { texts, fields } = templateParts(bindTemplate(rule));
  if (fields.length === 0) return;
  const ways = universe(kindOf(rule)).flatMap((name) => partsMaking(texts, name));
  for (const [index, field] of fields.entries()) {
    const use = useOf(field);
    if (use === undefined) continue;
    use.isNamed = true;
    for (const way of ways) use.names.add(way[index] ?? '');
  }
}

/** What a rule's name is a name of. */
function kindOf(rule: Rule): string {
  return rule['BindType'] === 'templated-policy'
    ? String(rule['BindName']).replace('builtin/', '')
    : String(rule['BindType']);
}

/** The names that are declared or asked for, by what they are names of, in lower case. */
function namesDeclared(sides: readonly DeclaredSide[], asked?: ConsulAccessRequest): Universe {
  const segments = (resource: 'service' | 'node'): string[] => [
    ...namesAsked(resource, asked),
    ...sides.flatMap(({ login, consul }) => [
      ...[...consul.policies.values(), ...[...consul.roles.values()].flat()]
        .flatMap(({ grants }) => grants)
        .flatMap(({ resource: one, segment = '' }) =>
          one === resource
            ? [segment, segment.replace(SIDECAR, '')]
            : one === `${resource}_prefix`
              ? [segment, `${segment}x`]
              : [],
        ),
      ...login.rules.flatMap((rule) => (bindTemplate(rule).includes('${') ? [] : [bindTemplate(rule)])),
    ]),
  ];
  const services = [...new Set(segments('service'))].filter(Boolean);
  const known: Readonly<Record<string, readonly string[]>> = {
    policy: [...new Set(sides.flatMap(({ consul }) => [...consul.policies.keys()]))],
    role: [...new Set(sides.flatMap(({ consul }) => [...consul.roles.keys()]))],
    service: services,
    'api-gateway': services,
    node: [...new Set(segments('node'))].filter(Boolean),
  };
  return (type) => known[type] ?? [];
}

/** The names of identities that what is asked may be for: an intention is its service's. */
function namesAsked(of: 'service' | 'node', asked?: ConsulAccessRequest): readonly string[] {
  const { resource, segment = '' } = asked ?? {};
  if (resource !== of && !(resource === 'intention' && of === 'service')) return [];
  return segment === '*' ? [] : [segment, segment.replace(SIDECAR, '')];
}

/** A service's identity is one for its sidecar, too. */
const SIDECAR = /-sidecar-proxy$/;

/** The names that a rule may give, one of every kind; undefined where there are too many. */
function namesMade(rule: Rule, fields: Fields, universe: Universe): readonly string[] | undefined {
  const template = bindTemplate(rule);
  const { texts, fields: inName } = templateParts(template);
  if (inName.length === 0) return [template];
  const kind = kindOf(rule);
  const declared = universe(kind).filter((name) => partsMaking(texts, name).length > 0);
  if (kind === 'policy' || kind === 'role') return declared;
  let names = [texts[0] ?? ''];
  for (const [index, field] of inName.entries()) {
    const values = (fields.get(field)?.values ?? []).filter((value) => value !== undefined && USUAL.test(value));
    names = names.flatMap((name) =>
      (values.length === 0 ? [''] : values).map((value) => `${name}${value?.toLowerCase()}${texts[index + 1] ?? ''}`),
    );
    if (names.length > MOST_NAMES) return undefined;
  }
  return [...new Set([...declared, ...names])];
}

/** A part of a name that any identity can have. */
const USUAL = /^[a-z0-9](?:[\w-]{0,98}[a-z0-9])?$/i;
