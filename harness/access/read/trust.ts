import { type Block, type ConsulMethod, isEmpty, type JwtRole } from '../../lint/index.js';
import type { DeclaredTrust } from './declared.js';

/** Sources of keys, each with the argument for the CA that it is reached by. */
const VAULT_KEYS = [
  ...[['oidc_discovery_url', 'oidc_discovery_ca_pem'] as const, ['jwks_url', 'jwks_ca_pem'] as const],
  ...[['jwks_pairs'] as const, ['jwt_validation_pubkeys'] as const],
];
const VAULT_LEEWAYS = [['expiration_leeway'], ['not_before_leeway'], ['clock_skew_leeway']] as const;

const CONSUL_KEYS = [
  ...[['OIDCDiscoveryURL', 'OIDCDiscoveryCACert'] as const, ['JWKSURL', 'JWKSCACert'] as const],
  ['JWTValidationPubKeys'] as const,
];
const CONSUL_LEEWAYS = [['ExpirationLeeway'], ['NotBeforeLeeway'], ['ClockSkewLeeway']] as const;

/** What a role of Vault trusts: the keys of its auth method, and its leeways; in a browser the client, and where codes are sent. */
export function trustsOfRole({ block, backend }: JwtRole, flow: 'jwt' | 'oidc'): readonly DeclaredTrust[] {
  const from = (one: Block | undefined, names: readonly Named[]) =>
    one === undefined ? [] : trustsIn(one.address, names, (name) => one.attributes[name]);
  if (flow === 'jwt') return [...from(backend, VAULT_KEYS), ...from(block, VAULT_LEEWAYS)];
  return [
    ...from(backend, [...VAULT_KEYS, ['oidc_client_id']]),
    ...from(block, [['allowed_redirect_uris']]),
    // Without one, people may have signed in at any time.
    { address: block.address, argument: 'max_age', value: JSON.stringify(block.attributes['max_age'] ?? 0) },
  ];
}

/** The same of an auth method of Consul. */
export function trustsOfMethod({ block, config = {} }: ConsulMethod): readonly DeclaredTrust[] {
  return trustsIn(block.address, [...CONSUL_KEYS, ...CONSUL_LEEWAYS], (name) => config[name.toLowerCase()]);
}

type Named = readonly [argument: string, ca?: string];

function trustsIn(
  address: string,
  names: readonly Named[],
  argumentOf: (name: string) => unknown,
): readonly DeclaredTrust[] {
  return names.flatMap(([argument, ca]) => {
    const by = ca === undefined ? undefined : argumentOf(ca);
    const values = [argumentOf(argument)].flat().filter((value) => !isEmpty(value));
    return values.map((value) => ({
      address,
      argument,
      value: JSON.stringify(isEmpty(by) ? [value] : [value, by]),
    }));
  });
}
