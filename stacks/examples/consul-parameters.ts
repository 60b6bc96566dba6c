import type { ConsulBindingRule } from '../consul-binding-rule.js';
import type { ConsulJwtStackProps } from '../consul-jwt.js';

const claims = {
  claimMappings: { 'http://example.com/first_name': 'first_name', 'http://example.com/last_name': 'last_name' },
  listClaimMappings: { 'http://example.com/groups': 'groups' },
};

/** A service of one's own name for the engineers: the document has configurations and no binding rules. */
const engineers: ConsulBindingRule = {
  bindType: 'service',
  bindName: `\${value.first_name}-\${value.last_name}`,
  selector: '"engineering" in list.groups',
};

/**
 * The login of Consul's document, seed 004, with keys of its own, one issuer, and tokens for no audience.
 * @param publicKeys PEM
 */
export function staticKeysProps(publicKeys: readonly string[]): ConsulJwtStackProps {
  return {
    boundIssuer: 'corp-issuer',
    jwtValidationPubKeys: publicKeys,
    ...claims,
    bindingRules: [engineers],
  };
}

/**
 * The same with a key set, of any issuer that signs with it.
 * @param jwksUrl `https://my-corp-jwks-url.example.com/` as it is documented
 */
export function keySetProps(jwksUrl: string): ConsulJwtStackProps {
  return {
    jwksUrl,
    ...claims,
    allow: { 'no-bound-issuer': 'the key set belongs to one issuer only' },
    bindingRules: [engineers],
  };
}

/**
 * The same by discovery: RS256, one audience.
 * @param oidcDiscoveryUrl `https://my-corp-app-name.auth0.com/` as it is documented, with the slash that is in its `iss`
 */
export function discoveryProps(oidcDiscoveryUrl: string): ConsulJwtStackProps {
  return {
    boundAudiences: ['V1RPi2MYptMV1RPi2MYptMV1RPi2MYpt'],
    oidcDiscoveryUrl,
    ...claims,
    bindingRules: [engineers],
  };
}
