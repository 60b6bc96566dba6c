import type { DeclaredResource } from '../terraform-json/configuration.js';
import type { Json } from '../terraform-json/document.js';
import type { Attributes } from './parse-attributes.js';

/** They say how a resource is removed or replaced, which no test of what is there can see. */
const PASSED_OVER = ['prevent_destroy', 'create_before_destroy'];
const IGNORE_CHANGES = 'ignore_changes';

/**
 * What of a resource's `lifecycle` is not known here, such as `replace_triggered_by` or a part of an argument to ignore.
 * @param isArgument whether the resource type has an argument of a name
 * @see https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle
 */
export function unsupportedInLifecycle(lifecycle: Json, isArgument: (name: string) => boolean): string[] {
  const { [IGNORE_CHANGES]: ignored = [], ...others } = lifecycle;
  const names = Object.keys(others).filter((name) => !PASSED_OVER.includes(name));
  const isKnown = ignored === 'all' || (Array.isArray(ignored) && ignored.every((name) => isArgument(bare(name))));
  return [...names, ...(isKnown ? [] : [IGNORE_CHANGES])].map((name) => `lifecycle.${name}`);
}

/** The arguments of a resource that is there already, with what it was made with where changes of that are ignored. */
export function withIgnoredChanges(
  { lifecycle }: DeclaredResource,
  declared: Attributes,
  before: Attributes,
): Attributes {
  const ignored = lifecycle?.[IGNORE_CHANGES];
  if (ignored === 'all') return before;
  if (!Array.isArray(ignored)) return declared;
  return { ...declared, ...Object.fromEntries(ignored.map((name) => [bare(name), before[bare(name)]])) };
}

/** The syntax takes a name as it is, and as an expression. */
function bare(name: unknown): string {
  return String(name).replace(/^\$\{\s*(.*?)\s*\}$/, '$1');
}
