import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { text, textMap, withoutSlashes } from '../arguments.js';
import { ifThere } from '../request-wrappers.js';
import { type Computed, namespaceArgument, resourceType, type ServerRequest } from '../resource-type.js';

const POLL_MS = 5;
const TIMEOUT_MS = 30_000;

const schema = z.strictObject({
  path: text.refine(
    (path) => path !== '' && path === withoutSlashes(path),
    'a path without a slash at its ends required',
  ),
  ...namespaceArgument,
  path_fq: text.optional(),
  custom_metadata: textMap.optional(),
});

type Attributes = z.output<typeof schema>;

/**
 * A namespace, which OpenBao has, and Vault's enterprise edition.
 * @see https://developer.hashicorp.com/vault/api-docs/system/namespaces
 */
export const vaultNamespace = resourceType({
  type: 'vault_namespace',
  schema,
  computed: ['id', 'namespace_id', 'path_fq', 'custom_metadata'],
  forceNew: ['path'],
  kept: ['path_fq', 'custom_metadata'],
  capabilities: () => ['namespaces'],
  create: write,
  // What is merged keeps the members that are no longer declared, as the provider does.
  update: (request, attributes, { attributes: before }) =>
    write(request, { ...attributes, custom_metadata: { ...before.custom_metadata, ...attributes.custom_metadata } }),
  remove: async (request, { attributes: { path } }) => {
    await request('DELETE', `sys/namespaces/${path}`);
    // It is removed in the background, and its parent can't be removed before it is gone.
    const deadline = performance.now() + TIMEOUT_MS;
    while ((await ifThere(request('GET', `sys/namespaces/${path}`))) !== undefined) {
      if (performance.now() >= deadline) {
        throw new VaultproofError('request_refused', `namespace "${path}" still exists`, { details: { path } });
      }
      await delay(POLL_MS);
    }
  },
});

interface Namespace {
  readonly id: string;
  /** From the root namespace on, with a slash at its end. */
  readonly path: string;
  readonly custom_metadata: Readonly<Record<string, string>> | null;
}

async function write(request: ServerRequest, { path, namespace, custom_metadata }: Attributes): Promise<Computed> {
  await request('POST', `sys/namespaces/${path}`, { custom_metadata });
  const { data } = await request('GET', `sys/namespaces/${path}`);
  const made = data as Namespace;
  return {
    id: made.path,
    namespace_id: made.id,
    path_fq: namespace === undefined ? path : `${namespace}/${path}`,
    custom_metadata: made.custom_metadata ?? {},
  };
}
