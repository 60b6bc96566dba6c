import { UsageError } from '../../errors/index.js';
import { importInTurn } from '../../internal/import-in-turn.js';
import { KeyedMutex } from '../../internal/mutex.js';
import { once } from '../../internal/once.js';
import type { State } from './apply-run.js';
import type { Servers } from './resource-type.js';

/** What one apply did, by address, in no particular order. */
export interface ApplyResult {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly removed: readonly string[];
  /** The configuration's outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Applies Terraform JSON to servers by API calls, see {@link directProvisioner}. */
export interface DirectProvisioner {
  /**
   * Applies a configuration, and removes what an earlier one of the same name had made and this one no longer has.
   * @param name tells configurations on one server apart, for example the stack's
   * @throws VaultproofError `not_terraform_json`, `declaration_invalid`, `unsupported_*` and `dependency_cycle` before
   * anything is written
   * (`unsupported_by_server` where `capabilities` were given), and what `check` throws;
   * `path_in_use`, `permission_denied`, `server_token_invalid`, `apply_failed` with the server's own words, and what says
   * that a server is not there or can serve nobody
   * @throws UsageError before anything is written, when a resource's server is not there
   */
  apply(name: string, json: unknown): Promise<ApplyResult>;
}

/**
 * Applies the JSON that `cdktf synth` writes without Terraform, in milliseconds, to servers that this process started.
 * It is not a replacement for Terraform: it keeps what it applied last in memory, reads nothing back, so that it does not
 * notice what was changed by hand since, and refuses by name what it doesn't know. Where the answer to a write was lost, the next apply under the
 * same name looks for what it may have made, and changes or removes it.
 * What is no longer declared is removed first, so that a resource may change its address, which Terraform would want moved.
 * Resources that don't need each other are made at the same time.
 * @throws UsageError for a server that is no function
 * @example
 * const provisioner = directProvisioner({ vault: vault.request });
 * await provisioner.apply('login', JSON.parse(await readFile('cdk.tf.json', 'utf8')));
 */
export function directProvisioner({ vault, consul, capabilities, check }: Servers): DirectProvisioner {
  requireFunction('vault', vault);
  requireFunction('consul', consul);
  const states = new Map<string, State>();
  const applying = new KeyedMutex();
  return {
    apply: async (name, json) => {
      const {
        ApplyRun,
        joinedPath,
        planResources,
        readTerraformJson,
        refuseUnsendable,
        refuseUnsupported,
        requestFor,
      } = await loadApply();
      const config = readTerraformJson(json);
      const servers: Servers = {
        vault: vault && ((method, path, ...more) => vault(method, joinedPath(path), ...more)),
        consul,
      };
      const planned = planResources(config);
      for (const { type } of planned) requestFor(servers, type.type);
      if (capabilities) await refuseUnsupported(planned, capabilities);
      if (check) await refuseUnsendable(planned, check);
      return applying.run(name, async () => {
        const run = new ApplyRun(servers, states.get(name) ?? new Map());
        try {
          await run.removeOrphans(planned);
          await run.applyAll(planned);
        } finally {
          states.set(name, run.state);
        }
        return { ...run.result, outputs: run.outputs(config.outputs) };
      });
    },
  };
}

function requireFunction(name: string, request: unknown): void {
  if (request === undefined || typeof request === 'function') return;
  throw new UsageError(`"${name}" must be a function that sends a request, such as env.${name}.request`);
}

/** It brings zod, which takes longer to load than all the rest: only who applies a stack pays for it, and once. */
const loadApply = once(async () => {
  const { readTerraformJson } = await importInTurn(() => import('../terraform-json/configuration.js'));
  const { joinedPath } = await importInTurn(() => import('../api/vault-api.js'));
  const { planResources, refuseUnsupported } = await importInTurn(() => import('./plan.js'));
  const { ApplyRun, requestFor } = await importInTurn(() => import('./apply-run.js'));
  const { refuseUnsendable } = await importInTurn(() => import('./dry-run.js'));
  return { ApplyRun, joinedPath, planResources, readTerraformJson, refuseUnsendable, refuseUnsupported, requestFor };
});
