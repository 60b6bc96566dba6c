import type { StartedVault } from 'vaultproof';
import type { Random } from '../../support/random.js';

/** One call to a Vault's API that changes something, with names and values at random. */
export type RandomCall = (vault: StartedVault, random: Random) => Promise<unknown>;

const NAMES = ['alpha', 'beta', 'gamma'];

/** Calls that a pool undoes. */
const UNDONE: readonly RandomCall[] = [
  ({ request }, { pick }) =>
    request('POST', `sys/mounts/${pick(NAMES)}`, {
      type: pick(['kv', 'transit', 'pki', 'ssh', 'totp']),
      options: pick([null, { version: '2' }, { version: '1' }]),
      config: pick([null, { default_lease_ttl: '17m', listing_visibility: 'unauth' }]),
    }),
  ({ request }, { pick }) => request('POST', `${pick(NAMES)}/${pick(['data/a', 'a', 'keys/a'])}`, { data: { a: 'b' } }),
  ({ request }, { pick }) => request('POST', `${pick(NAMES)}/root/generate/internal`, { common_name: 'a.example' }),
  ({ request }, { pick }) =>
    request('POST', `sys/auth/${pick(NAMES)}`, { type: pick(['userpass', 'approle', 'jwt', 'cert', 'kubernetes']) }),
  ({ request }, { pick }) => request('POST', `auth/${pick(NAMES)}/users/vishpat`, { password: 'correct horse' }),
  ({ request }, { pick }) =>
    request('POST', `auth/${pick(NAMES)}/role/app`, { token_type: pick(['service', 'batch']) }),
  ({ request }, { pick }) =>
    request('POST', `auth/${pick(NAMES)}/login/vishpat`, { password: pick(['correct horse', 'x']) }),
  ({ request }, { pick }) =>
    request('PUT', `sys/policies/acl/${pick(NAMES)}`, { policy: 'path "secret/*" { capabilities = ["read"] }' }),
  ({ request }, { pick }) =>
    request('POST', `auth/token/${pick(['create', 'create-orphan', 'create/alpha'])}`, {
      policies: [pick(['root', 'default', ...NAMES])],
      ttl: pick([null, '1h']),
      type: pick([null, 'batch', 'service']),
      period: pick([null, '5m']),
      num_uses: pick([null, 3]),
    }),
  ({ request }, { pick }) =>
    request('POST', `auth/token/roles/${pick(NAMES)}`, { orphan: pick([true, false]), allowed_policies: 'default' }),
  ({ request }, { pick }) =>
    request('POST', 'identity/entity', { name: pick(NAMES), policies: [pick(NAMES)], metadata: { team: pick(NAMES) } }),
  async ({ request }, { pick }) => {
    const entity = await request('GET', `identity/entity/name/${pick(NAMES)}`);
    const mounts = await request('GET', 'sys/auth');
    const accessors = Object.values(mounts['data'] as Record<string, { accessor: string }>);
    await request('POST', 'identity/entity-alias', {
      name: pick(NAMES),
      canonical_id: (entity['data'] as { id: string }).id,
      mount_accessor: pick(accessors).accessor,
    });
  },
  ({ request }, { pick }) =>
    request('POST', 'identity/group', {
      name: pick(NAMES),
      type: pick(['internal', 'external']),
      policies: [pick(NAMES)],
    }),
  ({ request }, { pick }) => request('POST', `identity/oidc/key/${pick(NAMES)}`, { allowed_client_ids: '*' }),
  ({ request }, { pick }) => request('POST', `identity/oidc/role/${pick(NAMES)}`, { key: pick(['default', ...NAMES]) }),
  ({ request }, { pick }) => request('GET', `identity/oidc/token/${pick(NAMES)}`),
  ({ request }, { pick }) => request('POST', `identity/oidc/scope/${pick(NAMES)}`, { template: '{"a": "b"}' }),
  ({ request }, { pick }) => request('POST', `identity/oidc/assignment/${pick(NAMES)}`, { group_ids: [] }),
  ({ request }, { pick }) =>
    request('POST', `identity/oidc/client/${pick(NAMES)}`, { key: pick(NAMES), assignments: ['allow_all'] }),
  ({ request }, { pick }) => request('POST', `identity/oidc/provider/${pick(NAMES)}`, { allowed_client_ids: ['*'] }),
  ({ request }, { pick }) => request('POST', `identity/mfa/method/${pick(['totp', 'duo', 'okta'])}`, { issuer: 'a' }),
  async ({ request }, { pick }) => {
    const { data } = await request('POST', 'identity/mfa/method/totp', { issuer: 'a' });
    await request('POST', `identity/mfa/login-enforcement/${pick(NAMES)}`, {
      mfa_method_ids: [(data as { method_id: string }).method_id],
      auth_method_types: ['userpass'],
    });
  },
  ({ request }, { pick }) =>
    request('POST', `sys/quotas/rate-limit/${pick(NAMES)}`, { rate: 10_000, path: pick(['', 'sys/', 'alpha/']) }),
  ({ request }, { pick }) =>
    request('PUT', `sys/policies/password/${pick(NAMES)}`, {
      policy: 'length = 8\nrule "charset" {\n  charset = "abc"\n}',
    }),
  ({ request }, { pick }) =>
    request('PUT', `sys/audit/${pick(NAMES)}`, { type: 'file', options: { file_path: 'discard' } }),
  ({ request }, { pick }) =>
    request('POST', `sys/config/auditing/request-headers/X-${pick(NAMES)}`, { hmac: pick([true, false]) }),
  ({ request }) => request('POST', 'sys/config/cors', { allowed_origins: 'https://a.example' }),
  ({ request }, { pick }) => request('POST', `sys/config/ui/headers/X-${pick(NAMES)}`, { values: ['a'] }),
  ({ request }, { pick }) => request('POST', 'sys/loggers', { level: pick(['debug', 'error']) }),
  ({ request }) => request('POST', 'sys/generate-root/attempt', {}),
  ({ request }) => request('POST', 'sys/generate-root-token/attempt', {}),
  ({ request }) => request('POST', 'sys/rekey/init', { secret_shares: 1, secret_threshold: 1 }),
  ({ request }) => request('POST', 'sys/rotate/root/init', { secret_shares: 1, secret_threshold: 1 }),
  ({ request }, { pick }) => request('POST', `sys/namespaces/${pick(NAMES)}`, {}),
  ({ request }, { pick }) => request('POST', `${pick(NAMES)}/sys/mounts/kv`, { type: 'kv' }),
  ({ request }, { pick }) => request('POST', `${pick(NAMES)}/sys/namespaces/inner`, {}),
  ({ request }, { pick }) => request('POST', 'cubbyhole/a', { a: pick(NAMES) }),
  ({ request }, { pick }) => request('POST', 'sys/remount', { from: pick(NAMES), to: pick(NAMES) }),
  ({ request }, { pick }) =>
    request('POST', `sys/mounts/${pick(NAMES)}/tune`, { max_lease_ttl: '2h', description: 'a' }),
  ({ request }, { pick }) => request('POST', `sys/auth/${pick(NAMES)}/tune`, { token_type: 'batch' }),
  ({ request }, { pick }) => request('DELETE', `sys/${pick(['mounts', 'auth', 'policies/acl'])}/${pick(NAMES)}`),
  ({ request }, { pick }) =>
    request('POST', `sys/leases/revoke-prefix/auth/${pick(NAMES)}`, { sync: pick([true, false]) }),
  ({ token, address }) =>
    fetch(`${address}/v1/sys/wrapping/wrap`, {
      method: 'POST',
      headers: { 'x-vault-token': token, 'x-vault-wrap-ttl': '10m' },
      body: '{"a":"b"}',
    }),
];

/** Calls after which a server is thrown away. */
const FINAL: readonly RandomCall[] = [
  ({ request }) => request('POST', 'sys/rotate', {}),
  ({ request }) => request('PUT', 'sys/policies/acl/default', { policy: 'path "a" { capabilities = ["read"] }' }),
  ({ request }) => request('POST', 'sys/auth/token/tune', { max_lease_ttl: '3h' }),
  ({ request }) => request('POST', 'sys/mounts/identity/tune', { description: 'another' }),
  ({ request }) => request('POST', 'identity/oidc/key/default/rotate', {}),
  ({ request }) => request('POST', 'identity/oidc/config', { issuer: 'https://a.example' }),
  ({ request }) => request('POST', 'sys/quotas/config', { enable_rate_limit_response_headers: true }),
  ({ request }) => request('POST', 'sys/rotate/config', { interval: '48h' }),
  ({ request }) => request('POST', 'sys/config/group-policy-application', { group_policy_application_mode: 'any' }),
  ({ request }) => request('POST', 'sys/internal/counters/config', { retention_months: 50 }),
  ({ request }) => request('POST', 'sys/leases/revoke-prefix/auth', {}),
  ({ request }) => request('PUT', 'sys/seal'),
];

/** One call in 300 is one after which the server is thrown away. */
export async function callAtRandom(vault: StartedVault, random: Random): Promise<boolean> {
  const call = random.pick(random.oneIn(300) ? FINAL : UNDONE);
  return call(vault, random).then(
    () => true,
    () => false,
  );
}
