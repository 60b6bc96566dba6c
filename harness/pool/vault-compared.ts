import { isRecord } from '../../internal/json.js';

/** What a path of Vault's API shows, in a form that is equal where nothing has changed. */
type Normalise = (data: unknown) => unknown;

/** The keys of the identity engine, as far as a role has them, or Vault's default roles. */
export const publishedKeys = 'identity/oidc/.well-known/keys';

/** The key that encrypts the root key: nothing else shows that a server was rekeyed. */
const unsealKey = 'sys/raw/core/shamir-kek?encoding=base64';

/**
 * What changes without a write to the mount that shows it: by logins, and by endpoints that come before all mounts.
 */
export const changedUncounted: readonly string[] = [
  'auth/token/accessors?list=true',
  'identity/entity/id?list=true',
  'sys/generate-root-token/attempt',
  'sys/generate-root/attempt',
  'sys/leases/lookup/?list=true',
  'sys/locked-users',
  'sys/rekey/init',
  'sys/rekey/verify',
  'sys/seal-status',
  unsealKey,
];

/** What most leases change, with one write for each name that is listed then. */
export const changedByName: readonly string[] = ['sys/auth', 'sys/mounts', 'sys/policies/acl?list=true'];

const whole: Normalise = (data) => data;

/** How often a key was used changes with every write. */
const withoutCounter: Normalise = (data) => (isRecord(data) ? { ...data, encryptions: undefined } : data);

/** A mount leaves its logger behind, with the level that all have. */
const levels: Normalise = (data) => (isRecord(data) ? [...new Set(Object.values(data))].sort() : data);

/** Keys are published in no order. */
const sortedKeys: Normalise = (data) =>
  isRecord(data) && Array.isArray(data['keys']) ? data['keys'].map((key) => JSON.stringify(key)).sort() : data;

/**
 * All that can be changed in a Vault or an OpenBao without mounts of its own, by the path that shows it; lists end in `?list=true`. What one of the
 * two products lacks is left out once it has said so.
 *
 * What is not here is a constant of the build, a counter, or shown by another path that is here:
 * `test/integration/pool/vault-compared.test.ts` names them.
 * @see https://developer.hashicorp.com/vault/api-docs
 */
export const comparedInVault: ReadonlyMap<string, Normalise> = new Map([
  ...[
    'auth/token/accessors?list=true',
    'auth/token/roles?list=true',
    'identity/entity/id?list=true',
    'identity/group/id?list=true',
    'identity/mfa/login-enforcement?list=true',
    'identity/mfa/method?list=true',
    'identity/oidc/assignment?list=true',
    'identity/oidc/assignment/allow_all',
    'identity/oidc/client?list=true',
    'identity/oidc/config',
    'identity/oidc/key?list=true',
    'identity/oidc/key/default',
    'identity/oidc/provider?list=true',
    'identity/oidc/provider/default',
    'identity/oidc/role?list=true',
    'identity/oidc/scope?list=true',
    'sys/audit',
    'sys/auth',
    'sys/config/auditing/request-headers',
    'sys/config/cors',
    'sys/config/group-policy-application',

    'sys/config/ui/headers?list=true',

    'sys/external-keys/configs?list=true',
    'sys/generate-root-token/attempt',
    'sys/generate-root/attempt',
    'sys/internal/counters/config',
    'sys/leases/lookup/?list=true',
    'sys/locked-users',
    'sys/mounts',
    'sys/namespaces?list=true',
    'sys/plugins/catalog',
    'sys/plugins/pins',
    'sys/plugins/runtimes/catalog?list=true',
    'sys/policies/acl?list=true',
    'sys/policies/acl/default',
    'sys/policies/password?list=true',
    'sys/quotas/config',
    'sys/quotas/rate-limit?list=true',
    'sys/rekey/init',
    'sys/rekey/verify',
    'sys/rotate/config',
    'sys/rotate/root/init',
    'sys/rotate/root/verify',
    'sys/seal-status',
    'sys/workflows/manage?list=true',
    unsealKey,
  ].map((path): [string, Normalise] => [path, whole]),
  [publishedKeys, sortedKeys],
  ['sys/key-status', withoutCounter],
  ['sys/loggers', levels],
]);
