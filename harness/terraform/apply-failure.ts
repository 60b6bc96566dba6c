import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { withoutPasswords } from '../../internal/shown-url.js';
import { unavailabilityAdvice } from '../api/vault-api.js';
import { type ApplyExplanation, explainServerAnswer } from '../provision/apply-failure.js';
import { type KeySourceFailure, keySourceFailure } from '../provision/key-source.js';
import { type Configuration, constructPathOf, withoutKeys } from './configuration.js';
import type { VaultRequest } from './field-reader.js';
import { type PlanContents, type PlannedChange, type PlannedValues, resourcesOf } from './plan-changes.js';
import type { FieldDifference } from './read-back.js';
import type { Diagnostic, TerraformEnd } from './run-terraform.js';

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
  const strikeOut = (text: string): string =>
    call.secrets
      .reduce((struck, secret) => struck.replaceAll(secret, '(struck out)'), withoutPasswords(text))
      .slice(0, 2_000);
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
          words: strikeOut(wordsOf(error)),
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

/** The same failure, which also says which half-made mounts were removed. */
export function withRemoved(failure: VaultproofError, removed: readonly string[]): VaultproofError {
  const message = `${failure.message}; what was mounted at ${removed.map((path) => `"auth/${path}"`).join(', ')} is unmounted again`;
  return new VaultproofError(failure.code, message, {
    details: { ...failure.details, unmounted: removed },
    cause: failure,
  });
}

/** @throws VaultproofError `plan_not_empty` when a plan that followed an apply would change something */
export function refusePending(
  { changes, changedOutputs: outputs }: PlanContents,
  differences: readonly FieldDifference[],
): void {
  if (changes.length === 0 && outputs.length === 0) return;
  const texts = changes.map(({ constructPath, action, attributes }) =>
    attributes.length === 0
      ? `${action} "${constructPath}"`
      : `${action} "${constructPath}" (${attributes.join(', ')})`,
  );
  const all = [...texts, ...outputs.map((name) => `output "${name}"`)].join('; ');
  const stuck = changes.filter((change) => isNeverUnset(change, differences)).map(({ address }) => address);
  const replace = `the provider does not unset what is no longer declared, so replace it: ${stuck.map((address) => `terraform apply -replace=${address}`).join(', ')}`;
  const declare = 'the server or the provider stores another value, so declare that value';
  const advice = [
    ...(stuck.length > 0 ? [replace] : []),
    ...(stuck.length < changes.length + outputs.length ? [declare] : []),
  ];
  throw new VaultproofError(
    'plan_not_empty',
    `it was applied, and a second plan is not empty: ${all}; ${advice.join('; ')}`,
    { details: { changes, outputs, differences, replace: stuck } },
  );
}

/** Whether all that would change is still there because it was once declared, and can go with the resource alone. */
function isNeverUnset({ address, attributes }: PlannedChange, differences: readonly FieldDifference[]): boolean {
  const left = differences.filter((one) => one.address === address && one.declared === undefined);
  return attributes.length > 0 && attributes.every((name) => left.some(({ field }) => field === name));
}

/** @throws VaultproofError `read_back_differs` when there is any */
export function refuseDifferences(differences: readonly FieldDifference[]): void {
  if (differences.length === 0) return;
  const fields = differences.map(({ constructPath, field }) => `"${field}" of "${constructPath}"`);
  throw new VaultproofError(
    'read_back_differs',
    `it was applied, and the server differs from the declaration: ${fields.join(', ')}; ` +
      'destroy it and apply again, or declare what the server has',
    { details: { differences } },
  );
}

const TYPE = 'vault_jwt_auth_backend';

/** The accessors of the auth methods that were there before an apply. */
export type Accessors = ReadonlySet<string>;

/** The accessors of all auth methods: a mount that is made anew at the same path has another. */
export async function authAccessors(request: VaultRequest): Promise<Accessors> {
  return new Set(Object.values(await authMounts(request)));
}

/**
 * Removes JWT auth methods that a failed apply mounted and could not configure. The provider leaves the mount and marks the
 * resource as tainted; on the next apply it takes the mount without a configuration for gone, makes it again, and fails
 * with "path is already in use". A mount is ours only when both say so: the state has it as tainted, which it is only
 * where its creation succeeded, and its accessor is not one from before the apply.
 * @param state what `terraform show -json` prints
 * @returns the paths of the mounts that were removed
 */
export async function removeHalfMadeMounts(
  request: VaultRequest,
  state: unknown,
  before: Accessors,
): Promise<string[]> {
  const values = isRecord(state) ? state['values'] : undefined;
  const tainted = resourcesOf(isRecord(values) ? values['root_module'] : undefined).filter(isTaintedBackend);
  if (tainted.length === 0) return [];
  const mounts = await authMounts(request);
  const ours = tainted
    .map(({ values: { path } }) => String(path))
    .filter((path) => {
      const accessor = mounts[`${path}/`];
      return accessor !== undefined && !before.has(accessor);
    });
  for (const path of ours) await request('DELETE', `sys/auth/${path}`);
  return ours;
}

function isTaintedBackend({ type, tainted }: PlannedValues & { readonly tainted: boolean }): boolean {
  return type === TYPE && tainted;
}

async function authMounts(request: VaultRequest): Promise<Record<string, string>> {
  const { data } = await request('GET', 'sys/auth');
  const mounts = isRecord(data) ? Object.entries(data) : [];
  return Object.fromEntries(mounts.map(([path, mount]) => [path, isRecord(mount) ? String(mount['accessor']) : '']));
}
