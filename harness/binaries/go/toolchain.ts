import { tmpdir } from 'node:os';
import { goEnvironment } from '../environment.js';
import { isOlder } from '../versions.js';

/** Whether the Go client on PATH can build something. */
export type Toolchain =
  | { readonly status: 'found'; readonly version: string }
  | { readonly status: 'absent' | 'unusable'; readonly reason: string };

/**
 * Asks the `go` on PATH for its version (`go version`, go.dev/doc/toolchain), and holds it against `required`, the `go`
 * line of a go.mod ("1.25.3"). No toolchain is downloaded.
 */
export async function findToolchain(required: string, signal?: AbortSignal): Promise<Toolchain> {
  const { execa } = await import('execa');
  const result = await execa('go', ['version'], {
    // Outside any module, and with the local toolchain, so that Go fetches no other.
    cwd: tmpdir(),
    env: { ...goEnvironment(), GOTOOLCHAIN: 'local' },
    extendEnv: false,
    stdin: 'ignore',
    timeout: 10_000,
    reject: false,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (result.failed && result.code === 'ENOENT') {
    return {
      status: 'absent',
      reason: `no "go" on PATH: install Go ${required} or newer (https://go.dev/dl)`,
    };
  }
  const [, version, patch = '.0'] = /\bgo(\d+\.\d+)(\.\d+)?/.exec(result.failed ? '' : result.stdout) ?? [];
  if (version === undefined) {
    return {
      status: 'unusable',
      reason: `"go version" failed (${result.exitCode ?? result.signal ?? result.code})`,
    };
  }
  if (isOlder(version + patch, required)) {
    return {
      status: 'unusable',
      reason: `Go ${version}${patch} is too old: install Go ${required} or newer (https://go.dev/dl)`,
    };
  }
  return { status: 'found', version: version + patch };
}
