import { VaultproofError } from '../../errors/index.js';
import { type Executable, obtainExecutable, type Product, type Service } from '../binaries/index.js';
import { decideEngine, type EngineChoice } from './decide-engine.js';
import type { DockerApi } from './docker/docker-api.js';
import type { Engine } from './engine.js';
import { processEngine } from './process-engine.js';

/** An engine that can start servers, and the sentence that says why it was taken. */
export interface ChosenEngine {
  readonly engine: Engine;
  readonly reason: string;
}

/**
 * Decides where a server runs, see {@link decideEngine}, and obtains what that takes: an image or an executable.
 * @throws VaultproofError `engine_unavailable` when nothing works, with the reason of each; with one engine asked for,
 * that engine's own error
 */
export async function chooseEngine(service: Service, choice: EngineChoice = {}): Promise<ChosenEngine> {
  const decision = await decideEngine(service, choice);
  const { product } = decision;
  if (decision.engine === 'process') {
    const { executable, reason, withoutDocker } = decision;
    if (executable) return { engine: processEngine(executable), reason };
    return obtain(product, choice, withoutDocker, decision.asked);
  }
  const { docker, image, pull, reason } = decision;
  if (!pull) return viaDocker(docker, image, product, reason);
  try {
    await docker.pull(image, choice.report ?? (() => {}));
  } catch (error) {
    if (decision.asked || !(error instanceof VaultproofError)) throw error;
    return obtain(product, choice, error.message, false);
  }
  return viaDocker(docker, image, product, reason);
}

async function obtain(
  product: Product,
  choice: EngineChoice,
  withoutDocker: string,
  asked: boolean,
): Promise<ChosenEngine> {
  let executable: Executable;
  try {
    executable = await obtainExecutable(product, choice);
  } catch (error) {
    // A file that was tampered with is not one more source that happens to be away.
    if (asked || !(error instanceof VaultproofError) || error.code !== 'engine_unavailable') throw error;
    throw new VaultproofError(
      'engine_unavailable',
      `"${product}" can be had neither from docker nor as an executable.\ndocker: ${withoutDocker}\nprocess: ${error.message}`,
      { details: { product }, cause: error },
    );
  }
  const reason = `process: ${executable.path} (${executable.source}); ${withoutDocker}`;
  return { engine: processEngine(executable), reason };
}

async function viaDocker(docker: DockerApi, image: string, product: Product, reason: string): Promise<ChosenEngine> {
  // testcontainers takes half a second to load, so it is loaded once it is needed.
  const { dockerEngine } = await import('./docker/docker-engine.js');
  return { engine: await dockerEngine(docker, image, product), reason };
}
