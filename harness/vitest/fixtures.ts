import { isDeepStrictEqual } from 'node:util';
import { test as base, inject, type TestAPI, type TestContext } from 'vitest';
import type { Environment } from '../environment.js';
import { connectToPool, type LeasingPool, type ProvisionedPool, provisionedPool } from '../pool/index.js';
import { checkEnvironmentOptions, type EnvironmentOptions, startEnvironment } from '../start-environment.js';

/** What {@link test} adds to a test's context. */
export interface EnvironmentFixtures {
  /** What `env` consists of; default `{ vault: true }`, else what the config's `provide.services` says. */
  readonly services: EnvironmentOptions;
  /** Whether `env` and `fileEnv` come from the pool, where there is one that has what they consist of; default true. */
  readonly pooled: boolean;
  /**
   * Servers of this test's own: leased from the pool, else started when the test asks for them and gone when it ends. A test that
   * fails is annotated with the claims of the tokens that logged in, what was declared, and the end of each server's log.
   */
  readonly env: Environment;
  /** What `fileEnv` consists of; default as `services`. Override it at the top of a file. */
  readonly fileServices: EnvironmentOptions | undefined;
  /**
   * What every `env` of a file has from the start: it is declared in the next one while a test uses the one before. `env` then
   * consists of `fileServices`. Default: nothing.
   */
  readonly declaration: { readonly by: (env: Environment) => unknown } | undefined;
  /** The environments of a file in which {@link EnvironmentFixtures.declaration} was declared. */
  readonly declared: ProvisionedPool | undefined;
  /**
   * Servers that the tests of a file share, for tests that only add to them: started once, for the first that asks. From then on a
   * test that fails is annotated with what they saw, too.
   */
  readonly fileEnv: Environment;
  /** Annotates tests that fail with what {@link EnvironmentFixtures.fileEnv} saw, once it is started. */
  readonly fileAnnotations: undefined;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The default of the fixture `services`, and what the global set-up obtains. */
    services?: EnvironmentOptions;
    /** Whether the global set-up makes a pool of what `services` says, or how many servers it has; default false. */
    pool?: boolean | number;
    /** Where workers lease, and what: set by the global set-up. */
    pooled?: { readonly path: string; readonly services: EnvironmentOptions };
  }
}

// A worker that has lost Vitest would run its test to the end for nobody, and keep its servers for as long.
if (process.connected) process.once('disconnect', () => process.exit(1));

/**
 * Vitest's `test` with an `env`: a fresh issuer, a fresh Vault and, if `services` says so, a fresh Consul.
 *
 * @example
 * test('vishpat gets in', async ({ env }) => {
 *   await env.apply((app) => new VaultJwtStack(app, 'demo', props));
 *   const session = await env.vault.login({ jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }) });
 * });
 *
 * @example
 * test('so does another test, on the same servers', async ({ fileEnv }) => {
 *   const session = await fileEnv.vault.login({ jwt: await fileEnv.issuer.sign(claims) });
 * });
 *
 * @example
 * test.override({ declaration: { by: (env) => env.apply((app) => new VaultJwtStack(app, 'demo', propsFor(env))) } });
 *
 * test('has servers of its own, in which it is declared already', async ({ env }) => {});
 *
 * @example
 * describe('with Consul', () => {
 *   test.override({ services: { vault: true, consul: true } });
 * });
 */
export const test: TestAPI<EnvironmentFixtures> = base.extend<EnvironmentFixtures>({
  services: [{ vault: true }, { injected: true }],
  pooled: [true, { scope: 'file' }],
  declaration: [undefined, { scope: 'file' }],
  declared: [
    async ({ declaration, fileServices, pooled }, use) => {
      if (declaration === undefined) return use(undefined);
      const services = fileServices ?? configuredServices();
      await using declared = provisionedPool(() => environmentOf(services, pooled), declaration.by);
      await use(declared);
    },
    { scope: 'file' },
  ],
  env: async ({ services, pooled, declared, task, annotate }, use) => {
    await using env = await (declared?.lease() ?? environmentOf(services, pooled));
    await use(env);
    await annotateFailure({ task, annotate }, env);
  },
  fileServices: [undefined, { scope: 'file' }],
  fileEnv: [
    async ({ fileServices, pooled }, use) => {
      await using env = await environmentOf(fileServices ?? configuredServices(), pooled);
      sharedByFile = env;
      await use(env);
      sharedByFile = undefined;
    },
    { scope: 'file' },
  ],
  fileAnnotations: [
    async ({ task, annotate }, use) => {
      await use(undefined);
      if (sharedByFile) await annotateFailure({ task, annotate }, sharedByFile);
    },
    { auto: true },
  ],
});

/** The `fileEnv` of the file that runs. */
let sharedByFile: Environment | undefined;

/** What the config's `provide.services` says, else Vault alone. */
function configuredServices(): EnvironmentOptions {
  return inject('services') ?? { vault: true };
}

/** Annotates a test that has failed with what its servers, declarations and tokens say; does nothing for another. */
async function annotateFailure(
  { task, annotate }: Pick<TestContext, 'task' | 'annotate'>,
  environment: Environment,
): Promise<void> {
  const { result } = task;
  if (result?.state !== 'fail') return;
  const { failureReport } = await import('../failure-report.js');
  const report = await failureReport(environment);
  if (report === '') return;
  // Vitest takes annotations only while the test runs, and knows already that this one has failed.
  result.state = 'run';
  try {
    await annotate(report, 'vaultproof');
  } finally {
    result.state = 'fail';
  }
}

let connection: Promise<LeasingPool> | undefined;

/**
 * An environment of what is asked for: leased from the pool of the global set-up where that has it, else started.
 * @param pooled whether it may be leased
 */
async function environmentOf(services: EnvironmentOptions, pooled: boolean): Promise<Environment> {
  checkEnvironmentOptions('"services"', services);
  const pool = inject('pooled');
  if (!pooled || pool === undefined || !isPooled(services, pool.services)) return startEnvironment(services);
  connection ??= connectToPool(pool.path);
  const { vault = true, consul = false, issuer, terraform } = services;
  const { auditLog } = withoutAuditLog(vault);
  return (await connection).lease({
    vault: vault !== false,
    consul: consul !== false,
    auditLog,
    impersonate: services.impersonate ?? false,
    issuer,
    terraform,
  });
}

/** The options of a Vault apart from its audit log, which a lease can turn on. */
function withoutAuditLog(vault: EnvironmentOptions['vault']): {
  readonly options: EnvironmentOptions['vault'];
  readonly auditLog: boolean | undefined;
} {
  if (typeof vault !== 'object' || !('auditLog' in vault)) return { options: vault, auditLog: undefined };
  const { auditLog, ...options } = vault;
  return { options: Object.keys(options).length === 0 ? true : options, auditLog };
}

/** Whether the pool's servers are started as it is asked for. */
function isPooled({ vault = true, consul = false, caBundle }: EnvironmentOptions, pool: EnvironmentOptions): boolean {
  if (caBundle !== undefined && caBundle !== pool.caBundle) return false;
  const has = { vault: true, consul: false, ...pool };
  return [
    [withoutAuditLog(vault).options, withoutAuditLog(has.vault).options],
    [consul, has.consul],
  ].every(([asked, pool]) => asked === false || isDeepStrictEqual(asked, pool));
}
