import { VaultproofError } from '../../errors/index.js';
import { hint } from '../../internal/did-you-mean.js';
import { type Place, placeOf } from './error-location.js';
import type { UnknownInstances } from './instances.js';
import type { CalledModule } from './load.js';
import type { RootProvider } from './providers.js';
import type { Value } from './values.js';

/** How a module is called. */
export interface ModuleCall {
  /** `module.login["ci"].`, or nothing for the root module. */
  readonly prefix: string;
  /** What its resources' names in the document begin with. */
  readonly names: readonly string[];
  readonly given: (name: string) => Value | undefined;
  readonly provider: RootProvider;
  /** Why its instances are not known. */
  readonly unknown?: UnknownInstances | undefined;
  /** The document's addresses of what all of the module needs. */
  readonly dependsOn: () => readonly string[];
}

const META = ['source', 'version', 'providers', 'count', 'for_each', 'depends_on', '//'];

/**
 * The arguments of a module's block that are values of its variables.
 * @param isLenient whether a variable may have no value
 * @throws VaultproofError `variable_invalid` for one that is no variable, `variable_missing`
 */
export function inputsOf(
  { block, module }: CalledModule,
  place: Place,
  isLenient: boolean,
): readonly (readonly [name: string, json: unknown])[] {
  const { variables } = module.configuration;
  const inputs = Object.entries(block.body).filter(([name]) => !META.includes(name));
  const [unknown] = inputs.find(([name]) => !variables.has(name)) ?? [];
  if (unknown !== undefined) {
    throw new VaultproofError(
      'variable_invalid',
      `${placeOf(place)}: "${place.address}" has no variable "${unknown}": ${hint(unknown, [...variables.keys()])}`,
      { details: { variable: unknown, address: place.address } },
    );
  }
  const missing = [...variables].filter(([name, { body }]) => !('default' in body) && !Object.hasOwn(block.body, name));
  if (missing.length === 0 || isLenient) return inputs;
  const names = missing.map(([name]) => name);
  throw new VaultproofError(
    'variable_missing',
    `${placeOf(place)}: "${place.address}" needs ${names.map((name) => `"${name}"`).join(' and ')}: give it a value`,
    { details: { variables: names, address: place.address } },
  );
}
