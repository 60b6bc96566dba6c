import { inspect } from 'node:util';
import type { App } from 'cdktf';
import { UsageError } from '../errors/index.js';
import { importOnce } from '../internal/import-in-turn.js';
import { refuseUnknownOptions } from '../internal/known-options.js';
import { once } from '../internal/once.js';
import { printedAs } from '../internal/printable.js';
import type { StartedIssuer } from '../issuer/index.js';
import type { AppliedTerraform, ApplyTerraform, ApplyTerraformOptions } from './apply-terraform.js';
import { declaredStacks } from './declared-stacks.js';
import { EnvironmentRecorder, keepRecord } from './environment-record.js';
import { refuseTerraform, runOf } from './external/index.js';
import type { Impersonation, VendorIssuer, VendorProxy, VendorSetup } from './impersonation/index.js';
import type { ApplyResult, DirectProvisioner } from './provision/direct.js';
import type { StartedConsul } from './servers/consul.js';
import type { StartedVault } from './servers/vault-handle.js';
import {
  rootModuleProvisioner,
  type TerraformApplyResult,
  type TerraformProvisioner,
  type TerraformRunOptions,
} from './terraform/index.js';

const importDirect = importOnce(() => import('./provision/direct.js'));
const importRequestWrappers = importOnce(() => import('./provision/request-wrappers.js'));

/** What applies a declaration: API calls of ours, in milliseconds, or Terraform with the real providers, in seconds. */
export type ProvisionerName = 'direct' | 'terraform';

/** What `apply` may be told besides the stacks. */
interface ApplyOptions {
  /** Values of the stacks' variables, by name; default those that the variables have themselves. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** An issuer and the servers that trust it; `await using` or {@link Environment.stop} ends all of them. */
export interface Environment extends AsyncDisposable {
  readonly issuer: StartedIssuer;
  /** @throws TypeError when the environment has no Vault */
  readonly vault: StartedVault;
  /** @throws TypeError when the environment has no Consul */
  readonly consul: StartedConsul;
  /**
   * Answers for a vendor's URL from now on, with an issuer that has the vendor's `iss`, and keys, faults and counts of its own.
   * Tokens that have this `iss` are signed by it wherever they are asked for: `env.issuer.sign(github({ ... }))`.
   *
   * @example
   * const gitlab = await env.impersonate('https://gitlab.com');
   * gitlab.faults.set('jwks', 'server-error');
   * @param url one that is answered for already gives its issuer back
   * @param setup keys, algorithms, faults, and where the key set is; default an RS256 key, at the vendor's own path
   * @throws TypeError when the environment was started without `impersonate`
   * @throws VaultproofError `vendor_url_invalid`; `vendor_host_taken` for a second issuer of one host
   */
  impersonate(url: string, setup?: VendorSetup): Promise<VendorIssuer>;
  /**
   * The proxy that answers for vendors, for clients of yours, with what it refused.
   * @throws TypeError when the environment was started without `impersonate`
   */
  readonly proxy: VendorProxy;
  /** Terraform for this environment's servers: `apply` takes JSON, `plan`, `outputs` and `destroy` the rest. */
  readonly terraform: TerraformProvisioner;
  /**
   * Applies stacks to Vault and Consul, in the order in which they were made. Applying again changes only what changed.
   * @param declare receives a CDKTF App and makes stacks in it
   * @param options `terraform` applies as you deploy; keep to one of the two for the same declaration
   * @returns what was done, by the stack's name
   * @throws VaultproofError what the direct provisioner or the terraform provisioner throws
   * @throws TypeError when a resource is for a server that the environment doesn't have
   */
  apply(
    declare: (app: App) => unknown,
    options?: ApplyOptions & { readonly provisioner?: 'direct' },
  ): Promise<Readonly<Record<string, ApplyResult>>>;
  apply(
    declare: (app: App) => unknown,
    options: ApplyOptions & { readonly provisioner: 'terraform' },
  ): Promise<Readonly<Record<string, TerraformApplyResult>>>;
  apply(
    declare: (app: App) => unknown,
    options?: ApplyOptions & { readonly provisioner?: ProvisionerName },
  ): Promise<Readonly<Record<string, ApplyResult>>>;
  /**
   * Applies one configuration in Terraform's JSON syntax, for example a `cdk.tf.json` that was synthesised
   * elsewhere. Applying another one under the same name changes only what changed.
   * @param name default `main`
   */
  applyJson(json: unknown, name?: string): Promise<ApplyResult>;
  /**
   * Applies a Terraform configuration as it is written, without Terraform: a root module's folder with its local modules, one
   * `*.tf` or `*.tf.json`, a `cdktf.out`, or a `cdk.tf.json`. Backends, provider blocks, `lifecycle` and `timeouts` are
   * passed over. Applying the same path again changes only what changed.
   *
   * With `{ provisioner: 'terraform' }` Terraform runs it, in a copy with its local modules: the state stays in the copy, and
   * the providers are those of this environment's servers, whatever backends and provider blocks say.
   * @param options values of variables, what to pass over, and what applies it
   * @returns what was done, by Terraform's addresses
   * @throws VaultproofError what can't be read or evaluated, with file, line and column where they can be told, and what
   * applyJson throws
   *
   * @example
   * await env.applyTerraform('infra/vault', { variables: { environment: 'test' }, ignore: ['vault_pki_*'] });
   */
  applyTerraform: ApplyTerraform;
  /** Stops everything; idempotent. */
  stop(): Promise<void>;
}

/** What an environment is made of, once it runs. */
export interface EnvironmentParts {
  readonly issuer: StartedIssuer;
  readonly vault?: StartedVault | undefined;
  readonly consul?: StartedConsul | undefined;
  /** What the servers were started with to reach vendors' hosts. */
  readonly impersonation?: Impersonation | undefined;
}

/**
 * Makes an environment of parts that run; stopping it stops them. The issuer listens where the servers reach it.
 *
 * @example
 * const env = await assembleEnvironment({ issuer: await startIssuer(), vault: await startVault() });
 */
export async function assembleEnvironment(
  { issuer, vault, consul, impersonation }: EnvironmentParts,
  terraformOptions: TerraformRunOptions = {},
): Promise<Environment> {
  const servers = [vault, consul].filter((server) => server !== undefined);
  for (const server of servers) {
    await issuer.listenFor(server);
    await impersonation?.listenFor(server);
  }
  const record = new EnvironmentRecorder();
  for (const server of servers) record.watch(server);
  const run = runOf(vault);
  const direct = once(async (): Promise<DirectProvisioner> => {
    const { directProvisioner } = await importDirect();
    const { consulRequest } = await importRequestWrappers();
    return record.applying(
      directProvisioner({
        vault: vault?.request,
        consul: consul && consulRequest(consul.request),
        capabilities: vault,
        check: run?.check,
      }),
    );
  });
  const applier = once(async () => {
    const { terraformApplier } = await import('./apply-terraform.js');
    return terraformApplier(direct, terraform, record.sensitive);
  });
  const terraform = rootModuleProvisioner({
    ...terraformOptions,
    vault: run ? undefined : vault,
    consul,
  });
  const byTerraform = (): typeof terraform => {
    if (run) refuseTerraform(run);
    return terraform;
  };
  const stop = async (): Promise<void> => {
    // First, so that Terraform can end what it does.
    await terraform.stop();
    await Promise.all([issuer, ...servers].map((part) => part.stop()));
    await impersonation?.stop();
  };
  const environment: Environment = {
    issuer,
    get vault() {
      return present('vault', vault);
    },
    get consul() {
      return present('consul', consul);
    },
    impersonate: async (url, setup) => impersonating(impersonation).add(url, issuer, setup),
    get proxy() {
      return impersonating(impersonation).proxy;
    },
    get terraform() {
      return byTerraform();
    },
    apply: record.whileApplying(
      async <Result extends ApplyResult>(
        declare: (app: App) => unknown,
        options: ApplyOptions & { readonly provisioner?: ProvisionerName } = {},
      ) => {
        if (typeof declare !== 'function') {
          throw new UsageError(
            'apply needs a function that declares: apply((app) => new VaultJwtStack(app, "login", props))',
          );
        }
        refuseUnknownOptions('apply', options, { provisioner: true, variables: true });
        const { provisioner: name = 'direct', variables } = options;
        if (name !== 'terraform' && name !== 'direct') {
          throw new UsageError(`unknown provisioner "${String(name)}"; expected "direct" or "terraform"`);
        }
        const provisioner = name === 'terraform' ? record.applying(byTerraform()) : await direct();
        const results: Record<string, ApplyResult> = {};
        for (const { name, json, sensitive } of await declaredStacks(declare, variables)) {
          record.sensitive.addFrom(sensitive);
          results[name] = await provisioner.apply(name, json).catch((error: unknown) => {
            throw sensitive.hideInError(error);
          });
        }
        return results as Record<string, Result>;
      },
    ),
    applyJson: async (json, name = 'main') => (await direct()).apply(name, json),
    applyTerraform: async <Result extends AppliedTerraform>(source: string, options?: ApplyTerraformOptions) => {
      if (options?.provisioner === 'terraform') byTerraform();
      return (await (
        await applier()
      )(source, options)) as Result;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
  keepRecord(environment, record);
  const line = (): string => `Environment(${[issuer, ...servers].map((part) => inspect(part)).join(', ')})`;
  // A spread would ask for what few environments have, or not all.
  return printedAs(environment, line, run ? ['proxy', 'terraform'] : ['proxy']);
}

function impersonating(impersonation: Impersonation | undefined): Impersonation {
  if (impersonation !== undefined) return impersonation;
  throw new UsageError(
    'this environment impersonates no vendor: start it with { impersonate: [] }, since its servers are started for it',
  );
}

/** The servers that an environment has, by name. */
export function serversOf(
  environment: Pick<Environment, 'vault' | 'consul'>,
): (readonly [name: 'vault' | 'consul', server: StartedVault | StartedConsul])[] {
  return (['vault', 'consul'] as const).flatMap((name) => {
    try {
      return [[name, environment[name]] as const];
    } catch {
      return [];
    }
  });
}

function present<Server>(name: 'vault' | 'consul', server: Server | undefined): Server {
  if (server !== undefined) return server;
  throw new UsageError(`this environment has no ${name}: start it with { ${name}: true }`);
}
