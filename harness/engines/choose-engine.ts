import { VaultproofError } from '../../errors/index.js';
import {
  defaultVersions,
  type Executable,
  type ExecutableOptions,
  findExecutable,
  obtainExecutable,
  type Product,
} from '../binaries/index.js';
import { type DockerApi, findDocker } from './docker-api.js';
import type { Engine, EngineName } from './engine.js';
import { processEngine } from './process-engine.js';

/** What decides where a server runs. */
export interface EngineChoice extends Pick<ExecutableOptions, 'executable' | 'version' | 'report'> {
  /** Default VAULTPROOF_ENGINE, else whichever is at hand. */
  readonly engine?: EngineName;
  /** Default VAULTPROOF_VAULT_IMAGE or VAULTPROOF_CONSUL_IMAGE, else `hashicorp/<product>:<version>`. */
  readonly image?: string;
}

/** An engine, and the sentence that says why it was taken. */
export interface ChosenEngine {
  readonly engine: Engine;
  readonly reason: string;
}

/**
 * Chooses where a server runs: Docker where an API answers and the image is local; else a process where an executable
 * is at hand; else a pull; else a download or a build. An option or VAULTPROOF_ENGINE leaves no choice.
 * @throws VaultproofError `engine_unavailable` when nothing works, with the reason of each; with one engine asked for,
 * that engine's own error
 */
export async function chooseEngine(product: Product, choice: EngineChoice = {}): Promise<ChosenEngine> {
  const asked = askedEngine(choice);
  if (asked?.engine === 'docker') return askedDocker(product, choice, asked.by);
  if (asked?.engine === 'process') {
    const executable = await obtainExecutable(product, choice);
    return viaProcess(executable, `${asked.by} asks for it; ${executable.path}`);
  }

  const image = imageFor(product, choice);
  const [docker, executable] = await Promise.all([findDocker().catch(asFailure), findExecutable(product, choice)]);
  if (!(docker instanceof Error) && (await docker.hasImage(image))) {
    return viaDocker(docker, image, `docker ${docker.version} answers and has the image ${image}`);
  }
  const withoutImage = docker instanceof Error ? docker.message : `docker has no image "${image}"`;
  if (executable) return viaProcess(executable, `${executable.path} is at hand (${executable.source}); ${withoutImage}`);

  const report = choice.report ?? (() => {});
  const pulled = docker instanceof Error ? docker : await docker.pull(image, report).catch(asFailure);
  if (!(docker instanceof Error) && !(pulled instanceof Error)) {
    return viaDocker(docker, image, `the image ${image} could be pulled`);
  }
  const obtained = await obtainExecutable(product, choice).catch(asFailure);
  if (!(obtained instanceof Error)) return viaProcess(obtained, `${obtained.path} was installed; ${withoutImage}`);
  // A file that was tampered with is not one more source that happens to be away.
  if (obtained.code !== 'engine_unavailable') throw obtained;
  throw new VaultproofError(
    'engine_unavailable',
    `"${product}" can be had neither from docker nor as an executable.\n` +
      `docker: ${pulled instanceof Error ? pulled.message : withoutImage}\nprocess: ${obtained.message}`,
    { details: { product }, cause: obtained },
  );
}

/** The image of a product: the option's, the environment's, or the vendor's own. */
export function imageFor(product: Product, choice: Pick<EngineChoice, 'image' | 'version'> = {}): string {
  const { image, version = defaultVersions[product] } = choice;
  return image ?? process.env[`VAULTPROOF_${product.toUpperCase()}_IMAGE`] ?? `hashicorp/${product}:${version}`;
}

function askedEngine(choice: EngineChoice): { engine: EngineName; by: string } | undefined {
  const { VAULTPROOF_ENGINE } = process.env;
  const [engine, by] =
    choice.engine === undefined ? [VAULTPROOF_ENGINE, 'VAULTPROOF_ENGINE'] : [choice.engine, 'the option "engine"'];
  if (engine === undefined || engine === '') {
    // Whoever names an executable or an image has chosen where it runs.
    if (choice.executable !== undefined) return { engine: 'process', by: 'the option "executable"' };
    if (choice.image !== undefined) return { engine: 'docker', by: 'the option "image"' };
    return undefined;
  }
  if (engine === 'docker' || engine === 'process') return { engine, by };
  throw new TypeError(`${by} must be "docker" or "process", not "${engine}"`);
}

async function askedDocker(product: Product, choice: EngineChoice, by: string): Promise<ChosenEngine> {
  const docker = await findDocker();
  const image = imageFor(product, choice);
  if (!(await docker.hasImage(image))) await docker.pull(image, choice.report ?? (() => {}));
  return viaDocker(docker, image, `${by} asks for it; docker ${docker.version}, image ${image}`);
}

function viaProcess(executable: Executable, reason: string): ChosenEngine {
  return { engine: processEngine(executable), reason: `process: ${reason}` };
}

async function viaDocker(docker: DockerApi, image: string, reason: string): Promise<ChosenEngine> {
  // testcontainers takes half a second to load, so it is loaded once it is needed.
  const { dockerEngine } = await import('./docker-engine.js');
  return { engine: dockerEngine(docker, image), reason: `docker: ${reason}` };
}

function asFailure(error: unknown): VaultproofError {
  if (error instanceof VaultproofError) return error;
  throw error;
}
