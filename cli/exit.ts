import { codeGroups, type ErrorCode, VaultproofError } from '../errors/index.js';

/** What the process ends with. */
export const exitCodes = {
  done: 0,
  proofFailed: 1,
  wrongUse: 2,
  noEnvironment: 3,
  interrupted: 130,
  closedPipe: 141,
} as const;

const environmentCodes: readonly ErrorCode[] = [
  ...codeGroups.executable,
  ...codeGroups.server,
  ...codeGroups.terraform,
  ...codeGroups.file,
  'impersonation_unsupported',
  'request_failed',
  'certificate_untrusted',
  'vault_sealed',
  'vault_standby',
  'no_leader',
];

const unreadableCodes: readonly ErrorCode[] = [
  'not_terraform_json',
  'vendor_url_invalid',
  'vendor_host_taken',
  ...codeGroups.configuration,
];

/**
 * 3 when a server or terraform could not be had or does not answer, 2 for a file or a URL that is not what it was named for,
 * 1 for anything else.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof VaultproofError) {
    if (unreadableCodes.includes(error.code)) return exitCodes.wrongUse;
    return environmentCodes.includes(error.code) ? exitCodes.noEnvironment : exitCodes.proofFailed;
  }
  return exitCodes.proofFailed;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The reason of what was given up because the user said so. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** What happens on Ctrl-C and its like, from the first moment of a command to its last. */
export interface Interruption {
  /** Aborts, with {@link Interrupted}, at the first signal: for a start, a download, a build. */
  readonly signal: AbortSignal;
  /** From now on a signal has `stop` awaited, and then ends the process with an exit code; default 130. */
  stopFirst(stop: () => Promise<void>, exitCode?: number): void;
  /** Hands signals to a command that runs inside, instead of ending. */
  passTo(receiver: (signal: NodeJS.Signals) => void): void;
}

/**
 * Handles signals for a command. A second Ctrl-C exits at once, and the guardian removes what is left. The handlers are
 * installed once: a signal that comes while one is exchanged for another is lost, or ends the process by itself.
 */
export function handleInterruption(): Interruption {
  const controller = new AbortController();
  let receive = (): void => {};
  let pass: ((signal: NodeJS.Signals) => void) | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (pass) return pass(signal);
      if (controller.signal.aborted) process.exit(exitCodes.interrupted);
      controller.abort(new Interrupted('interrupted'));
      receive();
    });
  }
  return {
    signal: controller.signal,
    stopFirst: (stop, exitCode = exitCodes.interrupted) => {
      const exit = (): never => process.exit(exitCode);
      receive = () => {
        stop().then(exit, exit);
      };
    },
    passTo: (receiver) => {
      pass = receiver;
    },
  };
}

/** Keeps the process alive until a signal ends it, or until something fails that is to last as long. */
export async function forever(unless?: Promise<never>): Promise<never> {
  const timer = setInterval(() => {}, 2 ** 30);
  try {
    return await (unless ?? new Promise<never>(() => {}));
  } finally {
    clearInterval(timer);
  }
}
