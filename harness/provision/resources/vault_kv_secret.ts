import { z } from 'zod';
import { jsonObject, parseObject, text } from '../arguments.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({ path: text, data_json: jsonObject });

const write = async (request: ServerRequest, { path, data_json }: z.output<typeof schema>): Promise<void> => {
  await request('POST', path, parseObject(data_json));
};

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v1 */
export const vaultKvSecret = resourceType({
  type: 'vault_kv_secret',
  schema,
  computed: ['id'],
  forceNew: ['path'],
  path: ({ path }) => path,
  create: async (request, attributes) => {
    await write(request, attributes);
    return { id: attributes.path };
  },
  update: async (request, attributes) => {
    await write(request, attributes);
    return undefined;
  },
  remove: async (request, { attributes: { path } }) => {
    await request('DELETE', path);
  },
});
