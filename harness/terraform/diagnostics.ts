import { VaultproofError } from '../../errors/index.js';
import { strikeOut, withoutPasswords } from '../../internal/redaction.js';
import { unavailabilityAdvice } from '../api/vault-api.js';
import { type ApplyExplanation, explainServerAnswer } from '../provision/apply-failure.js';
import { type KeySourceFailure, keySourceFailure } from '../provision/key-source.js';
import { type Configuration, constructPathOf, withoutKeys } from './configuration.js';
import type { Diagnostic, TerraformEnd } from './terraform-process.js';

/** What a failure is explained from. */
interface FailedCall {
  /** What could not be done. */
  readonly what: 'applied' | 'planned' | 'destroyed' | 'read';
  readonly end: TerraformEnd;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether a resource was begun with: before that nothing was written. */
  readonly begun: boolean;
  readonly configuration: Configuration;
  /** Struck out wherever they are. */
  readonly secrets: readonly string[];
  /** The addresses of the servers that it was applied to. */
  readonly servers: readonly string[];
}

const UNREACHABLE =
  /dial tcp|connection (?:refused|reset)|no such host|context deadline exceeded|i\/o timeout|(?:Get|Put|Post|Delete) "http[^"]*": EOF/i;

/** The error for a call of Terraform that failed: the first diagnostic's cause, in the provider's words. */
export function applyFailure(call: FailedCall): VaultproofError {
  const withoutSecrets = (text: string): string => strikeOut(withoutPasswords(text), call.secrets).slice(0, 2_000);
  const errors = call.diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (!first) {
    const words = withoutSecrets([call.end.stderr, call.end.stdout].join('\n').trim().slice(-1_000));
    const how = call.end.exitCode === undefined ? 'was killed' : `ended with ${call.end.exitCode}`;
    return new VaultproofError('terraform_failed', `terraform ${how}: ${words || '(it wrote nothing)'}`, {
      details: { exitCode: call.end.exitCode },
    });
  }
  const words = withoutSecrets(wordsOf(first));
  const explained = explain(words, call.begun || statusIn(words) !== undefined, call.servers);
  const { code, advice, details } = { ...explained, ...sourceFailure(words, first.address, call.configuration) };
  const path = first.address === undefined ? undefined : constructPathOf(call.configuration, first.address);
  const others = errors.length > 1 ? ` (and ${errors.length - 1} more in details.diagnostics)` : '';
  return new VaultproofError(
    code,
    `${path === undefined ? 'the configuration' : `"${path}"`} could not be ${call.what}: ${words}${others}; ${advice}`,
    {
      details: {
        ...(first.address === undefined ? {} : { address: first.address, constructPath: path }),
        ...details,
        diagnostics: errors.map((error) => ({
          address: error.address,
          ...(error.address === undefined ? {} : { constructPath: constructPathOf(call.configuration, error.address) }),
          words: withoutSecrets(wordsOf(error)),
        })),
      },
    },
  );
}

function sourceFailure(words: string, address = '', { resources }: Configuration): KeySourceFailure | undefined {
  const bare = withoutKeys(address);
  return keySourceFailure(words, bare.split('.')[0] ?? '', resources.get(bare)?.arguments ?? {});
}

/** The words of a diagnostic in one line. */
export function wordsOf({ summary, detail }: Diagnostic): string {
  return `${summary}\n${detail}`.replaceAll(/\s+/g, ' ').trim();
}

/** The request to Vault that a provider's words are about. */
export function requestIn(words: string): { readonly method: string; readonly path: string } {
  const [, method = '', path = ''] = /URL: ([A-Z]+) https?:\/\/[^/\s]+\/v1\/([^\s?]+)/.exec(words) ?? [];
  return { method, path };
}

/** The status that a server answered with; what it says may well be about another server that it could not reach. */
function statusIn(words: string): number | undefined {
  const status = /(?:Code|Unexpected response code): (\d{3})/.exec(words)?.[1];
  return status === undefined ? undefined : Number(status);
}

function explain(words: string, begun: boolean, servers: readonly string[]): ApplyExplanation {
  if (/Error acquiring the state lock/.test(words)) {
    return { code: 'state_locked', advice: 'another terraform is running in this folder: wait for it to end' };
  }
  if (/Unsupported Terraform Core version|Unsupported OpenTofu Core version/.test(words)) {
    return { code: 'terraform_too_old', advice: 'use the version that "required_version" asks for' };
  }
  if (/Failed to load plugin schemas|failed to instantiate provider/i.test(words)) {
    return { code: 'provider_unavailable', advice: 'the provider could not be started: use one for this platform' };
  }
  const circle = circleIn(words);
  if (circle.length > 0) {
    return {
      code: 'dependency_cycle',
      advice: 'nothing was written; break the cycle',
      details: { addresses: circle },
    };
  }
  return explainAnswer(words, begun, servers);
}

/** The addresses that wait for each other, or the one that waits for itself. */
function circleIn(words: string): string[] {
  const itself = /^Self-referential block Configuration for (\S+) may not refer to itself/.exec(words)?.[1];
  if (itself !== undefined) return [itself];
  const each = /^Cycle: (.*)/.exec(words)?.[1]?.split(', ') ?? [];
  return [...new Set(each.map((node) => node.replace(/ \(.*\)$/, '')))].sort();
}

function explainAnswer(words: string, begun: boolean, servers: readonly string[]): ApplyExplanation {
  const { method, path } = requestIn(words);
  const status = statusIn(words);
  const explained = explainServerAnswer({ words, status, method, path });
  if (explained?.code === 'permission_denied' && path.startsWith('auth/token/create')) {
    const child = 'the provider makes a child token first; set "skip_child_token" in its block to avoid that';
    return { ...explained, advice: `${explained.advice} (${child})` };
  }
  if (explained) return explained;
  if (status === undefined && UNREACHABLE.test(words)) return unreachable(words, servers);
  return begun
    ? { code: 'apply_failed', advice: 'correct the cause, and apply again' }
    : { code: 'declaration_invalid', advice: 'nothing was written; correct the declaration' };
}

/** The provider follows a standby's redirect, and what it then can't reach is the active node. */
function unreachable(words: string, servers: readonly string[]): ApplyExplanation {
  const asked = /"(https?:\/\/[^/"\s]+)\/v1\//.exec(words)?.[1];
  if (asked === undefined || servers.includes(asked)) {
    return { code: 'request_failed', advice: 'the server was not running: see its log, and start another one' };
  }
  return { code: 'vault_standby', advice: unavailabilityAdvice.vault_standby, details: { activeNode: asked } };
}
