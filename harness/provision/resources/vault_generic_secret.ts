import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { mountNotFound } from '../../api/vault-api.js';
import { flag, jsonObject, parseObject, text } from '../arguments.js';
import { resourceType, type ServerRequest, writtenTo } from '../resource-type.js';

const schema = z.strictObject({
  path: text,
  data_json: jsonObject,
  disable_read: flag.default(false),
  delete_all_versions: flag.default(false),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv */
export const vaultGenericSecret = resourceType({
  type: 'vault_generic_secret',
  schema,
  computed: ['id'],
  forceNew: ['path'],
  ...writtenTo(({ path }: Attributes) => path, write),
  remove: async (request, { attributes: { path, delete_all_versions } }) => {
    const mount = await versionedMount(request, path);
    await request(
      'DELETE',
      mount === undefined ? path : inside(mount, path, delete_all_versions ? 'metadata' : 'data'),
    );
  },
});

async function write(request: ServerRequest, { path, data_json }: Attributes): Promise<void> {
  const mount = await versionedMount(request, path);
  const data = parseObject(data_json);
  if (mount === undefined) await request('POST', path, data);
  else await request('POST', inside(mount, path, 'data'), { data, options: {} });
}

/** The path of the KV v2 mount that a secret's path is in, with its slash; undefined for any other engine. */
async function versionedMount(request: ServerRequest, path: string): Promise<string | undefined> {
  const { data } = await request('GET', `sys/internal/ui/mounts/${path}`).catch(async (error: unknown) => {
    throw (error instanceof VaultproofError && (await mountNotFound(error.details, path, request))) || error;
  });
  const { path: mount, options } = data as { path: string; options: { version?: string } | null };
  return options?.version === '2' ? mount : undefined;
}

function inside(mount: string, path: string, part: string): string {
  return `${mount}${part}/${path.slice(mount.length)}`;
}
