import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { compilerFlags, findGo, requiredGo } from '../../harness/binaries/go-build.js';
import { clientEnvironment } from '../../harness/binaries/settings.js';

const FOLDER = fileURLToPath(new URL('go-verifier/', import.meta.url));

/** What two libraries say of a token: `ok`, or their words. */
export interface GoVerdict {
  readonly goJose: string;
  readonly golangJwt: string;
}

/** What is verified, and with which keys. */
export interface GoVerifierInput {
  /** Where the key set is fetched from. */
  readonly jwksUrl: string;
  /** For HS*. */
  readonly secret?: Uint8Array;
  /** Each with the one algorithm that may have signed it. */
  readonly tokens: readonly { readonly alg: string; readonly jwt: string }[];
}

/** Why the verifier can't be built here, for want of Go or of its modules; undefined where it can. */
export async function goIsMissing(): Promise<string | undefined> {
  const toolchain = await findGo(await requiredGo(FOLDER));
  if (toolchain.status !== 'found') return toolchain.reason;
  const { failed, stderr } = await go('mod', 'download');
  return failed ? `go mod download failed: ${stderr}` : undefined;
}

/**
 * Builds the verifier of test/support/go-verifier/ into a folder, as servers are built: what a build of one has left in Go's
 * cache is not compiled again, and the rest takes a minute.
 * @returns a function that runs it, with the verdicts in the tokens' order
 */
export async function buildGoVerifier(folder: string): Promise<(input: GoVerifierInput) => Promise<GoVerdict[]>> {
  const path = join(folder, 'verifier');
  const built = await go('build', '-mod=readonly', ...compilerFlags, '-o', path, '.');
  if (built.failed) throw new Error(`go build failed: ${built.stderr}`);
  return async ({ secret = new Uint8Array(), ...rest }) => {
    const input = JSON.stringify({ ...rest, secret: Buffer.from(secret).toString('base64url') });
    const { stdout } = await execa(path, [], { input, env: {}, extendEnv: false });
    return JSON.parse(stdout) as GoVerdict[];
  };
}

/** Go with what it needs of the user's environment, which doesn't decide where modules come from or how they are built. */
async function go(...args: readonly string[]): Promise<{ failed: boolean; stderr: string }> {
  const env = {
    ...clientEnvironment(['GO']),
    GOTOOLCHAIN: 'local',
    GO111MODULE: 'on',
    GOWORK: 'off',
    CGO_ENABLED: '0',
  };
  return execa('go', args, { cwd: FOLDER, env, extendEnv: false, stdin: 'ignore', reject: false });
}
