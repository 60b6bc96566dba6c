import type { z } from 'zod';
import { VaultproofError } from '../../errors/index.js';
import type { DeclaredResource } from '../terraform-json/configuration.js';
import type { ResolveExpressions } from '../terraform-json/templates.js';
import { terraformWords } from './arguments.js';
import type { DataSource, ResourceType } from './resource-type.js';

/** Arguments by Terraform's names, with its defaults, and with nothing left to resolve. */
export type Attributes = Readonly<Record<string, unknown>>;

/** What there is without any argument: all of them with their defaults, and the names of those that must be given. */
interface WithoutArguments {
  readonly attributes: Attributes;
  readonly required: readonly string[];
}

const withoutArguments = new WeakMap<z.ZodObject, WithoutArguments>();

/**
 * Resolves the references in a declaration and checks what comes out. (Only what is given is parsed: most of a type's
 * arguments are not, and a large configuration has many resources of a type.)
 * @returns the arguments, or what is wrong with them, by argument and without their values
 */
export function parseAttributes(
  declared: DeclaredResource,
  { schema, rules = [] }: Pick<ResourceType | DataSource, 'schema' | 'rules'>,
  resolve: ResolveExpressions,
): { readonly attributes?: Attributes; readonly issues: readonly string[] } {
  const given = declared.attributes;
  const { attributes: defaults, required } = withoutArgumentsOf(schema);
  const attributes: Record<string, unknown> = { ...defaults };
  const issues: string[] = [];
  const parse = (name: string): void => {
    let value: unknown;
    try {
      value = resolve(given[name]);
    } catch (error) {
      if (!(error instanceof VaultproofError)) throw error;
      issues.push(`"${name}": ${error.message}`);
      return;
    }
    const parsed = schema.shape[name]?.safeParse(value, { error: terraformWords });
    if (parsed?.success) attributes[name] = parsed.data;
    for (const { path, message } of parsed?.error?.issues ?? [])
      issues.push(`"${[name, ...path].join('.')}": ${message}`);
  };
  for (const name of required) if (!Object.hasOwn(given, name)) parse(name);
  for (const name of Object.keys(given)) parse(name);
  if (issues.length === 0) for (const rule of rules) issues.push(...rule(attributes));
  return issues.length === 0 ? { attributes, issues } : { issues };
}

function withoutArgumentsOf(schema: z.ZodObject): WithoutArguments {
  const known = withoutArguments.get(schema);
  if (known) return known;
  const required: string[] = [];
  const attributes = Object.entries(schema.shape).map(([name, argument]) => {
    const { success, data } = argument.safeParse(undefined);
    if (!success) required.push(name);
    return [name, data] as const;
  });
  const found = { attributes: Object.fromEntries(attributes), required };
  withoutArguments.set(schema, found);
  return found;
}
