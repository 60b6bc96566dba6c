import { setTimeout as delay } from 'node:timers/promises';
import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { withoutPasswords } from '../../internal/redaction.js';
import type { VaultBody } from './vault-api.js';

/** A Vault whose log can be read. */
interface LoggingVault {
  /** Sends a request with a token that may read `sys/auth`. */
  readonly request: (method: string, path: string) => Promise<VaultBody>;
  /** Gives the end of its log. */
  readonly logTail: (lines: number) => Promise<string>;
}

/** What Vault and OpenBao say of keys that they could not fetch; OpenBao alone has the cause of some behind it. */
const WITHOUT_CAUSE = /error checking (?:jwks|oidc)(?!.* URL: )/i;
const CONFIG_PATH = /^auth\/(.+)\/config$/;
const LINES = 200;
const LONGEST = 300;
/** How long a container's log may be behind the answer. */
const TIMEOUT_MS = 1_000;
const POLL_MS = 10;

/**
 * Finds why a JWT auth method could not be configured, where Vault's answer does not say.
 * @param words what Vault answered
 * @param path what was asked for, without `/v1/`: `auth/jwt/config`
 * @returns one line of Vault's log, such as `Get "https://idp.example/...": dial tcp: lookup idp.example: no such host`;
 * undefined where it has none, or the answer is another one
 */
export async function loggedCause(
  words: string,
  path: string,
  { request, logTail }: LoggingVault,
): Promise<string | undefined> {
  const mount = CONFIG_PATH.exec(path)?.[1];
  if (mount === undefined || !WITHOUT_CAUSE.test(words)) return undefined;
  try {
    const { data } = await request('GET', `sys/auth/${mount}`);
    const accessor = isRecord(data) ? String(data['accessor']) : '';
    const deadline = performance.now() + TIMEOUT_MS;
    for (;;) {
      const cause = causeIn(await logTail(LINES), accessor);
      if (cause !== undefined || performance.now() >= deadline) return cause;
      await delay(POLL_MS);
    }
  } catch {
    // What Vault answered is what counts.
    return undefined;
  }
}

/** A request's error with the cause that only Vault's log has; any other error is returned unchanged. */
export async function withLoggedCause(error: unknown, vault: LoggingVault): Promise<unknown> {
  if (!(error instanceof VaultproofError)) return error;
  const { path, errors } = error.details;
  const cause = await loggedCause(Array.isArray(errors) ? errors.join('; ') : '', String(path), vault);
  if (cause === undefined) return error;
  return new VaultproofError(error.code, `${error.message}; its log says: ${cause}`, {
    details: { ...error.details, logged: cause },
    cause: error,
  });
}

/** The last error that an auth method logged, without quotes; of one that was written over several lines, the first. */
function causeIn(log: string, accessor: string): string | undefined {
  const line = log.split(`.${accessor}: error checking `).at(-1);
  if (line === undefined || line === log) return undefined;
  const [, quoted, indented, bare] = /error=(?:"((?:[^"\\]|\\.)*)"|\s*\n\s*\|\s?(.*)|(.*))/.exec(line) ?? [];
  const cause = quoted?.replaceAll(/\\(["\\])/g, '$1') ?? indented ?? bare;
  return cause && withoutPasswords(cause).slice(0, LONGEST);
}
