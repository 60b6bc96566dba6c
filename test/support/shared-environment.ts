import { type Environment, type EnvironmentOptions, startEnvironment } from 'vaultproof';
import { afterAll, beforeAll } from 'vitest';

/**
 * An environment for all tests of a file, for those that only add to it.
 * @returns the same object from the start; its parts are there once the tests run
 */
export function sharedEnvironment(
  services: EnvironmentOptions = {},
): Pick<Environment, 'issuer' | 'vault' | 'consul' | 'apply'> {
  let env: Environment | undefined;
  const started = (): Environment => {
    if (env === undefined) throw new Error('the environment is there only inside a test or a hook');
    return env;
  };
  beforeAll(async () => {
    env = await startEnvironment(services);
  });
  afterAll(() => env?.stop());
  return {
    get apply() {
      return started().apply;
    },
    get issuer() {
      return started().issuer;
    },
    get vault() {
      return started().vault;
    },
    get consul() {
      return started().consul;
    },
  };
}
