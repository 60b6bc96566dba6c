import { type ErrorCode, UsageError, VaultproofError } from '../errors/index.js';
import { type KnownOptions, refuseUnknownOptions } from '../internal/known-options.js';
import type { SensitiveValues } from '../internal/sensitive-values.js';
import {
  type PassedOverTerraform,
  type ReadOptions,
  readRootModules,
  readSource,
  type SourceDocument,
} from './hcl/index.js';
import type { ApplyResult, DirectProvisioner } from './provision/direct.js';
import type { RootModuleProvisioner, TerraformApplyResult } from './terraform/index.js';

/** How `applyTerraform` reads a configuration, and what applies it. */
export interface ApplyTerraformOptions extends ReadOptions {
  /** `direct` (the default), or `terraform` to run it as you deploy it, in a copy; that accepts no `ignore`. */
  readonly provisioner?: 'direct' | 'terraform' | undefined;
}

const applyOptions: KnownOptions<ApplyTerraformOptions> = {
  provisioner: true,
  variables: true,
  variableFiles: true,
  variablesFromEnvironment: true,
  ignore: true,
};

/** What one apply of a configuration did, by Terraform's addresses. */
export interface AppliedTerraform extends ApplyResult {
  /** What was not applied, with the reason: what is ignored, and what needs that. */
  readonly passedOver: readonly PassedOverTerraform[];
}

/** Applies a configuration by its path. */
export interface ApplyTerraform {
  (source: string, options?: ApplyTerraformOptions & { readonly provisioner?: 'direct' }): Promise<AppliedTerraform>;
  (
    source: string,
    options: ApplyTerraformOptions & { readonly provisioner: 'terraform' },
  ): Promise<AppliedTerraform & TerraformApplyResult>;
}

/**
 * Makes a function that reads configurations and applies them, see `Environment.applyTerraform`.
 * @param sensitive what is sensitive in them is added to it
 */
export function terraformApplier(
  direct: () => Promise<DirectProvisioner>,
  terraform: RootModuleProvisioner,
  sensitive: SensitiveValues,
): (source: string, options?: ApplyTerraformOptions) => Promise<AppliedTerraform> {
  const applyDirectly = directApplier(direct, sensitive);
  return async (source, options = {}) => {
    refuseUnknownOptions('applyTerraform', options, applyOptions);
    const { provisioner = 'direct' } = options;
    if (provisioner === 'terraform') return applyByTerraform(terraform, source, options, sensitive);
    if (provisioner === 'direct') return applyDirectly(source, options);
    throw new UsageError(`unknown provisioner "${String(provisioner)}"; expected "direct" or "terraform"`);
  };
}

async function applyByTerraform(
  terraform: RootModuleProvisioner,
  source: string,
  options: ApplyTerraformOptions,
  sensitive: SensitiveValues,
): Promise<AppliedTerraform & TerraformApplyResult> {
  if ((options.ignore ?? []).length > 0) {
    throw new UsageError(
      '"ignore" is for the direct provisioner, since Terraform applies all: leave one of the two out',
    );
  }
  const results: TerraformApplyResult[] = [];
  for (const module of await readRootModules(source, options)) {
    sensitive.addFrom(module.sensitive);
    results.push(await terraform.applyRootModule(module));
  }
  return {
    ...combined(results),
    pending: results.flatMap(({ pending }) => pending),
    differences: results.flatMap(({ differences }) => differences),
    passedOver: [],
  };
}

function directApplier(provisioner: () => Promise<DirectProvisioner>, sensitive: SensitiveValues) {
  // What an earlier apply made and this one removes is told by its address then.
  const addresses = new Map<string, string>();
  const addressOf = (documentAddress: string): string => addresses.get(documentAddress) ?? documentAddress;
  return async (source: string, options: ReadOptions): Promise<AppliedTerraform> => {
    const results: AppliedTerraform[] = [];
    for (const document of await readSource(source, options)) {
      const { name, json, passedOver, addresses: declared } = document;
      sensitive.addFrom(document.sensitive);
      for (const [documentAddress, address] of declared) addresses.set(documentAddress, address);
      try {
        const { created, updated, removed, outputs } = await (await provisioner()).apply(name, json);
        const [made, changed, gone] = [created, updated, removed].map((list) => list.map(addressOf));
        results.push({ created: made ?? [], updated: changed ?? [], removed: gone ?? [], outputs, passedOver });
      } catch (error) {
        throw document.sensitive.hideInError(await withPlaces(withAddresses(error, declared), document));
      }
    }
    return { ...combined(results), passedOver: results.flatMap(({ passedOver }) => passedOver) };
  };
}

function combined(results: readonly ApplyResult[]): ApplyResult {
  return {
    created: results.flatMap(({ created }) => created),
    updated: results.flatMap(({ updated }) => updated),
    removed: results.flatMap(({ removed }) => removed),
    outputs: Object.assign({}, ...results.map(({ outputs }) => outputs)),
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

const NOT_APPLIED_HERE: readonly ErrorCode[] = [
  'unsupported_resource',
  'unsupported_attribute',
  'unsupported_expression',
];
/** So many are named in the advice. */
const MOST_NAMED = 3;

/** The types of resources that are not supported, as `ignore` names them: `vault_pki_*` for several of one engine. */
async function ignorable({ code }: VaultproofError, addresses: readonly string[]): Promise<readonly string[]> {
  if (code !== 'unsupported_resource') return [];
  const { resourceTypes } = await import('./provision/resources/index.js');
  const types = [...new Set(addresses.map(typeIn))];
  const engines = types.map((type) => /^((?:data\.)?[a-z]+_[a-z0-9]+_).+/.exec(type)?.[1] ?? type);
  const patterns = types.map((type, at) => {
    const engine = engines[at] ?? type;
    const isShared = engines.filter((one) => one === engine).length > 1;
    // A pattern must not pass over what is supported.
    return isShared && ![...resourceTypes.keys()].some((one) => one.startsWith(engine)) ? `${engine}*` : type;
  });
  return [...new Set(patterns)];
}

/** `data.aws_ami` of `module.m["a"].data.aws_ami.x[0]`. */
function typeIn(address: string): string {
  return /(?:^|\.)((?:data\.)?[a-z]\w*)\.[\w-]+(?:\[[^\]]*\])?$/.exec(address)?.[1] ?? address;
}

/** The same with the file and the line of each resource in its message, and how to pass over what is not applied here. */
async function withPlaces(error: unknown, { addresses, placeOf }: SourceDocument): Promise<unknown> {
  if (!(error instanceof VaultproofError)) return error;
  const named = [...addresses.values()].filter((address) => error.message.includes(`"${address}"`));
  const located = named.reduce((message, address) => {
    const place = placeOf(address);
    return place === undefined ? message : message.replace(`"${address}"`, () => `"${address}" (${place})`);
  }, error.message);
  const ignored = named.slice(0, MOST_NAMED).map((address) => `'${address}'`);
  const isPassable = ignored.length > 0 && NOT_APPLIED_HERE.includes(error.code);
  const rest = named.length > MOST_NAMED ? ', ...' : '';
  const advice = isPassable ? `, or pass it over with ignore: [${ignored.join(', ')}${rest}]` : '';
  const types = await ignorable(error, named);
  const details = { ...error.details, ...(types.length > 0 && { ignore: types }) };
  return new VaultproofError(error.code, `${located}${advice}`, { details, cause: error.cause });
}
