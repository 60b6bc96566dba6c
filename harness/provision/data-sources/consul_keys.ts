import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { blocks, flag, text } from '../arguments.js';
import { datacenterOf, keyValue } from '../consul-key-value.js';
import { dataSource } from '../resource-type.js';

const keyBlock = z.strictObject({ name: text, path: text, default: text.nullish() });

/** @see https://developer.hashicorp.com/consul/api-docs/kv#read-key */
export const consulKeysDataSource = dataSource({
  type: 'consul_keys',
  schema: z.strictObject({
    key: blocks(keyBlock).default([]),
    datacenter: text.optional(),
    error_on_missing_keys: flag.default(false),
  }),
  computed: ['id', 'datacenter', 'var'],
  read: async (request, { key: keys, datacenter, error_on_missing_keys }) => {
    const values = await Promise.all(
      keys.map(async ({ name, path, default: otherwise }) => {
        const found = await keyValue(request, path, datacenter);
        const value = found || otherwise || '';
        if (found === undefined && value === '' && error_on_missing_keys) {
          throw new VaultproofError('request_refused', `there is no key "${path}"`, { details: { path } });
        }
        return [name, value] as const;
      }),
    );
    return { id: '-', datacenter: await datacenterOf(request, datacenter), var: Object.fromEntries(values) };
  },
});
