import { isDeepStrictEqual } from 'node:util';
import { inject } from 'vitest';
import {
  checkEnvironmentOptions,
  type Environment,
  type EnvironmentOptions,
  startEnvironment,
} from '../environment.js';
import { connectToPool, type LeasingPool } from '../pool/index.js';

let connection: Promise<LeasingPool> | undefined;

/**
 * An environment of what is asked for: leased from the pool of the global set-up where that has it, else started.
 * @param pooled whether it may be leased
 */
export async function environmentOf(services: EnvironmentOptions, pooled: boolean): Promise<Environment> {
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
