import { readRoot } from './read-terraform.js';
import { rootsOf } from './source.js';
import { knownDeep, toJson } from './values.js';
import { fromText } from './variables.js';

/** Values by name, and the names that no root module declares. */
interface ValuesFromText {
  readonly values: Readonly<Record<string, unknown>>;
  readonly undeclared: readonly string[];
}

/**
 * Values of root variables as `terraform -var` accepts them: a string for a variable of a primitive type or without one, else
 * an expression such as `["a", "b"]`.
 * @param source what readSource accepts
 * @throws VaultproofError what reading the root modules throws, and `expression_invalid` or `syntax_invalid` for a value
 * @see https://developer.hashicorp.com/terraform/language/values/variables#variables-on-the-command-line
 */
export async function variablesFromText(
  source: string,
  texts: Readonly<Record<string, string>>,
): Promise<ValuesFromText> {
  const values: Record<string, unknown> = {};
  const named = Object.entries(texts);
  if (named.length === 0) return { values, undeclared: [] };
  for (const { path } of await rootsOf(source)) {
    const { variables } = await readRoot(path);
    for (const [name, text] of named) {
      const block = variables.get(name);
      if (block) values[name] = toJson(knownDeep(fromText(text, block, name)));
    }
  }
  return { values, undeclared: Object.keys(texts).filter((name) => !Object.hasOwn(values, name)) };
}
