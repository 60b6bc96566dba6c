import { VaultproofError } from '../errors/index.js';
import { type PassedOverTerraform, type ReadOptions, readSource } from './hcl/index.js';
import type { ApplyResult, DirectProvisioner } from './provision/direct.js';

/** How `applyTerraform` reads a configuration. */
export type ApplyTerraformOptions = ReadOptions;

/** What one apply of a configuration did, by Terraform's addresses. */
export interface AppliedTerraform extends ApplyResult {
  /** What was not applied, with the reason: what is ignored, and what needs that. */
  readonly passedOver: readonly PassedOverTerraform[];
}

/** Applies a configuration by its path. */
export type ApplyTerraform = (source: string, options?: ApplyTerraformOptions) => Promise<AppliedTerraform>;

/** Makes a function that reads configurations and applies them, see `Environment.applyTerraform`. */
export function terraformApplier(provisioner: () => Promise<DirectProvisioner>): ApplyTerraform {
  // What an earlier apply made and this one removes is told by its address then.
  const addresses = new Map<string, string>();
  const addressOf = (documentAddress: string): string => addresses.get(documentAddress) ?? documentAddress;
  return async (source, options) => {
    const results: AppliedTerraform[] = [];
    for (const { name, json, passedOver, addresses: declared } of await readSource(source, options)) {
      for (const [documentAddress, address] of declared) addresses.set(documentAddress, address);
      try {
        const { created, updated, removed, outputs } = await (await provisioner()).apply(name, json);
        const [made, changed, gone] = [created, updated, removed].map((list) => list.map(addressOf));
        results.push({ created: made ?? [], updated: changed ?? [], removed: gone ?? [], outputs, passedOver });
      } catch (error) {
        throw withAddresses(error, declared);
      }
    }
    return {
      created: results.flatMap(({ created }) => created),
      updated: results.flatMap(({ updated }) => updated),
      removed: results.flatMap(({ removed }) => removed),
      outputs: Object.assign({}, ...results.map(({ outputs }) => outputs)),
      passedOver: results.flatMap(({ passedOver }) => passedOver),
    };
  };
}

/** An error that names resources as Terraform does. */
function withAddresses(error: unknown, addresses: ReadonlyMap<string, string>): unknown {
  if (!(error instanceof VaultproofError)) return error;
  const other = [...addresses].filter(([documentAddress, address]) => documentAddress !== address);
  if (other.length === 0) return error;
  const longestFirst = other.sort(([one], [another]) => another.length - one.length);
  const renamed = (text: string): string =>
    longestFirst.reduce((changed, [documentAddress, address]) => changed.replaceAll(documentAddress, address), text);
  const details = JSON.parse(JSON.stringify(error.details), (_, value: unknown) =>
    typeof value === 'string' ? renamed(value) : value,
  );
  return new VaultproofError(error.code, renamed(error.message), { details, cause: error.cause });
}
