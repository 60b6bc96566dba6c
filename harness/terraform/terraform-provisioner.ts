import { UsageError, VaultproofError } from '../../errors/index.js';
import { type HttpClient, httpClient, serverUrl } from '../../internal/http-client.js';
import { importInTurn } from '../../internal/import-in-turn.js';
import { refuseUnknownOptions } from '../../internal/known-options.js';
import { KeyedMutex } from '../../internal/mutex.js';
import type { TemporaryFolder } from '../guardian/index.js';
import type { RootModule } from '../hcl/index.js';
import type { ApplyResult } from '../provision/direct.js';
import type { TerraformExecutable } from './executable.js';
import type { ReadPath, VaultRequest } from './field-reader.js';
import type { PlannedChange } from './plan-changes.js';
import {
  type Sensitive,
  type TerraformApplyResult,
  type TerraformOptions,
  type TerraformServer,
  terraformRunOptions,
} from './terraform-options.js';
import type { TerraformRun } from './terraform-run.js';

/** Applies Terraform JSON with Terraform, see {@link terraformProvisioner}. */
export interface TerraformProvisioner extends AsyncDisposable {
  /**
   * Applies a configuration, plans again, and reads back what Vault has. A failed apply may be followed by another: a
   * JWT auth method that was mounted and could not be configured is unmounted.
   * @param name tells configurations apart, for example the stack's; each has a folder and a state of its own
   * @throws VaultproofError by what failed, with the resource's construct path: `apply_failed`, `path_in_use`,
   * `permission_denied`, `server_token_invalid`, `vault_sealed`, `vault_standby`, `acl_disabled`, `no_leader`,
   * `request_failed`, `state_locked`, `dependency_cycle`, `declaration_invalid`, `plan_not_empty` and, when asked for, `read_back_differs`; before that `terraform_not_found`,
   * `terraform_too_old`, `provider_unavailable`, `provider_version_unavailable`, `init_failed`, `unsupported_provider`,
   * `reaches_elsewhere`
   */
  apply(name: string, json: unknown): Promise<TerraformApplyResult>;
  /** What an apply of this configuration would do. */
  plan(name: string, json: unknown): Promise<readonly PlannedChange[]>;
  /** The outputs of what was applied last under this name. */
  outputs(name: string): Promise<Readonly<Record<string, unknown | Sensitive>>>;
  /** Removes what was applied last under this name. */
  destroy(name: string): Promise<ApplyResult>;
  /** The folder of a configuration that was applied or planned, while it lasts: the state is in it. */
  folder(name: string): Promise<string>;
  /** Interrupts what runs, waits for it, and removes the folders; idempotent. */
  stop(): Promise<void>;
}

/**
 * Applies the JSON that `cdktf synth` writes as you deploy it: with Terraform or OpenTofu and the real providers, and the
 * user's own CLI configuration, plugin cache and mirrors. It goes to the given servers and nowhere else, whatever the
 * configuration's backend and providers say, and keeps its state in a temporary folder.
 *
 * @example
 * await using terraform = terraformProvisioner({ vault });
 * const { outputs } = await terraform.apply('demo', json);
 * @throws UsageError for a server without an address or a token
 */
export function terraformProvisioner(options: TerraformOptions = {}): TerraformProvisioner {
  refuseUnknownOptions('terraformProvisioner', options, { ...terraformRunOptions, vault: true, consul: true });
  return rootModuleProvisioner(options);
}

/** Applies root modules, too. */
export interface RootModuleProvisioner extends TerraformProvisioner {
  /** Applies a copy of a root module as `apply` does a configuration; it also throws `file_outside_folder`. */
  applyRootModule(module: RootModule): Promise<TerraformApplyResult>;
}

/** The same, for root modules that were read. */
export function rootModuleProvisioner(options: TerraformOptions = {}): RootModuleProvisioner {
  for (const product of ['vault', 'consul'] as const) refuseUnusable(product, options[product]);
  const stopping = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stopping.signal]) : stopping.signal;
  const folders = new Map<string, Promise<TemporaryFolder>>();
  const modules = new Map<string, RootModule>();
  const running = new KeyedMutex();
  let executable: Promise<TerraformExecutable> | undefined;
  let client: HttpClient | undefined;
  let consulClient: HttpClient | undefined;
  const { vault, consul } = options;
  const request: VaultRequest | undefined =
    vault &&
    (async (method, path, json, namespace) => {
      const { joinedPath, vaultRequest } = await importInTurn(() => import('../api/vault-api.js'));
      client ??= httpClient(vault.address, { ca: vault.caPem });
      return vaultRequest(client, vault.token, method, joinedPath(path), json, { namespace });
    });
  const readConsul: ReadPath | undefined =
    consul &&
    (async (path) => {
      const { consulCall } = await importInTurn(() => import('../../internal/consul-api.js'));
      consulClient ??= httpClient(consul.address, { ca: consul.caPem });
      return consulCall(consulClient, consul.token, 'GET', path);
    });

  const folderOf = (name: string): Promise<TemporaryFolder> => {
    const folder = folders.get(name) ?? makeConfiguredFolder();
    folders.set(name, folder);
    return folder;
  };
  // What runs Terraform is loaded for who applies with it.
  const runIn = async (name: string): Promise<TerraformRun> => {
    const { findTerraform } = await importInTurn(() => import('./executable.js'));
    const { TerraformRun: Run } = await importInTurn(() => import('./terraform-run.js'));
    executable ??= findTerraform(options.executable);
    executable.catch(() => {
      executable = undefined;
    });
    const [{ path: folder }, found] = await Promise.all([folderOf(name), executable]);
    return new Run({ options, signal, request, readConsul, folder, module: modules.get(name), executable: found });
  };
  /** One after the other for the same name: they share a state. */
  const oneAtATime = <Result>(name: string, work: () => Promise<Result>): Promise<Result> =>
    running.run(name, async () => {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        throw modules.get(name)?.sensitive.hideInError(error) ?? error;
      }
    });
  const stop = async (): Promise<void> => {
    stopping.abort(new VaultproofError('server_stopped', 'the provisioner was stopped: start another one'));
    await running.idle();
    client?.close();
    consulClient?.close();
    await Promise.all([...folders.values()].map(async (folder) => (await folder).remove()));
  };

  return {
    applyRootModule: (module) =>
      oneAtATime(module.name, async () => {
        const { readRootConfiguration } = await importInTurn(() => import('./root-module.js'));
        const configuration = readRootConfiguration(module);
        modules.set(module.name, module);
        return (await runIn(module.name)).apply(configuration);
      }),
    apply: (name, json) =>
      oneAtATime(name, async () => {
        const { readConfiguration } = await importInTurn(() => import('./configuration.js'));
        const configuration = readConfiguration(json);
        modules.delete(name);
        return (await runIn(name)).apply(configuration);
      }),
    plan: (name, json) =>
      oneAtATime(name, async () => {
        const { readConfiguration } = await importInTurn(() => import('./configuration.js'));
        const configuration = readConfiguration(json);
        modules.delete(name);
        return (await runIn(name)).plan(configuration);
      }),
    outputs: (name) => oneAtATime(name, async () => (await runIn(name)).outputs()),
    destroy: (name) => oneAtATime(name, async () => (await runIn(name)).destroy()),
    folder: async (name) => (await folderOf(name)).path,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A folder for a configuration, with a HOME in it. */
async function makeConfiguredFolder(): Promise<TemporaryFolder> {
  const { makeTemporaryFolder } = await importInTurn(() => import('../guardian/index.js'));
  const { makeHome } = await importInTurn(() => import('./environment.js'));
  const folder = await makeTemporaryFolder('terraform');
  await makeHome(folder.path);
  return folder;
}

/** Without a token a provider takes another: that of `~/.vault-token`. */
function refuseUnusable(product: string, server: TerraformServer | undefined): void {
  if (!server) return;
  serverUrl(server.address);
  if (!server.token?.trim()) throw new UsageError(`the token for ${product} is empty: give one that may apply`);
}
