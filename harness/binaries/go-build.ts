import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VaultproofError } from '../../errors/index.js';
import { runGuarded } from '../guardian/index.js';
import type { Workplace } from './install.js';
import { defaultVersions, hostPlatform, isOlder, type Product } from './products.js';
import { clientEnvironment, progressOf, type Settings } from './settings.js';

/** On one slow core Vault in full takes an hour. */
const LIMIT_MS = 3 * 3_600_000;

/** What is built, by product: OpenBao is no Go module, as its own go.mod replaces parts of it by folders. */
const mainPackages: Record<Exclude<Product, 'openbao'>, string> = {
  vault: 'github.com/hashicorp/vault',
  consul: 'github.com/hashicorp/consul',
};

/** Packages of Go itself that both servers are made of: they are compiled while the modules come in. */
const ownPackages = ['net/http', 'database/sql', 'encoding/xml', 'encoding/gob', 'text/template', 'go/format'];

/**
 * Without optimisations the compiler needs half the time. Vault's own build tag `minimal` leaves out plugins whose SDKs take most
 * of the rest.
 */
export const compilerFlags = ['-trimpath', '-buildvcs=false', '-gcflags=all=-N -l'];

/**
 * Optimises Go's own packages. Without that a third of a Vault's start is arithmetic for a key of P-521; Consul has none, and is built
 * half a minute sooner without.
 * @see https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies, the last pattern that matches a package decides
 */
const OPTIMISED_STANDARD_LIBRARY = '-gcflags=std=';

/** Folder with the go.mod and go.sum from which a product's default version is built. */
export function moduleFolder(product: Product): string {
  return fileURLToPath(new URL(`./go/${product}/`, import.meta.url));
}

/** The oldest Go that the go.mod in `folder` allows: its `go` line, "1.25.3" (go.dev/ref/mod#go-mod-file-go). */
export async function requiredGo(folder: string): Promise<string> {
  const goMod = await readFile(join(folder, 'go.mod'), 'utf8');
  const [, version = '1.21', patch = '.0'] = /^go (\d+\.\d+)(\.\d+)?/m.exec(goMod) ?? [];
  return version + patch;
}

/** Whether the Go client on PATH can build something. */
export type Toolchain =
  | { readonly status: 'found'; readonly version: string }
  | { readonly status: 'absent' | 'unusable'; readonly reason: string };

/**
 * Whether the wanted version can be built here: only the default one has a go.mod, and the `go` on PATH must be new
 * enough for it.
 */
export async function findToolchain({ product, version, signal }: Settings, folder: string): Promise<Toolchain> {
  if (product === 'openbao' || version !== defaultVersions[product]) {
    const only = product === 'openbao' ? 'vault and consul' : `${product} ${defaultVersions[product]}`;
    const not = product === 'openbao' ? product : version;
    return { status: 'unusable', reason: `only ${only} can be built from Go modules, not ${not}` };
  }
  return findGo(await requiredGo(folder), signal);
}

/**
 * Asks the `go` on PATH for its version (`go version`, go.dev/doc/toolchain), and holds it against `required`, the `go`
 * line of a go.mod ("1.25.3"). No toolchain is downloaded.
 */
export async function findGo(required: string, signal?: AbortSignal): Promise<Toolchain> {
  const { exitCode, trouble, missing, stdout } = await runGuarded({
    path: 'go',
    args: ['version'],
    // Outside any module, and with the local toolchain, so that Go fetches no other.
    cwd: '/',
    env: { ...clientEnvironment(['GO']), GOTOOLCHAIN: 'local' },
    limitMs: 10_000,
    signal,
  });
  if (missing) {
    return { status: 'absent', reason: `no "go" on PATH: install Go ${required} or newer (https://go.dev/dl)` };
  }
  const [, found, patch = '.0'] = /\bgo(\d+\.\d+)(\.\d+)?/.exec(exitCode === 0 ? stdout : '') ?? [];
  if (found === undefined) {
    return { status: 'unusable', reason: `"go version" ${trouble ?? `failed (${exitCode})`}` };
  }
  if (isOlder(found + patch, required)) {
    const reason = `Go ${found}${patch} is too old: install Go ${required} or newer (https://go.dev/dl)`;
    return { status: 'unusable', reason };
  }
  return { status: 'found', version: found + patch };
}

/** How a build is done. */
export interface GoBuild {
  /** Folder with the go.mod and go.sum; it is copied, and not written to. */
  readonly folder: string;
  /** Version of the Go client, for the progress line. */
  readonly goVersion: string;
}

/**
 * Builds a server with the plain Go client into `workplace.target`, statically linked and without symbols. Go checks
 * what it downloads against the go.sum of `build.folder`. On two cores and from nothing it takes some 5
 * minutes, Vault in full ({@link Settings.full}) twice that; what Go has compiled when it is interrupted is kept in its cache.
 *
 * @throws VaultproofError `build_failed` with the end of Go's output
 */
export async function buildModule(settings: Settings, workplace: Workplace, build: GoBuild): Promise<void> {
  const { product } = settings;
  if (product === 'openbao') throw new Error('there is no go.mod of openbao');
  const target = mainPackages[product];
  const cwd = join(workplace.scratch, 'module');
  await cp(build.folder, cwd, { recursive: true });
  const { os, arch } = hostPlatform();
  const env = {
    GOGC: '400',
    ...clientEnvironment(['GO']),
    // Go's own work folder, so that it goes with ours when the build is killed.
    GOTMPDIR: workplace.scratch,
    ...{ CGO_ENABLED: '0', GO111MODULE: 'on', GOWORK: 'off', GOOS: os, GOARCH: arch },
  };
  const compiler = product === 'vault' ? [...compilerFlags, OPTIMISED_STANDARD_LIBRARY] : compilerFlags;
  const flags = ['-mod=readonly', ...compiler, ...(isMinimal(settings) ? ['-tags', 'minimal'] : [])];
  const progress = buildProgress(settings, build.goVersion);
  const failed = new AbortController();
  const go = async (args: readonly string[], more: Record<string, string> = {}): Promise<readonly string[]> => {
    const output: string[] = [];
    const onLine = (line: string): void => {
      if (progress.read(line)) return;
      output.push(line);
      if (output.length > 20) output.shift();
    };
    const { exitCode, trouble } = await runGuarded({
      path: 'go',
      args,
      cwd,
      env: { ...env, ...more },
      limitMs: LIMIT_MS,
      signal: AbortSignal.any([workplace.signal, failed.signal]),
      onLine,
      onErrorLine: onLine,
      forget: true,
    });
    if (trouble !== undefined) output.push(`"go" ${trouble}`);
    if (exitCode !== 0) throw buildFailed(settings, exitCode, output);
    return output;
  };

  // Downloads are many and small: more of them at a time than there are cores. What `go list` says of each package is
  // whether it has to be compiled.
  const listing = go(['list', ...flags, '-deps', '-f', '{{if not .Standard}}stale={{.Stale}}{{end}}', target], {
    GOMAXPROCS: '16',
  });
  const together = [listing, go(['build', ...compiler, ...ownPackages])].map((running) =>
    running.catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  // When one fails, the other is killed before anything is removed under it.
  await Promise.allSettled(together);
  await Promise.all(together);
  progress.compiling();
  await go(['build', ...flags, '-v', '-ldflags', '-s -w', '-o', workplace.target, target]);
  progress.done();
}

/** Whether a build leaves out the plugins that Vault's build tag `minimal` leaves out. */
export function isMinimal({ product, full }: Settings): boolean {
  return product === 'vault' && !full;
}

function buildFailed(
  { product, version }: Settings,
  exitCode: number | undefined,
  output: readonly string[],
): VaultproofError {
  const text = output.join('\n');
  const how = exitCode === undefined ? 'killed' : `exit code ${exitCode}`;
  return new VaultproofError(
    'build_failed',
    `building ${product} ${version} from Go modules failed (${how}): ${remedyFor(text)}, ` +
      `or put a ${product} executable on PATH\n${text}`,
    { details: { product, version, exitCode, output: text } },
  );
}

/** The compiler's child processes report the kernel's "signal: killed"; a full disk is told in the system's own words. */
function remedyFor(output: string): string {
  if (/signal: killed/.test(output)) {
    return 'the kernel killed a compiler, as it does when memory runs out; free about 2 GiB, set GOFLAGS=-p=1';
  }
  if (/no space left on device/.test(output)) {
    return 'a disk is full; make room for about 6 GB in what "go env GOCACHE GOMODCACHE" and VAULTPROOF_CACHE_DIR name';
  }
  return 'correct what Go says';
}

/** Says how far a build is. */
interface BuildProgress {
  /** Takes a line of Go's output; returns whether it is progress, and nothing that Go has to say. */
  read(line: string): boolean;
  /** All modules are there, and it is known how many packages have to be compiled. */
  compiling(): void;
  done(): void;
}

/** What Go has in its own caches is not counted. The time that is left is taken from the packages so far. */
function buildProgress({ product, version, report, full }: Settings, goVersion: string): BuildProgress {
  const what = `building ${product} ${version}${product === 'vault' && full ? ' in full' : ''} from Go modules`;
  let say = progressOf(report);
  const startedAt = performance.now();
  let compilingSince = startedAt;
  let modules = 0;
  let stale = 0;
  let compiled = 0;
  const line = (): string => {
    if (compilingSince === startedAt) return `${what}: ${number(modules)} modules downloaded`;
    const share = Math.min(1, compiled / Math.max(stale, 1));
    const elapsed = performance.now() - compilingSince;
    const left = share < 0.02 ? '' : `, ${duration((elapsed * (1 - share)) / share)} left`;
    return `${what}: ${Math.floor(share * 100)} % of ${number(stale)} packages${left}`;
  };
  report(`${what} with Go ${goVersion}: some minutes, once`);
  return {
    read(output) {
      if (output.startsWith('go: downloading ')) modules += 1;
      else if (output === 'stale=true') stale += 1;
      // -v names each package on a line of its own; anything else has spaces or is a "# package" heading.
      else if (/^[\w.~/+-]+$/.test(output)) compiled += isStandard(output) ? 0 : 1;
      else return output === 'stale=false' || output === '';
      say(line());
      return true;
    },
    compiling() {
      compilingSince = performance.now();
      say = progressOf(report);
      say(line());
    },
    done() {
      report(`built ${product} ${version} in ${duration(performance.now() - startedAt)}`);
    },
  };
}

/** Whether a package is Go's own: the first part of any other's path is a host name. */
function isStandard(path: string): boolean {
  return !path.split('/', 1)[0]?.includes('.');
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
