import type { App } from 'cdktf';
import { isRecord } from '../internal/json.js';
import { SensitiveValues } from '../internal/sensitive-values.js';

/** A stack as it is applied. */
interface DeclaredStack {
  readonly name: string;
  readonly json: unknown;
  /** What its variables say that is sensitive. */
  readonly sensitive: SensitiveValues;
}

/**
 * Synthesises stacks and gives their variables values, as Terraform does.
 * @param variables by name; each stack gets those that it declares
 * @throws VaultproofError `variable_missing` and `variable_invalid`, and what synthesising throws
 */
export async function declaredStacks(
  declare: (app: App) => unknown,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<DeclaredStack[]> {
  const { synthesiseInto } = await import('./provision/synth.js');
  return synthesiseInto(declare, async (stacks, outdir) => {
    const hasVariables = stacks.some(({ json }) => isRecord(json) && json['variable'] !== undefined);
    if (!hasVariables && Object.keys(variables).length === 0)
      return stacks.map((stack) => ({ ...stack, sensitive: new SensitiveValues() }));
    const { readSource } = await import('./hcl/index.js');
    const documents = await readSource(outdir, { variables });
    // In the order in which they were made, and not in that of their names.
    return stacks.flatMap(({ name }) => documents.filter((document) => document.name === name));
  });
}
