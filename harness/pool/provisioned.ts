import { type Environment, serversOf } from '../environment.js';
import type { LeaseOptions } from './lease-options.js';

/** Environments of a pool in which the same was declared; see {@link LeasingPool.provisioned}. */
export interface ProvisionedPool extends AsyncDisposable {
  /**
   * An environment of its own in which all is declared already.
   * @throws what the pool's `lease` throws, and what the declaration threw
   */
  lease(): Promise<Environment>;
  /** Gives back the environment that was made ready and not leased; those that are leased stay. Idempotent. */
  stop(): Promise<void>;
}

/** What every environment is to have: called once for each, with that environment. */
export type Declare = (env: Environment) => unknown;

/** Leases one environment more than is asked for, and declares in it while the one before is used. */
export function provisionedPool(
  lease: (options?: LeaseOptions) => Promise<Environment>,
  declare: Declare,
  options?: LeaseOptions,
): ProvisionedPool {
  let next: Promise<Environment> | undefined;
  let stopped = false;
  const provision = async (): Promise<Environment> => {
    const env = await lease(options);
    try {
      await declare(env);
      return env;
    } catch (error) {
      await env.stop();
      throw error;
    }
  };
  const ahead = (): Promise<Environment> => {
    const coming = provision();
    coming.catch(() => {});
    return coming;
  };
  const stop = async (): Promise<void> => {
    stopped = true;
    const unused = next;
    next = undefined;
    await (await unused?.catch(() => undefined))?.stop();
  };
  return {
    lease: async () => {
      const ready = next ?? ahead();
      next = stopped ? undefined : ahead();
      const env = await ready;
      if (await isAlive(env)) return env;
      await env.stop();
      return provision();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Whether none of its servers has ended while it waited. */
async function isAlive(env: Environment): Promise<boolean> {
  const ended = await Promise.race([...serversOf(env).map(([, { exited }]) => exited), Promise.resolve(undefined)]);
  return ended === undefined;
}
