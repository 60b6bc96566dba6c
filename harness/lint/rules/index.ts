import type { Rule } from '../rule.js';
import { algorithmsUnnamed } from './algorithms-unnamed.js';
import { audienceOnly } from './audience-only.js';
import { commaSplit } from './comma-split.js';
import { emptyBound } from './empty-bound.js';
import { globNeverMatches } from './glob-never-matches.js';
import { globTooWide } from './glob-too-wide.js';
import { kvPathNeverMatches } from './kv-path-never-matches.js';
import { mutableUserClaim } from './mutable-user-claim.js';
import { noBoundIssuer } from './no-bound-issuer.js';
import { noMaxTtl } from './no-max-ttl.js';
import { noTenantBound } from './no-tenant-bound.js';
import { policyPathNeverMatches } from './policy-path-never-matches.js';
import { policyPathTooWide } from './policy-path-too-wide.js';
import { policySudo } from './policy-sudo.js';
import { policyUnparsable } from './policy-unparsable.js';
import { roleTypeDefault } from './role-type-default.js';
import { rootPolicy } from './root-policy.js';
import { secretInProvider } from './secret-in-provider.js';
import { secretInState } from './secret-in-state.js';
import { secretLookingOutput } from './secret-looking-output.js';
import { undeclaredPolicy } from './undeclared-policy.js';

/** Every rule, in the order in which findings are reported. */
export const rules: readonly Rule[] = [
  audienceOnly,
  noTenantBound,
  globTooWide,
  globNeverMatches,
  commaSplit,
  emptyBound,
  mutableUserClaim,
  noBoundIssuer,
  algorithmsUnnamed,
  roleTypeDefault,
  noMaxTtl,
  rootPolicy,
  undeclaredPolicy,
  policyUnparsable,
  policySudo,
  policyPathTooWide,
  policyPathNeverMatches,
  kvPathNeverMatches,
  secretInState,
  secretInProvider,
  secretLookingOutput,
];
