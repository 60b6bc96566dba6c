import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { blocks, text, textList } from '../arguments.js';
import { dataSource } from '../resource-type.js';

const CAPABILITIES = ['create', 'read', 'update', 'delete', 'list', 'sudo', 'deny', 'patch', 'subscribe'] as const;

const parameters = blocks(z.strictObject({ key: text, value: textList }))
  .refine((items) => new Set(items.map(({ key }) => key)).size === items.length, 'a key is repeated')
  .nullish();

const ruleBlock = z.strictObject({
  path: text.refine((path) => path !== '', 'a path that is not empty required'),
  capabilities: z.array(z.enum(CAPABILITIES)),
  description: text.nullish(),
  required_parameters: textList.nullish(),
  subscribe_event_types: textList.nullish(),
  allowed_parameter: parameters,
  denied_parameter: parameters,
  min_wrapping_ttl: text.nullish(),
  max_wrapping_ttl: text.nullish(),
});

/**
 * A policy in HCL from rules, byte for byte as the provider writes it.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/data-sources/policy_document
 */
export const vaultPolicyDocument = dataSource({
  type: 'vault_policy_document',
  schema: z.strictObject({ rule: blocks(ruleBlock).default([]) }),
  computed: ['id', 'hcl'],
  read: async (_request, { rule }) => {
    const hcl = rule.map(renderRule).join('\n');
    return { id: String(crc32(hcl)), hcl };
  },
});

function renderRule(rule: z.output<typeof ruleBlock>): string {
  const lines = [
    ...(rule.description ? [`# ${rule.description}`] : []),
    `path "${rule.path}" {`,
    `  capabilities = ${renderList(rule.capabilities)}`,
    ...renderIfAny('required_parameters', rule.required_parameters),
    ...renderIfAny('subscribe_event_types', rule.subscribe_event_types),
    ...renderParameters('allowed_parameters', rule.allowed_parameter),
    ...renderParameters('denied_parameters', rule.denied_parameter),
    ...(rule.min_wrapping_ttl ? [`  min_wrapping_ttl = "${rule.min_wrapping_ttl}"`] : []),
    ...(rule.max_wrapping_ttl ? [`  max_wrapping_ttl = "${rule.max_wrapping_ttl}"`] : []),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function renderIfAny(name: string, items: readonly string[] | null | undefined): string[] {
  return items?.length ? [`  ${name} = ${renderList(items)}`] : [];
}

function renderParameters(name: string, items: z.output<typeof parameters>): string[] {
  if (!items?.length) return [];
  const sorted = items.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return [`  ${name} = {`, ...sorted.map(({ key, value }) => `    "${key}" = ${renderList(value)}`), '  }'];
}

/** Nothing is escaped, as the provider escapes nothing. */
function renderList(items: readonly string[]): string {
  return items.length === 0 ? '[]' : `["${items.join('", "')}"]`;
}
