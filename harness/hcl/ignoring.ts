import { UsageError } from '../../errors/index.js';
import { conditionsIn, conditionsOf } from './conditions.js';
import { addressIn } from './configuration.js';
import type { EvaluationContext } from './evaluation-context.js';
import type { LoadedModule } from './load.js';

/**
 * Whether types or addresses are among those that patterns name, see `ReadOptions.ignore`.
 * @param matched is given the patterns that named something
 */
export function ignoring(patterns: readonly string[], matched?: Set<string>): (...names: readonly string[]) => boolean {
  if (!Array.isArray(patterns) || !patterns.every((one) => typeof one === 'string')) {
    throw new UsageError(`"ignore" is "${patterns}": expected a list of types and addresses, such as ["vault_pki_*"]`);
  }
  const expressions = patterns.map((pattern) => {
    const source = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return { pattern, expression: new RegExp(`^${source}$`) };
  });
  return (...names) => {
    const found = expressions.filter(({ expression }) => names.some((name) => expression.test(name)));
    for (const { pattern } of found) matched?.add(pattern);
    return found.length > 0;
  };
}

/** The patterns that match nothing of a module that was evaluated. */
export function unmatchedIn(
  module: LoadedModule,
  patterns: readonly string[],
  { isIgnored }: EvaluationContext,
  matched: ReadonlySet<string>,
): readonly string[] {
  for (const names of ignorableIn(module)) isIgnored(...names);
  return patterns.filter((pattern) => !matched.has(pattern));
}

/** What a pattern may name, whether there are instances of it or not. */
function ignorableIn({ configuration, ignored, modules }: LoadedModule): readonly (readonly string[])[] {
  return [
    ...ignored.map((name) => [`module.${name}`]),
    ...configuration.resources.map(({ mode, type }) => [type, addressIn(mode, type)]),
    ...configuration.resources.map(({ mode, type, name, body }) =>
      conditionsOf(body).map(({ kind }) => `${addressIn(mode, type, name)}.${kind}`),
    ),
    ...[...configuration.outputs].map(([name, { body }]) =>
      conditionsIn(body).map(({ kind }) => `output.${name}.${kind}`),
    ),
    ...[...modules.values()].flatMap(({ module }) => ignorableIn(module)),
  ];
}
