import { VaultproofError, WrongUse } from '../../errors/index.js';
import {
  defaultVersions,
  type Executable,
  type ExecutableOptions,
  findExecutable,
  type Product,
  pathVariables,
} from '../binaries/index.js';
import { type DockerApi, findDocker } from './docker/docker-api.js';
import type { EngineName } from './engine.js';

/** What decides where a server runs. */
export interface EngineChoice extends Pick<ExecutableOptions, 'executable' | 'version' | 'report' | 'signal'> {
  /** Default VAULTPROOF_ENGINE, else whichever is at hand. */
  readonly engine?: EngineName;
  /** Default VAULTPROOF_VAULT_IMAGE or VAULTPROOF_CONSUL_IMAGE, else `hashicorp/<product>:<version>`. */
  readonly image?: string;
}

/** Where a server is going to run, and what has to be obtained first. */
export type EngineDecision = { readonly asked: boolean; readonly reason: string } & (
  | { readonly engine: 'docker'; readonly docker: DockerApi; readonly image: string; readonly pull: boolean }
  | { readonly engine: 'process'; readonly executable: Executable | undefined; readonly withoutDocker: string }
);

/**
 * Decides where a server runs, and obtains nothing: Docker where an API answers and the image is local; else a process
 * where an executable is at hand; else a pull where Docker answers; else a process with an executable to be obtained.
 * An option or VAULTPROOF_ENGINE leaves no choice.
 * @throws VaultproofError `docker_unavailable` when Docker was asked for, and what a bad explicit executable throws
 * @throws TypeError when VAULTPROOF_ENGINE or the option is neither "docker" nor "process"
 */
export async function decideEngine(product: Product, choice: EngineChoice = {}): Promise<EngineDecision> {
  const image = imageFor(product, choice);
  const asked = askedEngine(product, choice);
  if (asked?.engine === 'docker') {
    const docker = await findDocker();
    const pull = !(await docker.hasImage(image));
    return { asked: true, engine: 'docker', docker, image, pull, reason: `docker: ${asked.by} asks for it, ${image}` };
  }
  if (asked?.engine === 'process') {
    const executable = await findExecutable(product, choice);
    return viaProcess(true, executable, `${asked.by} asks for it`);
  }

  const [found, executable] = await Promise.all([
    findDocker()
      .then(async (docker) => ({ docker, hasImage: await docker.hasImage(image) }))
      .catch(asFailure),
    findExecutable(product, choice),
  ]);
  if (found instanceof Error) return viaProcess(false, executable, found.message);
  const { docker, hasImage } = found;
  const withDocker = { asked: false, engine: 'docker', docker, image } as const;
  if (hasImage) {
    return { ...withDocker, pull: false, reason: `docker: ${docker.version} answers and has the image ${image}` };
  }
  const withoutImage = `docker ${docker.version} answers without the image ${image}`;
  if (executable) return viaProcess(false, executable, withoutImage);
  return { ...withDocker, pull: true, reason: `docker: ${withoutImage}, to be pulled` };
}

/** The image of a product: the option's, the environment's, or the vendor's own. */
function imageFor(product: Product, choice: EngineChoice): string {
  const { image, version = defaultVersions[product] } = choice;
  return image ?? (process.env[`VAULTPROOF_${product.toUpperCase()}_IMAGE`] || `hashicorp/${product}:${version}`);
}

function askedEngine(product: Product, choice: EngineChoice): { engine: EngineName; by: string } | undefined {
  if (choice.engine !== undefined)
    return { engine: engineName(choice.engine, 'the option "engine"'), by: 'the option "engine"' };
  // Whoever names an executable or an image has chosen where it runs.
  if (choice.executable !== undefined) return { engine: 'process', by: 'the option "executable"' };
  if (choice.image !== undefined) return { engine: 'docker', by: 'the option "image"' };
  const { VAULTPROOF_ENGINE } = process.env;
  if (VAULTPROOF_ENGINE) return { engine: engineName(VAULTPROOF_ENGINE, 'VAULTPROOF_ENGINE'), by: 'VAULTPROOF_ENGINE' };
  const path = pathVariables[product];
  return process.env[path] ? { engine: 'process', by: path } : undefined;
}

function engineName(value: string, by: string): EngineName {
  if (value === 'docker' || value === 'process') return value;
  throw new WrongUse(`${by} must be "docker" or "process", not "${value}"`);
}

function viaProcess(asked: boolean, executable: Executable | undefined, withoutDocker: string): EngineDecision {
  const how = executable ? `${executable.path} (${executable.source})` : 'an executable is to be obtained';
  return { asked, engine: 'process', executable, withoutDocker, reason: `process: ${how}; ${withoutDocker}` };
}

function asFailure(error: unknown): VaultproofError {
  if (error instanceof VaultproofError) return error;
  throw error;
}
