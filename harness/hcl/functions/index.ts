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
export function functionsFor(access: FileAccess): (name: string) => FunctionDefinition | undefined {
  const functionNamed = (name: string): FunctionDefinition | undefined => {
    const bare = name.replace(/^core::/, '');
    const all = Object.hasOwn(pure, bare) ? pure : ofFiles;
    return Object.hasOwn(all, bare) ? all[bare] : undefined;
  };
  const ofFiles = fileFunctions(access, functionNamed);
  return functionNamed;
}
