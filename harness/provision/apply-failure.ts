import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import { consulRemedies, consulUnavailability } from '../../internal/consul-api.js';
import { unavailabilityAdvice, vaultUnavailability } from '../api/vault-api.js';
import { type Capability, remedyFor } from '../api/vault-capabilities.js';
import type { DeclaredResource } from '../terraform-json/configuration.js';
import { keySourceFailure } from './key-source.js';

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
  'outside_of_run',
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
  const reason = cause instanceof Error ? cause.message : String(cause);
  const { code, advice, details } = { ...explained, ...keySourceFailure(reason, type, attributes) };
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

/** What a server answered to a request of a provisioner. */
interface ServerAnswer {
  /** Its own words. */
  readonly words: string;
  /** Undefined where it did not answer. */
  readonly status: number | undefined;
  /** Empty where it is not known, as is the path. */
  readonly method: string;
  /** Without `/v1/`. */
  readonly path: string;
}

/** Why something could not be applied. */
export interface ApplyExplanation {
  readonly code: ErrorCode;
  /** After the server's words. */
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

/** OpenBao's words for a token that it does not know. Where a policy is what is missing they are the list of one error. */
const OF_THE_TOKEN = /^(?:.*Errors: \* )?permission denied\s*$/;

/** What an answer means for an apply, for both provisioners; undefined for any other refusal. */
export function explainServerAnswer({ words, status, method, path }: ServerAnswer): ApplyExplanation | undefined {
  const unavailable = vaultUnavailability(words);
  if (unavailable) return { code: unavailable, advice: unavailabilityAdvice[unavailable] };
  const withoutTokens = consulUnavailability(words);
  if (withoutTokens) return { code: withoutTokens, advice: consulRemedies[withoutTokens] };
  const inUse = /path is already in use at ([^\s"]+)/.exec(words)?.[1];
  if (inUse !== undefined) {
    const advice = 'something else is mounted there, and is unchanged: choose another path, or import it';
    return { code: 'path_in_use', advice, details: { path: inUse } };
  }
  const missing = lackIn(words, path);
  if (missing) return { code: 'unsupported_by_server', advice: remedyFor(missing), details: { missing: [missing] } };
  if (status !== 403) return undefined;
  const details = path === '' ? {} : { method, path };
  if (/invalid token|bad token|ACL not found|token not found/i.test(words)) {
    const advice = 'the token has expired or was revoked: give one that lasts';
    return { code: 'server_token_invalid', advice, details };
  }
  if (OF_THE_TOKEN.test(words)) {
    const advice = 'the token has expired, was revoked or is bound to other addresses: give one that lasts';
    return { code: 'server_token_invalid', advice, details };
  }
  const capability = /lacks permission '([^']+)'/.exec(words)?.[1] ?? CAPABILITIES[method];
  const what = capability === undefined ? 'the token has no permission for this' : `the token needs "${capability}"`;
  return {
    code: 'permission_denied',
    advice: path === '' ? what : `${what} on "${path}"`,
    details: { ...details, ...(capability === undefined ? {} : { capability }) },
  };
}

/** What a server lacks, by its refusal of an engine or of a policy's capability. */
function lackIn(words: string, path: string): Capability | undefined {
  const type = /plugin not found in the catalog: ([\w-]+)/.exec(words)?.[1];
  if (type !== undefined) return `${path.startsWith('sys/auth/') ? 'auth' : 'secret'}/${type}`;
  if (/enterprise-only feature/.test(words) && path.startsWith('sys/namespaces/')) return 'namespaces';
  return /invalid (?:capability "subscribe"|key "subscribe_event_types")/.test(words) ? 'subscribe' : undefined;
}
