import { z } from 'zod';
import { isRecord } from '../../../internal/json.js';
import { flag, goJson, jsonObject, parseObject, text, textList } from '../arguments.js';
import { ifThere } from '../request-wrappers.js';
import { type Computed, resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({
  path: text,
  data_json: jsonObject,
  disable_read: flag.default(false),
  disable_delete: flag.default(false),
  ignore_absent_fields: flag.default(false),
  write_fields: textList.default([]),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs */
export const vaultGenericEndpoint = resourceType({
  type: 'vault_generic_endpoint',
  schema,
  computed: ['id', 'write_data', 'write_data_json'],
  forceNew: ['path'],
  path: ({ path }) => path,
  create: async (request, attributes) => ({ id: attributes.path, ...(await write(request, attributes)) }),
  update: write,
  remove: async (request, { attributes: { path, disable_delete } }) => {
    if (!disable_delete) await request('DELETE', path);
  },
});

async function write(request: ServerRequest, attributes: Attributes): Promise<Computed> {
  const { path, data_json, disable_read, write_fields } = attributes;
  const { data } = await request('POST', path, parseObject(data_json));
  // The provider fails where the endpoint can't be read.
  if (!disable_read) await ifThere(request('GET', path));
  if (!isRecord(data)) return { write_data: {}, write_data_json: 'null' };
  const kept = write_fields.filter((name) => Object.hasOwn(data, name)).map((name) => [name, data[name]] as const);
  const texts = kept.map(([name, value]) => [name, typeof value === 'string' ? value : goJson(value)]);
  return { write_data: Object.fromEntries(texts), write_data_json: goJson(Object.fromEntries(kept)) };
}
