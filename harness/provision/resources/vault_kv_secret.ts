import { z } from 'zod';
import { jsonObject, parseObject, text } from '../arguments.js';
import { resourceType, type ServerRequest, writtenTo } from '../resource-type.js';

const schema = z.strictObject({ path: text, data_json: jsonObject });

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v1 */
export const vaultKvSecret = resourceType({
  type: 'vault_kv_secret',
  schema,
  computed: ['id'],
  forceNew: ['path'],
  ...writtenTo(({ path }: Attributes) => path, write),
});

async function write(request: ServerRequest, { path, data_json }: Attributes): Promise<void> {
  await request('POST', path, parseObject(data_json));
}
