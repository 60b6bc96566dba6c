import { isRecord } from '../../../internal/json.js';
import { boundClaimValues } from '../../terraform-json/bound-claims.js';
import {
  type Block,
  byKey,
  isKnown,
  isSet,
  isUnknown,
  type LintDocument,
  ofDocument,
  referredBy,
  resourcesOf,
  textOf,
  UNKNOWN,
} from '../document/document.js';

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
  /** Its auth method: the one that it refers to, or the only one at its path. */
  readonly backend: Block | undefined;
  readonly bounds: readonly Bound[];
  /** False where a bound may be there that is not known. */
  readonly boundsAreKnown: boolean;
  /** Whether `*` in bound claims is a wildcard; undefined where that is not known. A bound subject has none. */
  readonly globs: boolean | undefined;
}

/** The JWT roles of a document. */
export const jwtRoles = ofDocument((document: LintDocument): readonly JwtRole[] => {
  const all = resourcesOf(document, 'vault_jwt_auth_backend');
  const backends = { byAddress: byKey(all, addressOf), byPath: byKey(all, (backend) => pathOf(backend, 'path')) };
  return resourcesOf(document, 'vault_jwt_auth_backend_role').map((block) => {
    const claims = block.attributes['bound_claims'];
    return {
      block,
      backend: backendOf(block, backends),
      bounds: [...subjectBound(block), ...(isRecord(claims) ? claimBounds(block, claims) : [])],
      boundsAreKnown: claims !== UNKNOWN && block.attributes['bound_subject'] !== UNKNOWN,
      globs: isUnknown(block, 'bound_claims_type') ? undefined : textOf(block, 'bound_claims_type') === 'glob',
    };
  });
});

/** The roles of each auth method; those whose auth method is not known are of `undefined`. */
export const rolesByBackend = ofDocument((document: LintDocument) => {
  const known = byKey(jwtRoles(document), ({ backend }) => backend);
  return new Map<Block | undefined, readonly JwtRole[]>([
    ...known,
    [undefined, jwtRoles(document).filter(({ backend }) => backend === undefined)],
  ]);
});

/** Every claim that a role speaks of, by name or pointer: bound, mapped, or naming the identity and its groups. */
export function claimsOf({ block, bounds }: JwtRole): readonly string[] {
  const mappings = block.attributes['claim_mappings'];
  const named = ['user_claim', 'groups_claim'].flatMap((name) => textOf(block, name) ?? []);
  return [...bounds.map(({ claim }) => claim), ...named, ...Object.keys(isRecord(mappings) ? mappings : {})];
}

/** Whether a bound is of a claim that all tokens for an audience share. */
export function saysNotWho({ claim }: Bound): boolean {
  return /^\/?(?:iss|aud)$/.test(claim);
}

/**
 * How those who have a role log in; undefined where that is not known. A role without a type is one of the OIDC flow where it
 * can be, with redirect URIs or an OIDC client; elsewhere it is meant for JWTs.
 */
export function flowOf({ block, backend }: JwtRole): 'jwt' | 'oidc' | undefined {
  if (isUnknown(block, 'role_type')) return undefined;
  if (isSet(block, 'role_type')) return textOf(block, 'role_type') === 'oidc' ? 'oidc' : 'jwt';
  const isOidc = isSet(block, 'allowed_redirect_uris') || (backend !== undefined && isSet(backend, 'oidc_client_id'));
  return isOidc ? 'oidc' : 'jwt';
}

type Backends = ReadonlyMap<string, readonly Block[]>;

function backendOf(block: Block, { byAddress, byPath }: { byAddress: Backends; byPath: Backends }): Block | undefined {
  for (const reference of referredBy(block, 'backend')) {
    const target = byAddress.get(reference.replace(/\.(?:id|path)$/, ''))?.[0];
    if (target) return target;
  }
  const [found, ...others] = byPath.get(pathOf(block, 'backend') ?? '') ?? [];
  return others.length === 0 ? found : undefined;
}

function addressOf({ address }: Block): string {
  return address;
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

function claimBounds(block: Block, claims: Readonly<Record<string, unknown>>): Bound[] {
  const parsing = block.attributes['disable_bound_claims_parsing'];
  return Object.entries(claims).map(([claim, value]) => {
    const written = [value].flat().map(String);
    // A request to Vault itself has lists, and nothing is made of them.
    const isRequest = block.within !== undefined;
    const whole = parsing === true || parsing === 'true';
    const values = isRequest ? written : written.flatMap((argument) => boundClaimValues(argument, whole));
    return { claim, values: isKnown(parsing) ? values : [UNKNOWN], written: value, attribute: 'bound_claims' };
  });
}
