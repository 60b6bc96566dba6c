import { type Configuration, constructPathOf, withoutKeys } from '../configuration.js';
import type { PlannedValues } from '../plan-changes.js';
import { type FieldReader, fieldReaders, type VaultRequest } from './readers.js';
import { isSameValue } from './same-value.js';

/** A field that is not on the server as it was declared. */
export interface FieldDifference {
  readonly address: string;
  /** Where the resource stands in the stack. */
  readonly constructPath: string;
  /** Terraform's name, such as `claim_mappings` or `tune.max_lease_ttl`. */
  readonly field: string;
  /** What was declared; undefined where nothing was. */
  readonly declared: unknown;
  /** What Vault has; undefined where it has nothing. */
  readonly found: unknown;
}

/**
 * Reads every JWT auth method, role, policy and mount of a plan back from Vault and compares each field with what is
 * declared, and with Vault's default where nothing is. A provider does not send everything, does not unset everything,
 * and its own plan may be empty all the same.
 * @param resources what Terraform holds to be there, after an apply
 */
export async function readBack(
  request: VaultRequest,
  resources: readonly PlannedValues[],
  configuration: Configuration,
): Promise<FieldDifference[]> {
  const found = await Promise.all(
    resources.map(async (resource) => {
      const reader = fieldReaders.get(resource.type);
      return reader ? compare(await reader.read(request, resource.values), reader, resource, configuration) : [];
    }),
  );
  return found.flat();
}

function compare(
  actual: Readonly<Record<string, unknown>>,
  reader: FieldReader,
  { address, values }: PlannedValues,
  configuration: Configuration,
): FieldDifference[] {
  const written = configuration.resources.get(withoutKeys(address))?.arguments;
  const wanted = reader.declared(values);
  return Object.keys(wanted).flatMap((field) => {
    const [argument = field] = field.split('.');
    if (reader.ignored.includes(argument)) return [];
    // In a module it is not known what is written: what Terraform holds to be there is the next best.
    const isDeclared = written === undefined || Object.hasOwn(written, argument);
    const declared = isDeclared ? wanted[field] : undefined;
    if (isSameValue(declared ?? reader.defaults[field], actual[field])) return [];
    if (!isDeclared && isOptions(field)) return [];
    const constructPath = constructPathOf(configuration, address);
    return [{ address, constructPath, field, declared, found: actual[field] }];
  });
}

/** Vault completes a mount's options, for example with KV's version. */
function isOptions(field: string): boolean {
  return field === 'options';
}
