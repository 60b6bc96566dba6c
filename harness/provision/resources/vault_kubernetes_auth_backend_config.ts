import { z } from 'zod';
import { flag, text, textList, withoutSlashes } from '../arguments.js';
import { withHint } from '../request-wrappers.js';
import { type Computed, resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({
  backend: text.overwrite(withoutSlashes).default('kubernetes'),
  kubernetes_host: text,
  kubernetes_ca_cert: text.optional(),
  token_reviewer_jwt: text.default(''),
  pem_keys: textList.default([]),
  issuer: text.default(''),
  disable_iss_validation: flag.optional(),
  disable_local_ca_jwt: flag.optional(),
  use_annotations_as_alias_metadata: flag.optional(),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#configure-method */
export const vaultKubernetesAuthBackendConfig = resourceType({
  type: 'vault_kubernetes_auth_backend_config',
  schema,
  computed: ['id', 'kubernetes_ca_cert'],
  forceNew: ['backend'],
  kept: ['disable_iss_validation', 'disable_local_ca_jwt', 'use_annotations_as_alias_metadata'],
  path: pathOf,
  capabilities: () => ['auth/kubernetes'],
  create: async (request, attributes) => ({ id: pathOf(attributes), ...(await write(request, attributes, '')) }),
  update: (request, attributes, { computed }) => write(request, attributes, String(computed['kubernetes_ca_cert'])),
  // A configuration can't be removed: it goes with its mount.
  remove: async () => {},
});

/**
 * Writes all of it, because Vault forgets what is not sent.
 * @param former the CA, which stays where the pod's own is not to be taken instead
 */
async function write(request: ServerRequest, attributes: Attributes, former: string): Promise<Computed> {
  const { backend: _backend, kubernetes_ca_cert, pem_keys, ...config } = attributes;
  const { disable_iss_validation = false, disable_local_ca_jwt = false } = attributes;
  const { use_annotations_as_alias_metadata = false } = attributes;
  const ca = kubernetes_ca_cert ?? (disable_local_ca_jwt ? former : '');
  const written = request('POST', pathOf(attributes), {
    ...config,
    disable_iss_validation,
    disable_local_ca_jwt,
    use_annotations_as_alias_metadata,
    kubernetes_ca_cert: ca,
    pem_keys: pem_keys.join(','),
  });
  await withHint(written, inNoPod);
  return { kubernetes_ca_cert: ca, disable_iss_validation, disable_local_ca_jwt, use_annotations_as_alias_metadata };
}

function inNoPod(message: string): string | undefined {
  if (!message.includes('/var/run/secrets/kubernetes.io/')) return undefined;
  return 'this server runs in no pod: set "kubernetes_ca_cert", or "disable_local_ca_jwt" to true';
}

function pathOf({ backend }: Attributes): string {
  return `auth/${backend}/config`;
}
