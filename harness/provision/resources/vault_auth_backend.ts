import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { flag, text, withoutSlashes } from '../arguments.js';
import { authAccessor, authTune, findAuthMount, tuneAuthMount } from '../auth-mount.js';
import { updateAfterRemount } from '../remount.js';
import { resourceType } from '../resource-type.js';

const schema = z.strictObject({
  type: text,
  path: text
    .refine((path) => path !== '' && path === withoutSlashes(path), 'a path without a slash at its ends required')
    .optional(),
  description: text.default(''),
  local: flag.default(false),
  disable_remount: flag.default(false),
  // Vault's enterprise edition alone has it, and the provider sends it to nobody else.
  identity_token_key: text.optional(),
  tune: authTune.optional(),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/system/auth */
export const vaultAuthBackend = resourceType({
  type: 'vault_auth_backend',
  schema,
  computed: ['id', 'path', 'accessor'],
  forceNew: ['type', 'local'],
  replaces: (before, after) => pathOf(before) !== pathOf(after) && after.disable_remount,
  kept: ['path', 'tune'],
  mountPoint: (attributes) => `auth/${pathOf(attributes)}`,
  capabilities: ({ type }) => [`auth/${type}`],
  find: async (request, { attributes, computed }) => {
    const path = pathOf(attributes);
    const accessor = await findAuthMount(request, { ...attributes, path }, computed['accessor']);
    const { tune: _tune, ...sure } = attributes;
    return accessor === undefined ? undefined : { attributes: sure, computed: { id: path, path, accessor } };
  },
  create: async (request, attributes) => {
    const { type, description, local, tune } = attributes;
    const path = pathOf(attributes);
    await request('POST', `sys/auth/${path}`, { type, description, local, options: null });
    try {
      if (tune !== undefined) await tuneAuthMount(request, path, tune);
      return { id: path, path, accessor: await authAccessor(request, path) };
    } catch (error) {
      // Why it is of no use is what counts, and a token that may not do that may not do this either.
      await request('DELETE', `sys/auth/${path}`).catch(() => {});
      throw error;
    }
  },
  update: async (request, attributes, { attributes: before }) => {
    const { description, tune = [] } = attributes;
    const path = pathOf(attributes);
    const tuned = isDeepStrictEqual(tune, before.tune ?? []) ? undefined : tune;
    const described = description === before.description ? undefined : description;
    await updateAfterRemount(request, `auth/${pathOf(before)}`, `auth/${path}`, async () => {
      if (tuned !== undefined || described !== undefined) await tuneAuthMount(request, path, tuned ?? [], described);
    });
    return { id: path, path };
  },
  remove: async (request, { attributes }) => {
    await request('DELETE', `sys/auth/${pathOf(attributes)}`);
  },
});

function pathOf({ path, type }: Attributes): string {
  return path ?? type;
}
