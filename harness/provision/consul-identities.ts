import { z } from 'zod';
import { blocks, text, textList, textSet } from './arguments.js';

/** The blocks that a Consul role and a token share: what they may do besides what their policies say. */
export const consulIdentityBlocks = {
  service_identities: blocks(z.strictObject({ service_name: text, datacenters: textSet.nullish() })).default([]),
  node_identities: blocks(z.strictObject({ node_name: text, datacenter: text })).default([]),
  templated_policies: blocks(
    z.strictObject({
      template_name: text,
      template_variables: blocks(z.strictObject({ name: text.nullish() }), { max: 1 }).nullish(),
      datacenters: textList.nullish(),
    }),
  ).default([]),
} as const;

type IdentityBlocks = z.output<z.ZodObject<typeof consulIdentityBlocks>>;

/** The same as Consul's API has them. */
export function consulIdentities(attributes: IdentityBlocks): Readonly<Record<string, unknown>> {
  return {
    ServiceIdentities: attributes.service_identities.map(({ service_name, datacenters }) => ({
      ServiceName: service_name,
      Datacenters: datacenters ?? [],
    })),
    NodeIdentities: attributes.node_identities.map(({ node_name, datacenter }) => ({
      NodeName: node_name,
      Datacenter: datacenter,
    })),
    TemplatedPolicies: attributes.templated_policies.map((policy) => {
      const [variables] = policy.template_variables ?? [];
      return {
        TemplateName: policy.template_name,
        Datacenters: policy.datacenters ?? [],
        ...(variables && { TemplateVariables: { Name: variables.name ?? '' } }),
      };
    }),
  };
}
