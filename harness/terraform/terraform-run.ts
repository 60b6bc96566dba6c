import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError, type VaultproofError } from '../../errors/index.js';
import { membersOf } from '../../internal/json.js';
import { strikeOut } from '../../internal/redaction.js';
import { loggedCause } from '../api/logged-cause.js';
import type { RootModule } from '../hcl/index.js';
import type { ApplyResult } from '../provision/direct.js';
import { type Configuration, readConfiguration } from './configuration.js';
import { applyFailure, requestIn, wordsOf } from './diagnostics.js';
import { configuredEnvironment, homeIn, withoutProxy } from './environment.js';
import type { TerraformExecutable } from './executable.js';
import type { ReadPath, VaultRequest } from './field-reader.js';
import { chosenProviders, init, initialise } from './init.js';
import { refuseDifferences, refusePending } from './pending-changes.js';
import { type PlanContents, type PlannedChange, readPlan } from './plan-changes.js';
import {
  checkModules,
  checkProviders,
  type ProviderRules,
  type ReachRules,
  reachedBy,
  refuseReach,
} from './reach-rules.js';
import { readBack } from './read-back.js';
import { copyRootModule, readRootConfiguration, variableArguments, workingFolder } from './root-module.js';
import { type Accessors, authAccessors, removeHalfMadeMounts, withRemoved } from './tainted-mounts.js';
import { outputsIn, type TerraformApplyResult, type TerraformOptions } from './terraform-options.js';
import {
  type Diagnostic,
  type ResourceEvent,
  readUiMessage,
  runTerraform,
  type TerraformEnd,
} from './terraform-process.js';

const CONFIGURATION = 'main.tf.json';
const PLAN = 'vaultproof.tfplan';
const CA_FILES = { vault: 'vaultproof-vault-ca.pem', consul: 'vaultproof-consul-ca.pem' } as const;
const GRACE_MS = 10_000;

/** What every run in a folder needs. */
interface RunContext {
  readonly options: TerraformOptions;
  readonly signal: AbortSignal;
  /** A request to the Vault that is applied to; undefined where there is none. */
  readonly request: VaultRequest | undefined;
  /** Reads of the Consul that is applied to. */
  readonly readConsul: ReadPath | undefined;
  readonly folder: string;
  /** What is run in a copy; undefined for a configuration that is written into the folder. */
  readonly module: RootModule | undefined;
  readonly executable: TerraformExecutable;
}

/** Terraform's commands in one folder. */
export class TerraformRun {
  readonly #context: RunContext;
  readonly #report: (line: string) => void;

  constructor(context: RunContext) {
    this.#context = context;
    this.#report = (line) => context.options.report?.(this.#struck(line));
  }

  async apply(configuration: Configuration): Promise<TerraformApplyResult> {
    await this.#prepare(configuration);
    const before = await this.#accessorsBefore(configuration);
    const result = await this.#change(configuration, 'apply', before);
    const plan = await this.#plan(configuration);
    const { request, readConsul, options } = this.#context;
    const differences = await readBack({ vault: request, consul: readConsul }, plan.resources, configuration);
    if (options.onPendingChanges !== 'report') refusePending(plan, differences);
    if (options.onDifferences === 'throw') refuseDifferences(differences);
    return { ...result, outputs: outputsIn(plan.outputs), pending: plan.changes, differences };
  }

  async plan(configuration: Configuration): Promise<readonly PlannedChange[]> {
    await this.#prepare(configuration);
    return (await this.#plan(configuration)).changes;
  }

  async destroy(): Promise<ApplyResult> {
    const { folder, module } = this.#context;
    const written = async (): Promise<unknown> =>
      JSON.parse(
        await readFile(join(folder, CONFIGURATION), 'utf8').catch(() => {
          throw new UsageError('no stack was applied under this name: apply it first');
        }),
      );
    const configuration = module ? readRootConfiguration(module) : readConfiguration(await written());
    const result = await this.#change(configuration, 'destroy', undefined);
    return { ...result, outputs: {} };
  }

  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    return outputsIn(await this.#json(['output', '-json']));
  }

  async #prepare(configuration: Configuration): Promise<void> {
    const { folder, executable, signal, options } = this.#context;
    const rules: ProviderRules = {
      vault: options.vault !== undefined,
      consul: options.consul !== undefined,
      allowed: options.allowProviders ?? [],
    };
    const reach: ReachRules = {
      provisioners: options.allowProvisioners ?? [],
      dataSources: options.allowDataSources ?? [],
    };
    refuseReach(reachedBy(configuration.json, reach));
    checkProviders(
      [...configuration.providers.values()].map(({ source }) => source),
      rules,
    );
    for (const [name, file] of Object.entries(CA_FILES) as ['vault' | 'consul', string][]) {
      const { caPem } = options[name] ?? {};
      if (caPem !== undefined) await writeFile(join(folder, file), caPem);
    }
    const { module } = this.#context;
    if (module) {
      await copyRootModule(folder, module, configuration.providers);
      await init(folder, { executable, signal, report: this.#report }, this.#workingFolder);
    } else {
      await writeFile(join(folder, CONFIGURATION), JSON.stringify(configuration.json), { mode: 0o600 });
      await initialise(folder, configuration, { executable, signal, report: this.#report });
    }
    if (!configuration.hasModules) return;
    checkProviders(await chosenProviders(this.#workingFolder), rules);
    await checkModules(this.#workingFolder, reach);
  }

  /** Runs what changes something, and explains its failure. */
  async #change(
    configuration: Configuration,
    command: 'apply' | 'destroy',
    before: Accessors | undefined,
  ): Promise<Pick<ApplyResult, 'created' | 'updated' | 'removed'>> {
    const { end, diagnostics, events } = await this.#watched([
      command,
      '-auto-approve',
      '-json',
      '-input=false',
      ...this.#variables,
    ]);
    if (end.exitCode !== 0) {
      const explained = await this.#withLoggedCauses(diagnostics);
      const removed = await this.#recover(before);
      this.#context.signal.throwIfAborted();
      const begun = events.some(({ type }) => type === 'apply_start');
      const what = command === 'apply' ? 'applied' : 'destroyed';
      const failure = this.#failure({ what, end, diagnostics: explained, begun, configuration });
      throw removed.length === 0 ? failure : withRemoved(failure, removed);
    }
    this.#context.signal.throwIfAborted();
    const done = (...actions: string[]): string[] =>
      events
        .filter(({ type, action }) => type === 'apply_complete' && actions.includes(action))
        .map(({ address }) => address);
    return { created: done('create'), updated: done('update'), removed: done('delete') };
  }

  async #plan(configuration: Configuration): Promise<PlanContents> {
    const { end, diagnostics } = await this.#watched([
      'plan',
      '-json',
      '-input=false',
      '-detailed-exitcode',
      `-out=${join(this.#context.folder, PLAN)}`,
      ...this.#variables,
    ]);
    this.#context.signal.throwIfAborted();
    // 0 is an empty plan, 2 one that is not.
    if (end.exitCode !== 0 && end.exitCode !== 2) {
      throw this.#failure({ what: 'planned', end, diagnostics, begun: false, configuration });
    }
    return readPlan(await this.#json(['show', '-json', join(this.#context.folder, PLAN)]), configuration);
  }

  get #workingFolder(): string {
    const { folder, module } = this.#context;
    return module ? workingFolder(folder, module) : folder;
  }

  get #variables(): string[] {
    const { folder, module } = this.#context;
    return module ? variableArguments(folder, module) : [];
  }

  async #accessorsBefore(configuration: Configuration): Promise<Accessors | undefined> {
    const { request } = this.#context;
    const mounts = [...configuration.resources.keys()].some((address) => address.startsWith('vault_jwt_auth_backend.'));
    if (!request || !(mounts || configuration.hasModules)) return undefined;
    // A token that may not look is no reason not to apply: then nothing is removed either.
    return authAccessors(request).catch(() => undefined);
  }

  /** Adds the causes that only Vault's log has; a mount that is removed is no longer found in it. */
  async #withLoggedCauses(diagnostics: readonly Diagnostic[]): Promise<readonly Diagnostic[]> {
    const { request, options } = this.#context;
    const logTail = options.vault?.logTail;
    if (!request || !logTail) return diagnostics;
    return Promise.all(
      diagnostics.map(async (diagnostic) => {
        const words = wordsOf(diagnostic);
        const cause = await loggedCause(words, requestIn(words).path, { request, logTail });
        return cause === undefined
          ? diagnostic
          : { ...diagnostic, detail: `${diagnostic.detail}; its log says: ${cause}` };
      }),
    );
  }

  async #recover(before: Accessors | undefined): Promise<readonly string[]> {
    const { request } = this.#context;
    if (!request || !before) return [];
    try {
      const state = await this.#json(['show', '-json'], new AbortController().signal);
      return await removeHalfMadeMounts(request, state, before);
    } catch {
      // What led here is what has to be told, and a server that has gone has no mounts.
      return [];
    }
  }

  async #json(args: readonly string[], signal?: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const end = await this.#run(args, { ...(signal && { signal }) });
    if (end.exitCode !== 0) {
      this.#context.signal.throwIfAborted();
      throw this.#failure({
        what: 'read',
        end: { ...end, stdout: '' },
        diagnostics: [],
        begun: false,
        configuration: readConfiguration({}),
      });
    }
    const value: unknown = JSON.parse(end.stdout);
    return membersOf(value);
  }

  async #watched(
    args: readonly string[],
  ): Promise<{ end: TerraformEnd; diagnostics: Diagnostic[]; events: ResourceEvent[] }> {
    const diagnostics: Diagnostic[] = [];
    const events: ResourceEvent[] = [];
    const end = await this.#run(args, {
      onLine: (line) => {
        const message = readUiMessage(line);
        if (message?.kind === 'resource') {
          events.push(message.event);
          this.#report(`terraform: ${message.event.message}`);
        }
        if (message?.kind !== 'diagnostic') return;
        diagnostics.push(message.diagnostic);
        if (message.diagnostic.severity === 'warning')
          this.#report(`terraform: warning: ${message.diagnostic.summary}`);
      },
    });
    // The lines are read; what is left of them for an error is what was no message.
    return { end: { ...end, stdout: '' }, diagnostics, events };
  }

  #run(args: readonly string[], how: { onLine?: (line: string) => void; signal?: AbortSignal }): Promise<TerraformEnd> {
    const { executable, folder, module, options, signal } = this.#context;
    const { vault, consul } = options;
    return runTerraform({
      path: executable.path,
      args,
      folder,
      workingFolder: this.#workingFolder,
      env: configuredEnvironment(homeIn(folder), {
        ...module?.environment,
        ...withoutProxy([vault, consul].flatMap((server) => (server ? [new URL(server.address).hostname] : []))),
        ...(vault && { VAULT_ADDR: vault.address, VAULT_TOKEN: vault.token }),
        ...(consul && { CONSUL_HTTP_ADDR: consul.address, CONSUL_HTTP_TOKEN: consul.token }),
        ...(vault?.caPem !== undefined && { VAULT_CACERT: join(folder, CA_FILES.vault) }),
        ...(consul?.caPem !== undefined && { CONSUL_CACERT: join(folder, CA_FILES.consul) }),
      }),
      signal,
      graceMs: options.graceMs ?? GRACE_MS,
      ...how,
    });
  }

  #failure(call: Omit<Parameters<typeof applyFailure>[0], 'secrets' | 'servers'>): VaultproofError {
    const { vault, consul } = this.#context.options;
    const servers = [vault, consul].flatMap((server) => (server ? [new URL(server.address).origin] : []));
    return applyFailure({ ...call, secrets: this.#secrets(), servers });
  }

  #secrets(): string[] {
    const { vault, consul } = this.#context.options;
    return [vault?.token, consul?.token].filter((token) => token !== undefined && token !== '') as string[];
  }

  #struck(text: string): string {
    return strikeOut(this.#context.module?.sensitive.hide(text) ?? text, this.#secrets());
  }
}
