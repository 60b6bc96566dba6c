import { isRecord } from '../../api/vault-api.js';
import type { ConsulMethod, Mappings } from '../consul/auth-method.js';
import { type ConsulRule, consulRules } from '../consul/binding-rule.js';
import { type Condition, comparedClaim, isEquality, isPattern, requires } from '../consul/conditions.js';
import { beginningOf } from '../consul/pattern.js';
import { type Block, type LintDocument, textOf } from '../document/block.js';
import { isKnown } from '../document/unknown.js';
import { backendOf, type JwtRole, jwtRoles } from '../jwt/jwt-role.js';
import { bindsTenant, type SharedIssuer, sharedIssuerOf } from '../jwt/shared-issuers.js';
import type { Rule, Violation } from '../rule.js';

/** A role or a binding rule on an issuer that many share, without a bound that says whose tokens are meant. */
export const noTenantBound: Rule = {
  code: 'no-tenant-bound',
  severity: 'error',
  check: (document) => [...ofVault(document), ...ofConsul(document)],
};

function ofVault(document: LintDocument): Violation[] {
  return jwtRoles(document).flatMap((role) => {
    const backend = backendOf(document, role);
    const issuer = backend && backendIssuer(backend, role);
    if (!issuer || !role.boundsAreKnown) return [];
    if (role.bounds.some((bound) => bindsTenant(issuer, bound))) return [];
    return [violation(role.block, 'bound_claims', issuer)];
  });
}

function ofConsul(document: LintDocument): Violation[] {
  return consulRules(document).flatMap((rule) => {
    const issuer = rule.method && methodIssuer(rule.method);
    if (!issuer || bindsIt(rule, issuer)) return [];
    return [violation(rule.block, 'selector', issuer)];
  });
}

/** Whether no token of another tenant satisfies a rule's selector; true where that is not known. */
function bindsIt({ method, selector, takesAll }: ConsulRule, issuer: SharedIssuer): boolean {
  const mappings = method?.mappings;
  if (mappings === undefined || selector === undefined) return !takesAll;
  return requires(selector, (condition) => namesTenant(condition, mappings, issuer));
}

function namesTenant(condition: Condition, mappings: Mappings, issuer: SharedIssuer): boolean {
  const { match } = condition;
  const claim = comparedClaim(match, mappings);
  if (claim === undefined || match.path.length !== 2) return false;
  if (isEquality(condition)) return bindsTenant(issuer, { claim, values: [match.value] });
  if (!isPattern(condition) || !match.operator.includes('matches')) return false;
  const beginning = beginningOf(match.value);
  return (
    beginning !== undefined &&
    bindsTenant(issuer, { claim, values: [`${beginning.text}${beginning.isWhole ? '' : '*'}`] })
  );
}

function violation(block: Block, attribute: string, { name, url, bind }: SharedIssuer): Violation {
  const reason = `${name} signs for everybody's accounts with the issuer "${url}", and no bound names yours`;
  return { block, attribute, reason, fix: `bind ${bind}` };
}

/** The shared issuer whose tokens a role takes: the one that is bound, in the backend or in the role, or whose keys there are. */
function backendIssuer(backend: Block, { bounds, globs }: JwtRole): SharedIssuer | undefined {
  const bound = textOf(backend, 'bound_issuer');
  const ofRole = bounds.find(({ claim }) => /^\/?iss$/.test(claim));
  const discovery = textOf(backend, 'oidc_discovery_url');
  const issuers = bound === undefined ? (ofRole?.values ?? (discovery === undefined ? [] : [discovery])) : [bound];
  return sharedIssuerOf(issuers, keySetsOf(backend), bound === undefined && globs === true);
}

function keySetsOf(backend: Block): string[] {
  const pairs = backend.attributes['jwks_pairs'];
  const urls = (Array.isArray(pairs) ? pairs : []).map((pair) => (isRecord(pair) ? pair['jwks_url'] : undefined));
  return [textOf(backend, 'jwks_url'), ...urls].filter((url) => typeof url === 'string');
}

function methodIssuer({ config = {} }: ConsulMethod): SharedIssuer | undefined {
  const text = (name: string): string | undefined => {
    const value = config[name];
    return typeof value === 'string' && value !== '' && isKnown(value) ? value : undefined;
  };
  const issuer = text('boundissuer') ?? text('oidcdiscoveryurl');
  const keySet = text('jwksurl');
  return sharedIssuerOf(issuer === undefined ? [] : [issuer], keySet === undefined ? [] : [keySet]);
}
