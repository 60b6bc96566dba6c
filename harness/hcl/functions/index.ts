import { isDeepStrictEqual } from 'node:util';
import { hint } from '../../../internal/did-you-mean.js';
import type { Scope } from '../evaluate.js';
import { type Value, ValueProblem } from '../values.js';
import { collectionFunctions, conversionFunctions } from './collections.js';
import type { FunctionDefinition } from './definition.js';
import { encodingFunctions } from './encoding.js';
import { type FileAccess, fileFunctions } from './files.js';
import { hashFunctions } from './hash.js';
import { networkFunctions } from './network.js';
import { numericFunctions } from './numeric.js';
import { stringFunctions } from './strings.js';
import { timeFunctions } from './time.js';

const pure: Readonly<Record<string, FunctionDefinition>> = {
  ...stringFunctions,
  ...numericFunctions,
  ...collectionFunctions,
  ...conversionFunctions,
  ...encodingFunctions,
  ...hashFunctions,
  ...timeFunctions,
  ...networkFunctions,
};

/**
 * Terraform's functions by name, except `try` and `can`, which are the evaluator's. A name may begin with `core::`.
 * @see https://developer.hashicorp.com/terraform/language/functions
 */
export function functionsFor(access: FileAccess): Scope['functionNamed'] {
  const functionNamed = (name: string): FunctionDefinition => {
    const bare = name.replace(/^core::/, '');
    const all = Object.hasOwn(pure, bare) ? pure : ofFiles;
    const found = Object.hasOwn(all, bare) ? all[bare] : undefined;
    if (found) return found;
    throw unknownFunction(bare, [...Object.keys(pure), ...Object.keys(ofFiles), 'can', 'try']);
  };
  const ofFiles = noting(fileFunctions(access, functionNamed), access.noteRead);
  return functionNamed;
}

/** Notes how to ask whether a function would give the same again. */
function noting(
  functions: Readonly<Record<string, FunctionDefinition>>,
  note: FileAccess['noteRead'],
): Readonly<Record<string, FunctionDefinition>> {
  const noted = Object.entries(functions).map(([name, call]): [string, FunctionDefinition] => [
    name,
    (shown, args) => {
      const outcome = (): unknown => {
        try {
          return call(shown, args);
        } catch (error) {
          return error;
        }
      };
      const first = outcome();
      note(() => isDeepStrictEqual(outcome(), first));
      if (first instanceof Error) throw first;
      return first as Value;
    },
  ]);
  return Object.fromEntries(noted);
}

function unknownFunction(name: string, known: readonly string[]): ValueProblem {
  const words = name.startsWith('provider::')
    ? `only Terraform has the functions of providers, such as "${name}": apply it with Terraform, or ignore what needs it`
    : `there is no function "${name}": ${hint(name, known)}`;
  return new ValueProblem(words, 'function_unknown');
}
