import { type Block, resourcesOf } from '../document/document.js';
import type { Rule } from '../rule.js';

const NAMES = 'bound_service_account_names';
const NAMESPACES = 'bound_service_account_namespaces';

/** A role of the Kubernetes auth method that is open to every service account of the cluster. */
export const kubernetesAnyServiceAccount: Rule = {
  code: 'kubernetes-any-service-account',
  severity: 'error',
  check: (document) =>
    resourcesOf(document, 'vault_kubernetes_auth_backend_role')
      .filter((role) => isAny(role, NAMES) && isAny(role, NAMESPACES))
      .map((block) => ({
        block,
        attribute: NAMES,
        found: block.attributes[NAMES],
        reason: 'every pod of the cluster has a service account, and gets in',
        fix: `name the service accounts, or their namespaces in ${NAMESPACES}`,
      })),
};

function isAny({ attributes }: Block, name: string): boolean {
  const values = attributes[name];
  return Array.isArray(values) && values.includes('*');
}
