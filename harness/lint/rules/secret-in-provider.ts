import { isRecord } from '../../../internal/json.js';
import { isKnown } from '../document/document.js';
import type { Rule } from '../rule.js';
import { holdsUrlPassword } from '../secrets.js';

const SECRET_NAMES = /^(?:token|password|secret_id|secret_access_key|http_auth|key_pem|jwt)$/;

/** A credential of a provider, written out in the configuration. */
export const secretInProvider: Rule = {
  code: 'secret-in-provider',
  severity: 'error',
  check: (document) =>
    document.blocks
      .filter(({ kind, type }) => kind === 'provider' && /^(?:vault|consul)$/.test(type))
      .flatMap((block) =>
        secretPaths(block.attributes).map((attribute) => ({
          block,
          attribute,
          reason: 'the credential is in plain text in the configuration, for anyone who can read the file',
          fix: 'leave it out: the provider reads VAULT_TOKEN or CONSUL_HTTP_TOKEN itself',
        })),
      ),
};

/** Where known secrets are, at any depth. */
function secretPaths(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(secretPaths);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (typeof inner === 'string') {
      const isSecret = (SECRET_NAMES.test(name) && inner !== '') || holdsUrlPassword(inner);
      return isSecret && isKnown(inner) ? [name] : [];
    }
    return secretPaths(inner).map((path) => `${name}.${path}`);
  });
}
