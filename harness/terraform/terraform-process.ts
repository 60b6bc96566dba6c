import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../internal/json.js';
import { runGuarded } from '../guardian/index.js';

/** An apply that waits this long waits for something that does not come. */
const LIMIT_MS = 60 * 60_000;
/** A plan of 10,000 resources has a tenth of that. */
const MOST_MEBIBYTES = 256;

/** One call of Terraform. */
interface TerraformCall {
  /** The executable's path. */
  readonly path: string;
  readonly args: readonly string[];
  /** The run's own, for what is temporary. */
  readonly folder: string;
  /** Where it runs; default `folder`. */
  readonly workingFolder?: string | undefined;
  /** The whole environment, except TMPDIR. */
  readonly env: Readonly<Record<string, string>>;
  /** Interrupts it, as Ctrl-C does. */
  readonly signal: AbortSignal;
  /** How long it may take to end after that, in milliseconds; then it is killed with all that it started. */
  readonly graceMs: number;
  /** Receives standard output, line by line. */
  readonly onLine?: (line: string) => void;
}

/** How a call ended. */
export interface TerraformEnd {
  /** `undefined` when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs Terraform to its end. When the signal aborts, Terraform gets one SIGINT: it lets the operations under way end,
 * writes the state, gives the lock back and ends. It and its providers are killed when this process is, and after an hour.
 */
export async function runTerraform({
  folder,
  workingFolder = folder,
  env,
  graceMs,
  ...call
}: TerraformCall): Promise<TerraformEnd> {
  call.signal.throwIfAborted();
  // The sockets of its providers go with the folder.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary, { recursive: true });
  const { exitCode, trouble, stdout, stderr } = await runGuarded({
    ...call,
    cwd: workingFolder,
    env: { ...env, TMPDIR: temporary },
    limitMs: LIMIT_MS,
    mostMebibytes: MOST_MEBIBYTES,
    interruptFirst: graceMs,
  });
  return { exitCode, stdout, stderr: trouble === undefined ? stderr : `${stderr}\n${call.path} ${trouble}`.trim() };
}

/** What Terraform says of an error or a warning, in its own and the provider's words. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  /** The resource that it is about. */
  readonly address: string | undefined;
}

/** A step of an apply that begins, goes on, ends or fails. */
export interface ResourceEvent {
  readonly type: 'apply_start' | 'apply_progress' | 'apply_complete' | 'apply_errored';
  readonly address: string;
  readonly action: string;
  /** Terraform's own line. */
  readonly message: string;
}

/** One message of interest; the others are undefined. */
type UiMessage =
  | { readonly kind: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly kind: 'resource'; readonly event: ResourceEvent };

const EVENTS: readonly string[] = ['apply_start', 'apply_progress', 'apply_complete', 'apply_errored'];

/**
 * Reads one line of what a command with `-json` prints. The snippet of a diagnostic is left out: it is the configuration's
 * text, all of it where that is one line.
 * @returns undefined for what is not of interest, and for what is no JSON
 * @see https://developer.hashicorp.com/terraform/internals/machine-readable-ui
 */
export function readUiMessage(line: string): UiMessage | undefined {
  const message = parse(line);
  if (!message) return undefined;
  const { type, diagnostic, hook } = message;
  if (type === 'diagnostic' && isRecord(diagnostic)) {
    const { severity, summary, detail, address } = diagnostic;
    return {
      kind: 'diagnostic',
      diagnostic: {
        severity: severity === 'warning' ? 'warning' : 'error',
        summary: String(summary ?? ''),
        detail: String(detail ?? ''),
        address: typeof address === 'string' ? address : undefined,
      },
    };
  }
  const resource = isRecord(hook) ? hook['resource'] : undefined;
  if (!EVENTS.includes(String(type)) || !isRecord(hook) || !isRecord(resource)) return undefined;
  return {
    kind: 'resource',
    event: {
      type: type as ResourceEvent['type'],
      address: String(resource['addr']),
      action: String(hook['action']),
      message: String(message['@message'] ?? ''),
    },
  };
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
