import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import type { DeclaredResource } from '../terraform-json/configuration.js';
import { keySourceAdvice } from './key-source.js';
import { explainServerAnswer } from './server-answer.js';

/** Codes that say all there is to say: of the declaration, or that something is not there or can serve nobody. */
const SELF_EXPLANATORY: readonly ErrorCode[] = [
  'declaration_invalid',
  'mount_not_found',
  'request_failed',
  'certificate_untrusted',
  'server_exited',
  'server_stopped',
  'vault_sealed',
  'vault_standby',
  'acl_disabled',
  'no_leader',
];

/** What could not be applied; without a type where it is no resource, or is no longer declared. */
type FailedResource = Pick<DeclaredResource, 'address' | 'constructPath'> &
  Partial<Pick<DeclaredResource, 'type' | 'attributes'>>;

/**
 * The error for a resource that could not be applied: the construct, the server's words, and what they mean. One that
 * names its construct already stays as it is.
 * @param failed what could not be done to it
 */
export function applyFailure(
  { address, constructPath, type = '', attributes = {} }: FailedResource,
  cause: unknown,
  failed: 'applied' | 'removed' = 'applied',
): VaultproofError {
  if (cause instanceof VaultproofError && 'constructPath' in cause.details) return cause;
  const explained = explain(cause);
  const { code, details } = explained;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = keySourceAdvice(reason, type, attributes) ?? explained.advice;
  return new VaultproofError(
    code,
    `"${constructPath}" could not be ${failed}: ${reason}${advice === undefined ? '' : `; ${advice}`}`,
    { details: { ...details, address, constructPath }, cause },
  );
}

function explain(cause: unknown): {
  readonly code: ErrorCode;
  readonly advice?: string;
  readonly details?: Readonly<Record<string, unknown>>;
} {
  if (!(cause instanceof VaultproofError)) return { code: 'apply_failed' };
  if (SELF_EXPLANATORY.includes(cause.code) || cause.code.startsWith('unsupported_')) {
    return { code: cause.code, details: cause.details };
  }
  const { method, path, status, errors } = cause.details;
  const explained = explainServerAnswer({
    words: Array.isArray(errors) ? errors.join('; ') : '',
    status: typeof status === 'number' ? status : undefined,
    method: typeof method === 'string' ? method : '',
    path: typeof path === 'string' ? path : '',
  });
  return explained ?? { code: 'apply_failed', advice: 'correct the cause, and apply again' };
}
