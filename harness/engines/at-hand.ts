import { UsageError, VaultproofError } from '../../errors/index.js';
import {
  defaultVersions,
  type Executable,
  type ExecutableOptions,
  findExecutable,
  namedVault,
  type Product,
  pathVariables,
  type Service,
  type VaultProduct,
} from '../binaries/index.js';
import { type DockerApi, findDocker } from './docker/find-docker.js';
import type { EngineName } from './engine.js';

/** What decides where a server runs. */
export interface EngineChoice
  extends Pick<ExecutableOptions, 'executable' | 'version' | 'wheel' | 'report' | 'signal'> {
  /**
   * `vault`: HashiCorp's Vault or OpenBao; default VAULTPROOF_VAULT_PRODUCT, else what the executable or the image is,
   * else Vault, for which OpenBao stands in where Vault would have to be built.
   */
  readonly product?: VaultProduct | undefined;
  /** Default VAULTPROOF_ENGINE, else whichever is at hand. */
  readonly engine?: EngineName | undefined;
  /** Default VAULTPROOF_VAULT_IMAGE or VAULTPROOF_CONSUL_IMAGE, else the vendor's image of the version. */
  readonly image?: string | undefined;
}

/** A server that is at hand, and where it runs. */
export type ServerAtHand = { readonly product: Product; readonly reason: string } & (
  | { readonly engine: 'docker'; readonly docker: DockerApi; readonly image: string }
  | { readonly engine: 'process'; readonly executable: Executable }
);

/** A server that has to be obtained, and what may do. */
export interface ServerToObtain {
  readonly engine: undefined;
  readonly product: Product;
  /** The product that may stand in for it where it would have to be built. */
  readonly standIn: Product | undefined;
  /** The engine that was asked for. */
  readonly asked: EngineName | undefined;
  readonly docker: DockerApi | undefined;
  /** The image of a product. */
  readonly imageOf: (product: Product) => string;
  /** Why nothing is at hand. */
  readonly reason: string;
}

/**
 * Decides where a server runs, and obtains nothing: Docker where an API answers and the image is local; else a process
 * where an executable is at hand; else it has to be obtained. An option or VAULTPROOF_ENGINE leaves no choice.
 * @throws VaultproofError `docker_unavailable` when Docker was asked for, and what a bad explicit executable throws
 * @throws TypeError when VAULTPROOF_ENGINE, VAULTPROOF_VAULT_PRODUCT or their options have another value
 */
export async function decideEngine(
  service: Service,
  choice: EngineChoice = {},
): Promise<ServerAtHand | ServerToObtain> {
  const asked = askedEngine(service, choice);
  const { product, standIn } = await askedProduct(service, choice, asked?.engine);
  const imageOf = (one: Product): string => askedImage(service, choice) ?? vendorImage(one, choice.version);

  const why = asked && `${asked.by} asks for it`;
  const image = imageOf(product);
  const [found, executable] = await Promise.all([
    asked?.engine === 'process' ? `${asked.by} asks for it` : dockerOr(image, asked?.engine === 'docker'),
    asked?.engine === 'docker' ? undefined : findExecutable(product, choice),
  ]);
  if (typeof found !== 'string' && found.hasImage) {
    const reason = why === undefined ? `docker ${found.docker.version} answers and has the image` : `${why},`;
    return { product, engine: 'docker', docker: found.docker, image, reason: `docker: ${reason} ${image}` };
  }
  const docker = typeof found === 'string' ? undefined : found.docker;
  const reason = docker ? `docker ${docker.version} answers without the image ${image}` : String(found);
  if (executable) return processAtHand(executable, why ?? reason);
  return { engine: undefined, product, standIn, asked: asked?.engine, docker, imageOf, reason };
}

/** A server that is at hand as an executable, and why it is not in Docker. */
export function processAtHand(executable: Executable, why: string): ServerAtHand {
  const { product, path, source } = executable;
  return { product, engine: 'process', executable, reason: `process: ${path} (${source}); ${why}` };
}

const repositories: Record<Product, string> = {
  vault: 'hashicorp/vault',
  openbao: 'openbao/openbao',
  consul: 'hashicorp/consul',
};

/** The vendor's image of a product; the default version by default. */
export function vendorImage(product: Product, version = defaultVersions[product]): string {
  return `${repositories[product]}:${version}`;
}

function askedImage(service: Service, { image }: EngineChoice): string | undefined {
  return image ?? (process.env[`VAULTPROOF_${service.toUpperCase()}_IMAGE`] || undefined);
}

/** The product that the option, VAULTPROOF_VAULT_PRODUCT, the executable or the image's name asks for. */
async function askedProduct(
  service: Service,
  choice: EngineChoice,
  engine: EngineName | undefined,
): Promise<{ readonly product: Product; readonly standIn?: Product }> {
  if (service === 'consul') return { product: 'consul' };
  // An option comes before a variable: an executable is what it says that it is.
  const variable = choice.executable === undefined ? process.env['VAULTPROOF_VAULT_PRODUCT'] || undefined : undefined;
  const asked = choice.product ?? variable;
  if (asked === 'vault' || asked === 'openbao') return { product: asked };
  if (asked !== undefined) {
    const by = choice.product === undefined ? 'VAULTPROOF_VAULT_PRODUCT' : 'the option "product"';
    throw new UsageError(`${by} must be "vault" or "openbao", not "${asked}"`);
  }
  if (engine !== 'docker') {
    const named = await namedVault(choice);
    if (named) return { product: named.product };
  }
  const image = askedImage(service, choice);
  if (image !== undefined) return { product: /(^|\/)openbao[^/]*$/.test(image) ? 'openbao' : 'vault' };
  // A version is one of Vault's, and no image is ever built.
  return choice.version !== undefined || engine === 'docker'
    ? { product: 'vault' }
    : { product: 'vault', standIn: 'openbao' };
}

function askedEngine(service: Service, choice: EngineChoice): { engine: EngineName; by: string } | undefined {
  if (choice.engine !== undefined) {
    return { engine: engineName(choice.engine, 'the option "engine"'), by: 'the option "engine"' };
  }
  // An executable or an image says where it runs.
  if (choice.executable !== undefined) return { engine: 'process', by: 'the option "executable"' };
  if (choice.image !== undefined) return { engine: 'docker', by: 'the option "image"' };
  const { VAULTPROOF_ENGINE } = process.env;
  if (VAULTPROOF_ENGINE) return { engine: engineName(VAULTPROOF_ENGINE, 'VAULTPROOF_ENGINE'), by: 'VAULTPROOF_ENGINE' };
  const path = pathVariables[service];
  return process.env[path] ? { engine: 'process', by: path } : undefined;
}

function engineName(value: string, by: string): EngineName {
  if (value === 'docker' || value === 'process') return value;
  throw new UsageError(`${by} must be "docker" or "process", not "${value}"`);
}

/** Docker, and whether it has an image; or why there is none, which is an error where it was asked for. */
async function dockerOr(
  image: string,
  asked: boolean,
): Promise<{ readonly docker: DockerApi; readonly hasImage: boolean } | string> {
  try {
    const docker = await findDocker();
    return { docker, hasImage: await docker.hasImage(image) };
  } catch (error) {
    if (asked || !(error instanceof VaultproofError)) throw error;
    return error.message;
  }
}
