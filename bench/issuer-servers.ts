import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const LOAD_MS = 500;
const LOAD_TIMEOUT_MS = 120_000;
/** The form that a client asks for a token with. */
export const TOKEN_REQUEST = 'grant_type=client_credentials&client_id=bench&client_secret=bench';

/** A server in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  /** The heap that it holds after a garbage collection, in MB. */
  heap(): Promise<number>;
}

/** What issuer-server-child.ts starts. */
export type ServerKind = 'vaultproof' | 'bytes' | 'by-hand' | 'oauth2-mock-server';

/**
 * Starts a server in a process of its own, which ends with this one.
 * @param detail the algorithm, or the bytes to serve
 */
export async function startServer(kind: ServerKind, detail: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--expose-gc', childFile('issuer-server-child.js'), kind, detail], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the server "${kind}" ended`);
    return value;
  };
  return {
    url: await line(),
    heap: async () => {
      child.stdin.write('\n');
      return Number(await line());
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      await exited;
    },
  };
}

/** How long a load goes on; both are limits. */
export interface LoadLimits {
  readonly milliseconds?: number;
  readonly count?: number;
}

/**
 * Has a process of its own ask a server for the same thing over eight connections.
 * @param form what to POST; default nothing, with GET
 * @returns the answers per second
 */
export async function load(url: string, form = '', limits: LoadLimits = {}): Promise<number> {
  const { milliseconds = LOAD_MS, count = 1_000_000 } = limits;
  const args = [childFile('issuer-load-child.js'), url, form, String(milliseconds), String(count)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LOAD_TIMEOUT_MS });
  return Number(stdout);
}

function childFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
