import { z } from 'zod';
import { VaultproofError } from '../../../errors/index.js';
import { flag, ifAny, text, textMap, textSet } from '../arguments.js';
import { isAsDeclared } from '../lost-answer.js';
import { ifThere } from '../request-wrappers.js';
import { resourceType } from '../resource-type.js';

const schema = z.strictObject({
  name: text.optional(),
  metadata: textMap.default({}),
  policies: textSet.default([]),
  external_policies: flag.default(false),
  disabled: flag.default(false),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/secret/identity/entity */
export const vaultIdentityEntity = resourceType({
  type: 'vault_identity_entity',
  schema,
  computed: ['id', 'name'],
  forceNew: [],
  kept: ['name'],
  ignored: ({ external_policies }) => (external_policies ? ['policies'] : []),
  find: async (request, { attributes, computed: { id } }) => {
    const { name, disabled } = attributes;
    if (id === undefined && name === undefined) return undefined;
    const at = id === undefined ? `identity/entity/name/${name}` : `identity/entity/id/${String(id)}`;
    const there = await ifThere(request('GET', at));
    const found = there?.['data'] as { readonly id: string; readonly name: string } | undefined;
    const isIt = found && (id !== undefined || isAsDeclared(found, { disabled, ...managed(attributes) }));
    return isIt ? { attributes, computed: { id: found.id, name: found.name } } : undefined;
  },
  create: async (request, attributes) => {
    const { name, metadata } = attributes;
    const { data } = await request('POST', 'identity/entity', {
      name,
      ...managed(attributes),
      metadata: ifAny(metadata),
    });
    // Vault answers with nothing when an entity of that name is there.
    if (data === undefined || data === null) {
      throw new VaultproofError('already_exists', `entity "${name}" already exists`, { details: { name } });
    }
    const made = data as { readonly id: string; readonly name: string };
    return { id: made.id, name: made.name };
  },
  update: async (request, attributes, { computed }) => {
    await request('POST', `identity/entity/id/${String(computed['id'])}`, {
      name: attributes.name,
      ...managed(attributes),
    });
    return undefined;
  },
  remove: async (request, { computed }) => {
    await request('DELETE', `identity/entity/id/${String(computed['id'])}`);
  },
});

function managed({ metadata, policies, external_policies, disabled }: Attributes): Readonly<Record<string, unknown>> {
  return { metadata, disabled, ...(!external_policies && { policies }) };
}
