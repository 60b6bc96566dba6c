import { isRecord } from '../../api/vault-api.js';
import { type Block, isSet, isUnknown, type LintDocument, resourcesOf, textOf } from '../document/block.js';
import { isKnown, UNKNOWN } from '../document/unknown.js';

/** What a role asks of one claim: one of the values. */
export interface Bound {
  readonly claim: string;
  /** Each may have unknown parts. */
  readonly values: readonly string[];
  /** The value before it was split. */
  readonly written: unknown;
  readonly attribute: 'bound_subject' | 'bound_claims';
}

/** A `vault_jwt_auth_backend_role`. */
export interface JwtRole {
  readonly block: Block;
  readonly bounds: readonly Bound[];
  /** False where a bound may be there that is not known. */
  readonly boundsAreKnown: boolean;
  /** Whether `*` in bound claims is a wildcard; undefined where that is not known. A bound subject has none. */
  readonly globs: boolean | undefined;
}

/** The JWT roles of a document. */
export function jwtRoles(document: LintDocument): readonly JwtRole[] {
  return resourcesOf(document, 'vault_jwt_auth_backend_role').map((block) => {
    const claims = block.attributes['bound_claims'];
    return {
      block,
      bounds: [...subjectBound(block), ...(isRecord(claims) ? claimBounds(block, claims) : [])],
      boundsAreKnown: claims !== UNKNOWN && block.attributes['bound_subject'] !== UNKNOWN,
      globs: isUnknown(block, 'bound_claims_type') ? undefined : textOf(block, 'bound_claims_type') === 'glob',
    };
  });
}

/** Whether a bound is of a claim that all tokens for an audience share. */
export function saysNotWho({ claim }: Bound): boolean {
  return /^\/?(?:iss|aud)$/.test(claim);
}

/** The auth method of a role: the one that it refers to, or the only one at its path. */
export function backendOf(document: LintDocument, { block }: JwtRole): Block | undefined {
  const backends = resourcesOf(document, 'vault_jwt_auth_backend');
  const [module = ''] = /^(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*/.exec(block.address) ?? [];
  const referred = (block.references['backend'] ?? []).map(
    (reference) => `${module}${reference.replace(/\.(?:id|path)$/, '')}`,
  );
  const target = backends.find(({ address }) => referred.includes(address));
  if (target) return target;
  const path = pathOf(block, 'backend');
  const [found, ...others] = backends.filter((backend) => path !== undefined && pathOf(backend, 'path') === path);
  return others.length === 0 ? found : undefined;
}

/** The path of an auth method, without slashes around it; undefined where it is not known. */
function pathOf(block: Block, name: 'backend' | 'path'): string | undefined {
  const path = isSet(block, name) ? textOf(block, name) : 'jwt';
  return path?.replace(/^\/+|\/+$/g, '');
}

function subjectBound(block: Block): Bound[] {
  const subject = block.attributes['bound_subject'];
  if (typeof subject !== 'string' || subject === '') return [];
  return [{ claim: 'sub', values: [subject], written: subject, attribute: 'bound_subject' }];
}

/** The provider splits a value at its commas, unless it is told not to. */
function claimBounds(block: Block, claims: Readonly<Record<string, unknown>>): Bound[] {
  const parsing = block.attributes['disable_bound_claims_parsing'];
  return Object.entries(claims).map(([claim, value]) => {
    const text = String(value);
    const whole = parsing === true || parsing === 'true';
    const values = whole ? [text] : text.split(',').map((one) => one.trim());
    return { claim, values: isKnown(parsing) ? values : [UNKNOWN], written: value, attribute: 'bound_claims' };
  });
}
