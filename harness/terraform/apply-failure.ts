import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import { type Configuration, constructPathOf } from './configuration.js';
import type { TerraformEnd } from './run-terraform.js';
import type { Diagnostic } from './ui-messages.js';

/** What a failure is explained from. */
export interface FailedCall {
  readonly end: TerraformEnd;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether a resource was begun with: before that nothing was written. */
  readonly begun: boolean;
  readonly configuration: Configuration;
  /** Struck out wherever they are. */
  readonly secrets: readonly string[];
}

interface Explanation {
  readonly code: ErrorCode;
  /** After the provider's words. */
  readonly advice: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

const CAPABILITIES: Readonly<Record<string, string>> = {
  GET: 'read',
  LIST: 'list',
  DELETE: 'delete',
  PATCH: 'patch',
  PUT: 'create or update',
  POST: 'create or update',
};

const UNREACHABLE =
  /dial tcp|connection (?:refused|reset)|no such host|context deadline exceeded|i\/o timeout|(?:Get|Put|Post|Delete) "http[^"]*": EOF/i;

/** The error for a call of Terraform that failed: the first diagnostic's cause, in the provider's words. */
export function applyFailure(call: FailedCall): VaultproofError {
  const strikeOut = (text: string): string =>
    call.secrets.reduce((struck, secret) => struck.replaceAll(secret, '(struck out)'), text).slice(0, 2_000);
  const errors = call.diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (!first) {
    const words = strikeOut([call.end.stderr, call.end.stdout].join('\n').trim().slice(-1_000));
    const how = call.end.exitCode === undefined ? 'was killed' : `ended with ${call.end.exitCode}`;
    return new VaultproofError('terraform_failed', `terraform ${how}: ${words || '(it wrote nothing)'}`, {
      details: { exitCode: call.end.exitCode },
    });
  }
  const words = strikeOut(wordsOf(first));
  const { code, advice, details } = explain(words, call.begun || statusIn(words) !== undefined);
  const path = first.address === undefined ? undefined : constructPathOf(call.configuration, first.address);
  const others = errors.length > 1 ? ` (and ${errors.length - 1} more in details.diagnostics)` : '';
  return new VaultproofError(
    code,
    `${path === undefined ? 'the configuration' : `"${path}"`} could not be applied: ${words}${others}; ${advice}`,
    {
      details: {
        ...(first.address === undefined ? {} : { address: first.address, constructPath: path }),
        ...details,
        diagnostics: errors.map((error) => ({
          address: error.address,
          ...(error.address === undefined ? {} : { constructPath: constructPathOf(call.configuration, error.address) }),
          words: strikeOut(wordsOf(error)),
        })),
      },
    },
  );
}

function wordsOf({ summary, detail }: Diagnostic): string {
  return `${summary}\n${detail}`.replaceAll(/\s+/g, ' ').trim();
}

/** The status that a server answered with; what it says may well be about another server that it could not reach. */
function statusIn(words: string): number | undefined {
  const status = /(?:Code|Unexpected response code): (\d{3})/.exec(words)?.[1];
  return status === undefined ? undefined : Number(status);
}

function explain(words: string, begun: boolean): Explanation {
  if (/Error acquiring the state lock/.test(words)) {
    return { code: 'state_locked', advice: 'another terraform works in this folder: wait for it to end' };
  }
  if (/Unsupported Terraform Core version|Unsupported OpenTofu Core version/.test(words)) {
    return { code: 'terraform_too_old', advice: 'use the version that "required_version" asks for' };
  }
  if (/Failed to load plugin schemas|failed to instantiate provider/i.test(words)) {
    return { code: 'provider_unavailable', advice: 'the provider could not be started: take one for this machine' };
  }
  if (/Vault is sealed/.test(words)) return { code: 'vault_sealed', advice: 'unseal it, and apply again' };
  const inUse = /path is already in use at ([^\s"]+)/.exec(words)?.[1];
  if (inUse !== undefined) {
    const advice = 'something else is mounted there, and is left alone: take another path, or import it';
    return { code: 'path_in_use', advice, details: { path: inUse } };
  }
  return explainAnswer(words, begun);
}

function explainAnswer(words: string, begun: boolean): Explanation {
  const [, method = '', path = ''] = /URL: ([A-Z]+) https?:\/\/[^/\s]+\/v1\/([^\s?]+)/.exec(words) ?? [];
  const status = statusIn(words);
  const details = path === '' ? {} : { method, path };
  if (status === 403 && /invalid token|bad token|ACL not found|token not found/i.test(words)) {
    const advice = 'the token has expired or was revoked: give one that lasts';
    return { code: 'server_token_invalid', advice, details };
  }
  if (status === 403) return denied(method, path, words);
  if (status === undefined && UNREACHABLE.test(words)) {
    return { code: 'request_failed', advice: 'the server was not there: see its log, and start another one', details };
  }
  return begun
    ? { code: 'apply_failed', advice: 'correct what it says, and apply again' }
    : { code: 'declaration_invalid', advice: 'nothing was written; correct the declaration' };
}

function denied(method: string, path: string, words: string): Explanation {
  const consul = /lacks permission '([^']+)'/.exec(words)?.[1];
  const capability = consul ?? CAPABILITIES[method];
  const child = path.startsWith('auth/token/create')
    ? ' (the provider makes a child token first; "skip_child_token" in its block does without)'
    : '';
  const what = capability === undefined ? 'the token may not do this' : `the token needs "${capability}"`;
  return {
    code: 'permission_denied',
    advice: `${what}${path === '' ? '' : ` on "${path}"`}${child}`,
    details: {
      ...(path === '' ? {} : { method, path }),
      ...(capability === undefined ? {} : { capability }),
    },
  };
}
