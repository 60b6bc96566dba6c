/**
 * A dev Vault in a container until it is ready, against testcontainers' own HTTP wait, as it is (it asks every second)
 * and asking every 25 ms, which is the fastest that one would set it to. Same image, command and clean-up: Ryuk is off
 * for all where its image is not local. Ready means more here (the root token works) than there (`sys/health` is 200).
 * Removing the container is not timed.
 */
import { GenericContainer, getContainerRuntimeClient, ImageName, Wait } from 'testcontainers';
import { startVault } from 'vaultproof';
import { testImage } from '../test/support/test-image.js';
import { type Measurement, SkippedMeasurement } from './measurement.js';

const RYUK_IMAGE = process.env['RYUK_CONTAINER_IMAGE'] ?? 'testcontainers/ryuk:0.14.0';
const API_PORT = 8200;

/** See the head of this file. */
export const dockerStart: Measurement = {
  name: 'docker-start',
  prepare: async () => {
    const image = await vaultImage();
    const { image: images } = await getContainerRuntimeClient();
    const ryuk =
      process.env['TESTCONTAINERS_RYUK_DISABLED'] !== 'true' && (await images.exists(ImageName.fromString(RYUK_IMAGE)));
    if (!ryuk) process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';

    const ours = async (): Promise<number> => {
      const begin = performance.now();
      const vault = await startVault({ engine: 'docker', image });
      const took = performance.now() - begin;
      await vault.stop();
      return took;
    };
    const theirs = async (readTimeoutMs?: number): Promise<number> => {
      const begin = performance.now();
      const wait = Wait.forHttp('/v1/sys/health', API_PORT);
      const container = await new GenericContainer(image)
        .withEntrypoint(['vault'])
        .withCommand([
          'server',
          '-dev',
          `-dev-listen-address=0.0.0.0:${API_PORT}`,
          '-dev-no-store-token',
          '-log-level=warn',
        ])
        .withEnvironment({ VAULT_DEV_ROOT_TOKEN_ID: 'bench', SKIP_SETCAP: 'true' })
        .withExposedPorts(API_PORT)
        .withWaitStrategy(readTimeoutMs === undefined ? wait : wait.withReadTimeout(readTimeoutMs))
        .start();
      const took = performance.now() - begin;
      await container.stop({ timeout: 0, remove: true, removeVolumes: true });
      return took;
    };
    const shared = { name: 'docker engine, ready', unit: 'ms', ours } as const;
    return {
      comparisons: [
        { ...shared, baseline: 'testcontainers, every 25 ms', target: 1.05, theirs: () => theirs(25) },
        {
          ...shared,
          baseline: 'testcontainers, default',
          target: 0.5,
          maxRounds: 15,
          theirs: () => theirs(),
        },
      ],
      notes: () => [`image ${image}, Ryuk ${ryuk ? 'on' : 'off'} for all`],
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

async function vaultImage(): Promise<string> {
  try {
    return await testImage('vault', (line) => process.stderr.write(`${line}\n`));
  } catch (error) {
    throw new SkippedMeasurement(error instanceof Error ? error.message : String(error));
  }
}
