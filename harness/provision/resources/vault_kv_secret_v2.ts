import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { blocks, conflicts, flag, integer, jsonObject, needs, parseObject, text, textMap } from '../arguments.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

const metadataBlock = z.strictObject({
  max_versions: integer.nullish(),
  cas_required: flag.nullish(),
  delete_version_after: integer.nullish(),
  data: textMap.nullish(),
});

const schema = z.strictObject({
  mount: text,
  name: text,
  data_json: jsonObject.optional(),
  data_json_wo: jsonObject.optional(),
  data_json_wo_version: integer.optional(),
  cas: integer.default(0),
  options: textMap.default({}),
  disable_read: flag.default(false),
  delete_all_versions: flag.default(false),
  custom_metadata: blocks(metadataBlock, { max: 1 }).optional(),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2 */
export const vaultKvSecretV2 = resourceType({
  type: 'vault_kv_secret_v2',
  schema,
  rules: [conflicts(['data_json', 'data_json_wo']), needs(['data_json_wo_version', 'data_json_wo'])],
  computed: ['id', 'path'],
  forceNew: ['mount', 'name'],
  kept: ['custom_metadata'],
  ignored: () => ['data_json_wo'],
  path: (attributes) => pathOf(attributes, 'data'),
  create: async (request, attributes) => {
    await write(request, attributes, attributes.data_json ?? attributes.data_json_wo);
    const path = pathOf(attributes, 'data');
    return { id: path, path };
  },
  // Every change writes the data again, and so makes a version.
  update: async (request, attributes, { attributes: before }) => {
    const { data_json, data_json_wo, data_json_wo_version: version } = attributes;
    await write(request, attributes, data_json ?? (version === before.data_json_wo_version ? undefined : data_json_wo));
    return undefined;
  },
  remove: async (request, { attributes }) => {
    await request('DELETE', pathOf(attributes, attributes.delete_all_versions ? 'metadata' : 'data'));
  },
});

async function write(request: ServerRequest, attributes: Attributes, data: string | undefined): Promise<void> {
  if (data === undefined) {
    throw new VaultproofError(
      'unsupported_attribute',
      '"data_json_wo" is written only when "data_json_wo_version" changes: change it, too',
    );
  }
  const { cas, options, custom_metadata: [metadata] = [] } = attributes;
  await request('POST', pathOf(attributes, 'data'), { data: parseObject(data), cas, options });
  if (metadata === undefined) return;
  // The provider leaves out what has no value, and so can't take it back.
  const { data: custom_metadata, ...settings } = metadata;
  const given = Object.entries({ ...settings, custom_metadata }).filter(
    ([, value]) => value && (typeof value !== 'object' || Object.keys(value).length > 0),
  );
  await request('POST', pathOf(attributes, 'metadata'), Object.fromEntries(given));
}

function pathOf({ mount, name }: Attributes, part: 'data' | 'metadata'): string {
  return `${mount}/${part}/${name}`;
}
