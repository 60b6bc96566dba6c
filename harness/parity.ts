import { importInTurn } from '../internal/import-in-turn.js';
import type { Environment } from './environment.js';
import type { PassedOverTerraform, ReadOptions } from './hcl/index.js';
import { readConsulState, readVaultState, type StateDifference, stateDifferences } from './server-state/index.js';
import { startEnvironment } from './start-environment.js';
import type { PlannedChange } from './terraform/index.js';

/** A configuration and the name that it is applied under. */
export interface NamedConfiguration {
  readonly name: string;
  readonly json: unknown;
}

/** A configuration by its path, as `Environment.applyTerraform` accepts it. */
export interface ConfigurationSource extends ReadOptions {
  /** A folder of HCL, one file of it, a `cdktf.out` or a `cdk.tf.json`. */
  readonly source: string;
}

/** What is compared. */
export interface ParityOptions {
  /** Makes the configurations, for an issuer that runs: the key set's URL as both Vaults reach it, and `iss`. */
  readonly declare: (issuer: {
    readonly url: string;
    readonly jwksUrl: string;
  }) => Promise<readonly (NamedConfiguration | ConfigurationSource)[]>;
  /** The vendors that are answered for at their own URLs, see `EnvironmentOptions.impersonate`. */
  readonly impersonate?: readonly string[] | undefined;
  /** Receives lines about what takes long. Default: they are dropped. */
  readonly report?: ((line: string) => void) | undefined;
  /** Interrupts it. */
  readonly signal?: AbortSignal | undefined;
}

/** How far the two provisioners agree. */
export interface ParityResult {
  /** The configurations that were applied, by name or path. */
  readonly applied: readonly string[];
  /** How many places of a server were compared, such as a role or a policy. */
  readonly compared: number;
  /** Where the servers differ; `left` is Terraform's, `right` the direct provisioner's. */
  readonly differences: readonly StateDifference[];
  /** What Terraform itself would still change after its own apply. */
  readonly pending: readonly PlannedChange[];
}

/**
 * Applies the same configurations to one fresh Vault and Consul with Terraform and to others directly, reads all of
 * them back and compares.
 * @throws VaultproofError what the servers and the provisioners throw
 * @example
 * const stack = { name: 'login', json: JSON.parse(await readFile('cdk.tf.json', 'utf8')) };
 * const result = await compareProvisioners({ declare: async () => [stack, { source: 'infra/vault' }] });
 */
export async function compareProvisioners({
  declare,
  impersonate,
  report,
  signal,
}: ParityOptions): Promise<ParityResult> {
  const shared = { vault: true, consul: true, impersonate, report, signal };
  await using byTerraform = await startEnvironment({ ...shared, terraform: { onPendingChanges: 'report' } });
  await using directly = await startEnvironment(shared);
  // Both trust the same issuer: its URL is part of what is compared.
  await byTerraform.issuer.listenFor(directly.vault);
  const { url } = byTerraform.issuer;
  const configurations = await declare({ url, jwksUrl: byTerraform.issuer.jwksUrlFor(byTerraform.vault) });

  const pending: PlannedChange[] = [];
  for (const configuration of configurations) {
    pending.push(...(await applyByTerraform(byTerraform, configuration)));
    for (const { address, reason } of await applyDirectly(directly, configuration))
      report?.(`passed over "${address}": ${reason}`);
  }
  const [left, right] = await Promise.all([stateOf(byTerraform), stateOf(directly)]);
  return {
    applied: configurations.map((one) => ('source' in one ? one.source : one.name)),
    compared: new Set([...Object.keys(left), ...Object.keys(right)]).size,
    differences: stateDifferences(left, right),
    pending,
  };
}

async function applyByTerraform(
  { terraform, applyTerraform }: Environment,
  configuration: NamedConfiguration | ConfigurationSource,
): Promise<readonly PlannedChange[]> {
  if (!('source' in configuration)) return (await terraform.apply(configuration.name, configuration.json)).pending;
  const { source, ignore = [], ...variables } = configuration;
  if (ignore.length === 0) return (await applyTerraform(source, { ...variables, provisioner: 'terraform' })).pending;
  // Terraform can pass nothing over: it applies what the rest is evaluated to.
  const pending: PlannedChange[] = [];
  const { readSource } = await importInTurn(() => import('./hcl/index.js'));
  for (const { name, json } of await readSource(source, { ...variables, ignore }))
    pending.push(...(await terraform.apply(name, json)).pending);
  return pending;
}

async function applyDirectly(
  { applyJson, applyTerraform }: Environment,
  configuration: NamedConfiguration | ConfigurationSource,
): Promise<readonly PassedOverTerraform[]> {
  if ('source' in configuration) {
    const { source, ...options } = configuration;
    return (await applyTerraform(source, options)).passedOver;
  }
  await applyJson(configuration.json, configuration.name);
  return [];
}

async function stateOf({ vault, consul }: Environment) {
  const [ofVault, ofConsul] = await Promise.all([readVaultState(vault), readConsulState(consul)]);
  return { ...prefixed('vault', ofVault), ...prefixed('consul', ofConsul) };
}

function prefixed<Value>(server: string, state: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(state).map(([path, fields]) => [`${server}: ${path}`, fields]));
}
