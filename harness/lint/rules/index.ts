import type { Rule } from '../rule.js';
import { absentClaim } from './absent-claim.js';
import { absentClaimInName } from './absent-claim-in-name.js';
import { aclRulesTooWide } from './acl-rules-too-wide.js';
import { algorithmsNotEnforced } from './algorithms-not-enforced.js';
import { algorithmsUnnamed } from './algorithms-unnamed.js';
import { audienceNeverMatches } from './audience-never-matches.js';
import { audienceOnly } from './audience-only.js';
import { commaSplit } from './comma-split.js';
import { dottedClaim } from './dotted-claim.js';
import { emptyBound } from './empty-bound.js';
import { globNeverMatches } from './glob-never-matches.js';
import { globTooWide } from './glob-too-wide.js';
import { globalManagement } from './global-management.js';
import { issuerNeverMatches } from './issuer-never-matches.js';
import { keysOverHttp } from './keys-over-http.js';
import { kubernetesAnyServiceAccount } from './kubernetes-any-service-account.js';
import { kvPathNeverMatches } from './kv-path-never-matches.js';
import { leewayNotNanoseconds } from './leeway-not-nanoseconds.js';
import { mutableClaim } from './mutable-claim.js';
import { mutableUserClaim } from './mutable-user-claim.js';
import { nameInPath } from './name-in-path.js';
import { noBoundAudiences } from './no-bound-audiences.js';
import { noBoundIssuer } from './no-bound-issuer.js';
import { noMaxTokenTtl } from './no-max-token-ttl.js';
import { noMaxTtl } from './no-max-ttl.js';
import { noNamespaceBound } from './no-namespace-bound.js';
import { noSelector } from './no-selector.js';
import { noTenantBound } from './no-tenant-bound.js';
import { oidcClientRefusesJwt } from './oidc-client-refuses-jwt.js';
import { pointerNotFollowed } from './pointer-not-followed.js';
import { policyPathNeverMatches } from './policy-path-never-matches.js';
import { policyPathTooWide } from './policy-path-too-wide.js';
import { policySudo } from './policy-sudo.js';
import { policyUnparsable } from './policy-unparsable.js';
import { refNeverMatches } from './ref-never-matches.js';
import { roleTypeDefault } from './role-type-default.js';
import { rootPolicy } from './root-policy.js';
import { secretInProvider } from './secret-in-provider.js';
import { secretInState } from './secret-in-state.js';
import { secretLookingOutput } from './secret-looking-output.js';
import { selectorNeverMatches } from './selector-never-matches.js';
import { selectorUnparsable } from './selector-unparsable.js';
import { spacesNotKept } from './spaces-not-kept.js';
import { tokenLocalityGlobal } from './token-locality-global.js';
import { typeNeverMatches } from './type-never-matches.js';
import { unanchoredMatch } from './unanchored-match.js';
import { undeclaredBinding } from './undeclared-binding.js';
import { undeclaredDefaultRole } from './undeclared-default-role.js';
import { undeclaredPolicy } from './undeclared-policy.js';
import { unknownArgument } from './unknown-argument.js';
import { unknownType } from './unknown-type.js';
import { unmappedClaim } from './unmapped-claim.js';

/** Every rule, in the order in which findings are reported. */
export const rules: readonly Rule[] = [
  audienceOnly,
  audienceNeverMatches,
  issuerNeverMatches,
  noTenantBound,
  noNamespaceBound,
  kubernetesAnyServiceAccount,
  globTooWide,
  globNeverMatches,
  refNeverMatches,
  typeNeverMatches,
  dottedClaim,
  pointerNotFollowed,
  commaSplit,
  emptyBound,
  spacesNotKept,
  mutableUserClaim,
  noBoundIssuer,
  keysOverHttp,
  algorithmsUnnamed,
  roleTypeDefault,
  oidcClientRefusesJwt,
  undeclaredDefaultRole,
  noMaxTtl,
  rootPolicy,
  undeclaredPolicy,
  policyUnparsable,
  policySudo,
  policyPathTooWide,
  policyPathNeverMatches,
  kvPathNeverMatches,
  nameInPath,
  noBoundAudiences,
  algorithmsNotEnforced,
  leewayNotNanoseconds,
  noMaxTokenTtl,
  tokenLocalityGlobal,
  noSelector,
  selectorUnparsable,
  selectorNeverMatches,
  absentClaim,
  absentClaimInName,
  unmappedClaim,
  unanchoredMatch,
  mutableClaim,
  undeclaredBinding,
  globalManagement,
  aclRulesTooWide,
  unknownType,
  unknownArgument,
  secretInState,
  secretInProvider,
  secretLookingOutput,
];
