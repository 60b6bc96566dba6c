import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { blocks, flag, integer, text } from '../arguments.js';
import { changeKeys, datacenterOf, keySet, keyValue } from '../consul-key-value.js';
import { type Computed, resourceType, type ServerRequest } from '../resource-type.js';

const keyBlock = z.strictObject({
  path: text.refine((path) => path !== '' && !path.startsWith('/'), 'a key that does not begin with "/" required'),
  name: text.nullish(),
  value: text.nullish(),
  default: text.nullish(),
  flags: integer.nullish(),
  delete: flag.nullish(),
});

const schema = z.strictObject({ key: blocks(keyBlock).default([]), datacenter: text.optional() });

type Key = z.output<typeof keyBlock>;
type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/consul/api-docs/kv */
export const consulKeys = resourceType({
  type: 'consul_keys',
  schema,
  computed: ['id', 'datacenter', 'var'],
  forceNew: ['datacenter'],
  kept: ['datacenter'],
  create: async (request, attributes) => {
    const datacenter = await datacenterOf(request, attributes.datacenter);
    return { id: 'consul', datacenter, ...(await change(request, attributes, [])) };
  },
  update: (request, attributes, { attributes: before }) => change(request, attributes, before.key),
  remove: async (request, { attributes }) => {
    await change(request, { ...attributes, key: [] }, attributes.key);
  },
});

/** Writes the keys that are new or changed, then deletes those that are gone and were to be deleted. */
async function change(
  request: ServerRequest,
  { key: keys, datacenter }: Attributes,
  before: readonly Key[],
): Promise<Computed> {
  // A key with a name and no value is there to be read.
  const written = keys.filter((key) => !isIn(before, key) && !(key.name && !key.value));
  const paths = written.map(({ path }) => path);
  const deleted = before.filter((key) => !isIn(keys, key) && key.delete && !paths.includes(key.path));
  const sets = written.map(({ path, value, flags }) => keySet(path, value ?? '', flags ?? 0));
  const deletions = deleted.map(({ path }) => ({ Verb: 'delete', Key: path }) as const);
  await changeKeys(request, [...sets, ...deletions], datacenter);
  return { var: await valuesByName(request, keys, datacenter) };
}

async function valuesByName(
  request: ServerRequest,
  keys: readonly Key[],
  datacenter: string | undefined,
): Promise<Record<string, string>> {
  const named = keys.filter(({ name }) => name);
  const values = await Promise.all(
    named.map(async ({ name, path, default: otherwise }) => {
      const value = (await keyValue(request, path, datacenter)) || otherwise || '';
      return [String(name), value] as const;
    }),
  );
  return Object.fromEntries(values);
}

function isIn(keys: readonly Key[], key: Key): boolean {
  return keys.some((other) => isDeepStrictEqual(other, key));
}
