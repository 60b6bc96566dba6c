import { type Reference, resolveExpressions } from '../terraform-json/expressions.js';
import type { DeclaredResource } from '../terraform-json/terraform-json.js';
import type { DataSource, ResourceType } from './resource-type.js';

/** Arguments by Terraform's names, with its defaults, and with nothing left to resolve. */
export type Attributes = Readonly<Record<string, unknown>>;

/**
 * Resolves the references in a declaration and checks what comes out.
 * @param lookUp what a reference stands for
 * @returns the arguments, or what is wrong with them, by argument and without their values
 */
export function parseAttributes(
  declared: DeclaredResource,
  type: Pick<ResourceType | DataSource, 'schema'>,
  lookUp: (reference: Reference) => unknown,
): { readonly attributes?: Attributes; readonly issues: readonly string[] } {
  const resolved = resolveExpressions(declared.attributes, lookUp);
  const parsed = type.schema.safeParse(resolved);
  if (parsed.success) return { attributes: parsed.data, issues: [] };
  return { issues: parsed.error.issues.map(({ path, message }) => `"${path.join('.')}": ${message}`) };
}
