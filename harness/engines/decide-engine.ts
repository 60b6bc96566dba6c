import { VaultproofError, WrongUse } from '../../errors/index.js';
import {
  defaultVersions,
  type Executable,
  type ExecutableOptions,
  findExecutable,
  type Product,
  pathVariables,
  type Service,
  type VaultProduct,
} from '../binaries/index.js';
import { type DockerApi, findDocker } from './docker/docker-api.js';
import type { EngineName } from './engine.js';

/** What decides where a server runs. */
export interface EngineChoice extends Pick<ExecutableOptions, 'executable' | 'version' | 'report' | 'signal'> {
  /** `vault`: which of the two; default VAULTPROOF_VAULT_PRODUCT, else what the executable or the image is. */
  readonly product?: VaultProduct;
  /** Default VAULTPROOF_ENGINE, else whichever is at hand. */
  readonly engine?: EngineName;
  /** Default VAULTPROOF_VAULT_IMAGE or VAULTPROOF_CONSUL_IMAGE, else `hashicorp/<product>:<version>`. */
  readonly image?: string;
}

/** Where a server is going to run, and what has to be obtained first. */
export type EngineDecision = { readonly product: Product; readonly asked: boolean; readonly reason: string } & (
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
export async function decideEngine(service: Service, choice: EngineChoice = {}): Promise<EngineDecision> {
  const asked = askedEngine(service, choice);
  const product = await askedProduct(service, choice);
  const image = imageFor(product, choice);
  if (asked?.engine === 'docker') {
    const docker = await findDocker();
    const pull = !(await docker.hasImage(image));
    return {
      product,
      asked: true,
      engine: 'docker',
      docker,
      image,
      pull,
      reason: `docker: ${asked.by} asks for it, ${image}`,
    };
  }
  if (asked?.engine === 'process') {
    const executable = await findExecutable(product, choice);
    return viaProcess(product, true, executable, `${asked.by} asks for it`);
  }

  const [found, executable] = await Promise.all([
    findDocker()
      .then(async (docker) => ({ docker, hasImage: await docker.hasImage(image) }))
      .catch(asFailure),
    findExecutable(product, choice),
  ]);
  if (found instanceof Error) return viaProcess(product, false, executable, found.message);
  const { docker, hasImage } = found;
  const withDocker = { product, asked: false, engine: 'docker', docker, image } as const;
  if (hasImage) {
    return { ...withDocker, pull: false, reason: `docker: ${docker.version} answers and has the image ${image}` };
  }
  const withoutImage = `docker ${docker.version} answers without the image ${image}`;
  if (executable) return viaProcess(product, false, executable, withoutImage);
  return { ...withDocker, pull: true, reason: `docker: ${withoutImage}, to be pulled` };
}

const repositories: Record<Product, string> = {
  vault: 'hashicorp/vault',
  openbao: 'openbao/openbao',
  consul: 'hashicorp/consul',
};

/** The image of a product: the option's, the environment's, or the vendor's own. */
function imageFor(product: Product, choice: EngineChoice): string {
  const { version = defaultVersions[product] } = choice;
  return askedImage(product === 'consul' ? 'consul' : 'vault', choice) ?? `${repositories[product]}:${version}`;
}

function askedImage(service: Service, { image }: EngineChoice): string | undefined {
  return image ?? (process.env[`VAULTPROOF_${service.toUpperCase()}_IMAGE`] || undefined);
}

/** The product that the option, VAULTPROOF_VAULT_PRODUCT, the executable or the image's name asks for. */
async function askedProduct(service: Service, choice: EngineChoice): Promise<Product> {
  if (service === 'consul') return 'consul';
  const { VAULTPROOF_VAULT_PRODUCT } = process.env;
  const [product, by] =
    choice.product === undefined
      ? [VAULTPROOF_VAULT_PRODUCT || undefined, 'VAULTPROOF_VAULT_PRODUCT']
      : [choice.product, 'the option "product"'];
  if (product === 'vault' || product === 'openbao') return product;
  if (product !== undefined) throw new WrongUse(`${by} must be "vault" or "openbao", not "${product}"`);
  if (/(^|\/)openbao[^/]*$/.test(askedImage(service, choice) ?? '')) return 'openbao';
  if (choice.executable === undefined && !process.env[pathVariables.vault]) return 'vault';
  return findExecutable('vault', choice).then(
    () => 'vault',
    (error: unknown) => {
      if (error instanceof VaultproofError && error.details['found'] === 'openbao') return 'openbao';
      throw error;
    },
  );
}

function askedEngine(service: Service, choice: EngineChoice): { engine: EngineName; by: string } | undefined {
  if (choice.engine !== undefined)
    return { engine: engineName(choice.engine, 'the option "engine"'), by: 'the option "engine"' };
  // Whoever names an executable or an image has chosen where it runs.
  if (choice.executable !== undefined) return { engine: 'process', by: 'the option "executable"' };
  if (choice.image !== undefined) return { engine: 'docker', by: 'the option "image"' };
  const { VAULTPROOF_ENGINE } = process.env;
  if (VAULTPROOF_ENGINE) return { engine: engineName(VAULTPROOF_ENGINE, 'VAULTPROOF_ENGINE'), by: 'VAULTPROOF_ENGINE' };
  const path = pathVariables[service];
  return process.env[path] ? { engine: 'process', by: path } : undefined;
}

function engineName(value: string, by: string): EngineName {
  if (value === 'docker' || value === 'process') return value;
  throw new WrongUse(`${by} must be "docker" or "process", not "${value}"`);
}

function viaProcess(
  product: Product,
  asked: boolean,
  executable: Executable | undefined,
  withoutDocker: string,
): EngineDecision {
  const how = executable ? `${executable.path} (${executable.source})` : 'an executable is to be obtained';
  return { product, asked, engine: 'process', executable, withoutDocker, reason: `process: ${how}; ${withoutDocker}` };
}

function asFailure(error: unknown): VaultproofError {
  if (error instanceof VaultproofError) return error;
  throw error;
}
