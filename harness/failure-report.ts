import { isRecord, membersOf } from '../internal/json.js';
import { printable } from '../internal/printable.js';
import { STRUCK_OUT, strikeOut, strikeOutTokens } from '../internal/redaction.js';
import type { SensitiveValues } from '../internal/sensitive-values.js';
import { type Environment, serversOf } from './environment.js';
import { type RecordedLogin, recordOf } from './environment-record.js';
import { SECRET_NAME_END } from './lint/index.js';
import { readToken } from './login/token-claims.js';
import type { StartedServer } from './servers/server-options.js';

const LOG_LINES = 10;
/** A line of a log or of a declaration is cut off behind so many characters. */
const LONGEST_LINE = 400;
/** So many resources are shown besides those that were tried. */
const MOST_OTHERS = 10;
/** What a server prints of itself before its log, and a dev Vault in the midst of it. */
const BANNER =
  /^[\s\S]*(?:server started!|Log data will now stream in).*$|^WARNING! dev mode is enabled![\s\S]*?production installations!$/gm;
const BANNER_LINES = 30;
/** What a dev server says of itself, mostly last. */
const NOISE = /\[WARN\]\s+no `api_addr` value specified/;
const SECRET_ARGUMENT = new RegExp(`(?:^|_)(?:data_json|${SECRET_NAME_END})$`, 'i');

/**
 * What helps to see why a test failed: the claims of the tokens that logged in last, what was declared, and the end of each server's
 * log. It shows no token, and nothing that HCL calls sensitive; secrets in what was declared are struck out.
 */
export async function failureReport(environment: Environment): Promise<string> {
  const { declared, logins, sensitive } = recordOf(environment);
  const servers = serversOf(environment);
  const logs = await Promise.all(
    servers.map(async ([name, server]) => `The end of the log of ${name}:\n${await endOfLog(server, sensitive)}`),
  );
  const parts = [
    ...logins.map(describeLogin),
    ...[...declared].map(
      ([name, json]) =>
        `Declared as "${name}":\n${declaredLines(
          // A part of one would be left of what is cut off.
          sensitive.hideIn(json),
          logins.flatMap(({ names }) => names),
        ).join('\n')}`,
    ),
    ...logs,
  ];
  const secrets = [...logins.flatMap(({ jwt }) => jwt ?? []), ...servers.map(([, { token }]) => token)];
  return printable(strikeOutTokens(strikeOut(sensitive.hide(parts.join('\n\n')), secrets)));
}

function describeLogin({ jwt, claims: said, at, outcome = 'not answered' }: RecordedLogin): string {
  const seen = jwt === undefined ? said : readToken(jwt)?.claims;
  const claims = JSON.stringify(seen) ?? (jwt === undefined ? 'no one signed in' : 'no claims, it is no JWT');
  return `Login${at === '' ? '' : ` ${at}`}, ${outcome}: ${claims}`;
}

async function endOfLog(server: StartedServer, sensitive: SensitiveValues): Promise<string> {
  try {
    const log = await server.logTail(LOG_LINES + BANNER_LINES);
    const lines = sensitive.hide(log.replace(BANNER, '')).split('\n');
    const written = lines.filter((line) => line.trim() !== '' && !NOISE.test(line));
    return written.slice(-LOG_LINES).map(cutOff).join('\n') || '(it wrote nothing)';
  } catch (error) {
    return `(it can't be read: ${error instanceof Error ? error.message : String(error)})`;
  }
}

/** A line of JSON for each resource and data source: first the roles and auth methods that were tried, then some of the others. */
function declaredLines(json: unknown, tried: readonly string[]): string[] {
  const document = membersOf(json);
  const all = (['data', 'resource'] as const).flatMap((kind) =>
    Object.entries(membersOf(document[kind])).flatMap(([type, blocks]) =>
      Object.entries(membersOf(blocks)).map(([name, block]) => ({
        isTried: isTried(type, block, tried),
        line: `${addressOf(kind, type, name, block)} ${JSON.stringify(block, withoutSecrets)}`,
      })),
    ),
  );
  const others = all.filter((one) => !one.isTried).map(({ line }) => line);
  const more = others.length - MOST_OTHERS;
  return [
    ...all.filter((one) => one.isTried).map(({ line }) => line),
    ...others.slice(0, MOST_OTHERS).map(cutOff),
    ...(more > 0 ? [`... and ${more} more`] : []),
  ];
}

/** Whether a block is a role, an auth method or a binding rule that a login named. */
function isTried(type: string, block: unknown, tried: readonly string[]): boolean {
  if (!/auth_(?:backend|method)|binding_rule/.test(type) || !isRecord(block)) return false;
  const names = type.endsWith('_role') ? ['role_name'] : ['path', 'name', 'auth_method'];
  const own = names.map((name) => block[name]).filter((name) => name !== undefined);
  if (own.length === 0) return tried.includes('jwt') && type === 'vault_jwt_auth_backend';
  return own.some((name) => tried.includes(String(name)));
}

function cutOff(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line;
}

/** Terraform's address, which is the path of what was read of HCL; that of a construct has no type in it. */
function addressOf(kind: 'data' | 'resource', type: string, name: string, block: unknown): string {
  const { metadata } = Object((Object(block) as Readonly<Record<string, unknown>>)['//']) as { metadata?: unknown };
  const path = isRecord(metadata) ? metadata['path'] : undefined;
  if (typeof path === 'string' && path.includes(`${type}.`)) return path;
  return `${kind === 'data' ? 'data.' : ''}${type}.${name}`;
}

function withoutSecrets(name: string, value: unknown): unknown {
  // What CDKTF notes of where a resource was declared.
  if (name === '//') return undefined;
  return SECRET_ARGUMENT.test(name) && typeof value !== 'boolean' ? STRUCK_OUT : value;
}
