import { isRecord } from '../../internal/json.js';
import { statusOf } from '../api/vault-api.js';
import { joinedNamespace, namespaceOfProvider } from '../terraform-json/provider-namespaces.js';
import { type Configuration, constructPathOf, withoutKeys } from './configuration.js';
import { consulReaders } from './consul-readers.js';
import { type FieldReader, isSameValue, type ReadPath, type Values, type VaultRequest } from './field-reader.js';
import type { PlannedValues } from './plan-changes.js';
import { vaultReaders } from './vault-readers.js';

const READERS: Readonly<Record<string, FieldReader>> = { ...vaultReaders, ...consulReaders };
const NOT_COMPARED = ['id', 'namespace'];

/** A field that is not on the server as it was declared. */
export interface FieldDifference {
  readonly address: string;
  /** Where the resource stands in the stack. */
  readonly constructPath: string;
  /** Terraform's name, such as `claim_mappings` or `tune.max_lease_ttl`. */
  readonly field: string;
  /** What was declared; undefined where nothing was. */
  readonly declared: unknown;
  /** What the server has; undefined where it has nothing. Of a value that may be a secret, a digest. */
  readonly found: unknown;
}

/** The servers that resources are read back from. */
export interface ReadableServers {
  readonly vault: VaultRequest | undefined;
  readonly consul: ReadPath | undefined;
}

/**
 * Reads the resources of a plan back from Vault and Consul and compares each field with what is declared, and with the
 * server's default where nothing is. A provider does not send everything, does not unset everything, and its own plan may be
 * empty all the same.
 * @param resources what Terraform holds to be there, after an apply
 */
export async function readBack(
  { vault, consul }: ReadableServers,
  resources: readonly PlannedValues[],
  configuration: Configuration,
): Promise<FieldDifference[]> {
  const found = await Promise.all(
    resources.map(async (resource): Promise<FieldDifference[]> => {
      const reader = READERS[resource.type];
      const server = resource.type.startsWith('consul_') ? consul : inNamespace(vault, resource, configuration);
      if (!reader || !server) return [];
      const read: ReadPath = (path) => server(path).catch(unlessMissing);
      return compare(await reader.read(read, resource.values), reader, resource, configuration);
    }),
  );
  return found.flat();
}

/** What is not there has no fields. */
function unlessMissing(error: unknown): unknown {
  if (statusOf(error) === 404) return {};
  throw error;
}

/** What reads in the namespace of a resource and its provider; undefined where only an expression says it. */
function inNamespace(
  request: VaultRequest | undefined,
  { address, type, values }: PlannedValues,
  configuration: Configuration,
): ReadPath | undefined {
  const provider = configuration.resources.get(withoutKeys(address))?.arguments['provider'];
  const outer = namespaceOfProvider(type, provider, configuration.namespaces) ?? '';
  const path = joinedNamespace(outer, values['namespace']);
  if (!request || path.includes('${')) return undefined;
  return (read) => request('GET', read, undefined, path);
}

function compare(
  actual: Values,
  { declared: shapeOf, defaults = {}, chosen = [], ignored = [] }: FieldReader,
  { address, values }: PlannedValues,
  configuration: Configuration,
): FieldDifference[] {
  const written = configuration.resources.get(withoutKeys(address))?.arguments;
  const wanted = shapeOf?.(values) ?? values;
  return Object.keys(wanted).flatMap((field) => {
    const [argument = field] = field.split('.');
    if (NOT_COMPARED.includes(argument) || ignored.includes(argument)) return [];
    // In a module it is not known what is written: what Terraform holds to be there is the next best.
    const isDeclared = written === undefined || isWritten(argument, written);
    const declared = isDeclared ? wanted[field] : undefined;
    if (isSameValue(declared ?? defaults[field], actual[field])) return [];
    if (!isDeclared && chosen.includes(argument)) return [];
    const constructPath = constructPathOf(configuration, address);
    return [{ address, constructPath, field, declared, found: actual[field] }];
  });
}

/** Whether an argument is given, or a block, which may be dynamic. */
function isWritten(name: string, { dynamic, ...written }: Values): boolean {
  return [written, dynamic].flat().some((given) => isRecord(given) && Object.hasOwn(given, name));
}
