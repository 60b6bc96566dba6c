import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../../internal/atomic-file.js';
import { Mutex } from '../../internal/mutex.js';
import type { Issuer, TokenBuilder } from '../issuer.js';
import { decodeToken } from './decode.js';

const CHECK_EVERY_MS = 1_000;
/** The kubelet's own share of a token's life, after which it makes another. */
const REFRESH_AT = 0.8;

/** How a token file is kept. */
export interface TokenFileOptions {
  /** Called with why the file could not be written again; it is tried again. Default: ignored. */
  readonly warn?: ((message: string) => void) | undefined;
  /** How often the issuer's clock is looked at, since it can be moved; default 1000 ms. */
  readonly checkEveryMs?: number | undefined;
}

/** A file with a token that does not expire while it is kept. */
export interface TokenFile extends AsyncDisposable {
  readonly path: string;
  /** Writes a fresh token now. */
  refresh(): Promise<void>;
  /** Removes the file; idempotent. */
  stop(): Promise<void>;
}

/**
 * Keeps a token in a file, as the kubelet and spiffe-helper do: for its owner alone (0600), replaced by one rename when
 * 80% of its life are over by the issuer's clock. The folder is made if need be. The timer does not keep the process alive.
 *
 * @example
 * await using file = await keepTokenFile(issuer, serviceAccount({ namespace, serviceAccount: 'app' }), path);
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#serviceaccount-token-volume-projection
 */
export async function keepTokenFile(
  issuer: Pick<Issuer, 'sign' | 'clock'>,
  token: TokenBuilder,
  path: string,
  { warn = () => {}, checkEveryMs = CHECK_EVERY_MS }: TokenFileOptions = {},
): Promise<TokenFile> {
  let issuedAt = 0;
  let refreshAt = 0;
  let stopped = false;
  const writing = new Mutex();
  const write = async (): Promise<void> => {
    if (stopped) return;
    const jwt = await issuer.sign(token);
    await writeFileAtomically(path, jwt, { mode: 0o600 });
    const { iat, exp } = decodeToken(jwt).claims;
    issuedAt = Number(iat ?? issuer.clock.now());
    refreshAt = exp === undefined ? Number.POSITIVE_INFINITY : issuedAt + (Number(exp) - issuedAt) * REFRESH_AT;
  };
  // One after the other, so that stop() removes what the last one wrote.
  const refresh = (): Promise<void> => writing.run(write);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await refresh();
  let isChecking = false;
  const timer = setInterval(() => {
    const now = issuer.clock.now();
    // A clock that was moved back starts again from there.
    if (isChecking || (now >= issuedAt && now < refreshAt)) return;
    isChecking = true;
    refresh()
      .catch((error: unknown) => warn(`the token file could not be written: ${String(error)}`))
      .finally(() => {
        isChecking = false;
      });
  }, checkEveryMs);
  timer.unref();
  const stop = async (): Promise<void> => {
    stopped = true;
    clearInterval(timer);
    await writing.idle();
    await rm(path, { force: true });
  };
  return { path, refresh, stop, [Symbol.asyncDispose]: stop };
}
