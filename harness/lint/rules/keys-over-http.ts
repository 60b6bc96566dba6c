import { isRecord } from '../../../internal/json.js';
import { plainHttpOrigin } from '../../../stacks/checks.js';
import { consulMethods } from '../consul/binding-rules.js';
import { type Block, isKnown, type LintDocument, resourcesOf } from '../document/document.js';
import type { Rule, Violation } from '../rule.js';

/** A key set or a discovery document that is fetched without TLS from another host. */
export const keysOverHttp: Rule = {
  code: 'keys-over-http',
  severity: 'error',
  check: (document) => [...ofVault(document), ...ofConsul(document)],
};

function ofVault(document: LintDocument): Violation[] {
  return resourcesOf(document, 'vault_jwt_auth_backend').flatMap((block) => {
    const { jwks_url, oidc_discovery_url, jwks_pairs } = block.attributes;
    const pairs = (Array.isArray(jwks_pairs) ? jwks_pairs : []).map((pair) => isRecord(pair) && pair['jwks_url']);
    return [
      ...violation(block, 'jwks_url', jwks_url),
      ...violation(block, 'oidc_discovery_url', oidc_discovery_url),
      ...pairs.flatMap((url) => violation(block, 'jwks_pairs', url)),
    ];
  });
}

function ofConsul(document: LintDocument): Violation[] {
  return consulMethods(document).flatMap(({ block, attribute, config = {} }) =>
    ['JWKSURL', 'OIDCDiscoveryURL'].flatMap((name) =>
      violation(block, `${attribute}.${name}`, config[name.toLowerCase()]),
    ),
  );
}

function violation(block: Block, attribute: string, url: unknown): Violation[] {
  const origin = typeof url === 'string' ? plainHttpOrigin(url) : undefined;
  if (origin === undefined || !isKnown(origin)) return [];
  return [
    {
      block,
      attribute,
      found: origin,
      reason: 'anyone on the network path can answer with their own keys, and then sign any token',
      fix: 'use https://, with the CA if it is not a public one',
    },
  ];
}
