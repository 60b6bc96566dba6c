import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { flag, text } from '../arguments.js';
import { ifThere } from '../request-wrappers.js';
import { resourceType, type ServerRequest, writtenTo } from '../resource-type.js';

const schema = z.strictObject({ name: text, policy: text, allow_overwrite: flag.optional() });

/** A rule that allows subscribing to events, in HCL or JSON. */
const SUBSCRIBES = /\bcapabilities"?\s*[=:]\s*\[[^\]]*"subscribe"|\bsubscribe_event_types"?\s*[=:]/;
const COMMENT = /^\s*(?:#|\/\/).*$|\/\*[\s\S]*?\*\//gm;

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/system/policies */
export const vaultPolicy = resourceType({
  type: 'vault_policy',
  schema,
  computed: ['id'],
  forceNew: ['name'],
  kept: ['allow_overwrite'],
  ...writtenTo(pathOf, write),
  capabilities: ({ policy }) => (SUBSCRIBES.test(String(policy).replaceAll(COMMENT, '')) ? ['subscribe'] : []),
  create: async (request, attributes) => {
    if (attributes.allow_overwrite === false && (await exists(request, attributes))) {
      throw new VaultproofError('already_exists', `policy "${attributes.name}" already exists`, {
        details: { name: attributes.name },
      });
    }
    await write(request, attributes);
    return { id: attributes.name };
  },
});

async function write(request: ServerRequest, attributes: Attributes): Promise<void> {
  await request('PUT', pathOf(attributes), { policy: attributes.policy });
}

async function exists(request: ServerRequest, attributes: Attributes): Promise<boolean> {
  const answer = await ifThere(request('GET', pathOf(attributes)));
  return answer !== undefined && (answer['data'] as { readonly policy?: string } | undefined)?.policy !== '';
}

function pathOf({ name }: Attributes): string {
  return `sys/policies/acl/${name}`;
}
