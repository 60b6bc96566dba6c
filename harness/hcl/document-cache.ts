import { isDeepStrictEqual } from 'node:util';
import type { SensitiveValues } from '../../internal/sensitive-values.js';
import type { ModuleConfiguration } from './configuration.js';
import { documentOf, type TerraformDocument } from './document.js';
import type { EvaluationContext } from './evaluation-context.js';
import type { LoadedModule } from './load.js';
import type { ModuleInstance } from './module-instance.js';
import type { Value } from './values.js';

/** A document, and what no message about it may show. */
export interface ReadDocument extends TerraformDocument {
  /** The values of sensitive variables and outputs, of `sensitive()`, and what functions made of them. */
  readonly sensitive: SensitiveValues;
  /** The patterns of `ignore` that match nothing. */
  readonly unmatched: readonly string[];
}

/** The document of a root module, with what is sensitive hidden in its errors. */
export function evaluated(root: ModuleInstance, context: EvaluationContext): Omit<ReadDocument, 'unmatched'> {
  const { sensitive } = context;
  try {
    return { ...documentOf(root, context), sensitive };
  } catch (error) {
    throw sensitive.hideInError(error);
  }
}

/** What a document is a function of, beside what functions read of files. */
interface Inputs {
  /** Of a configuration whose files are the same, the object is the same. */
  readonly configurations: readonly ModuleConfiguration[];
  readonly given: ReadonlyMap<string, Value>;
  readonly ignore: readonly string[];
}

interface Kept {
  readonly inputs: Inputs;
  readonly context: EvaluationContext;
  readonly document: ReadDocument;
}

const kept = new WeakMap<ModuleConfiguration, Kept>();

/** The document that was evaluated last of a root module, unless anything that it was made of has changed. */
export function keptDocument(
  module: LoadedModule,
  { given, ignore }: Pick<Inputs, 'given' | 'ignore'>,
  context: EvaluationContext,
  evaluate: () => ReadDocument,
): ReadDocument {
  const inputs = { configurations: configurationsIn(module), given, ignore };
  const before = kept.get(module.configuration);
  if (before && isSame(before, inputs)) return before.document;
  const document = evaluate();
  kept.set(module.configuration, { inputs, context, document });
  return document;
}

function isSame({ inputs, context }: Kept, { configurations, given, ignore }: Inputs): boolean {
  const isSameModule =
    configurations.length === inputs.configurations.length &&
    configurations.every((one, at) => one === inputs.configurations[at]);
  return (
    isSameModule &&
    isDeepStrictEqual({ given, ignore }, { given: inputs.given, ignore: inputs.ignore }) &&
    context.isUpToDate()
  );
}

function configurationsIn({ configuration, modules }: LoadedModule): readonly ModuleConfiguration[] {
  return [configuration, ...[...modules.values()].flatMap(({ module }) => configurationsIn(module))];
}
