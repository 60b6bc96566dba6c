import { UsageError, VaultproofError } from '../../errors/index.js';
import {
  isNamedResource,
  namedResources,
  type ResourceAccess,
  resourceAccesses,
  wholeResources,
} from '../../internal/consul-resources.js';
import { isRecord } from '../../internal/json.js';
import type { ConsulApi } from '../index.js';
import { failed, listOf, type MatcherResult, passed } from './matcher-result.js';

/** What a Consul token may do with a resource; `list` and `write-prefix` are for keys alone. */
export type ConsulOperation = ResourceAccess;

const OF_KEYS: readonly string[] = ['list', 'write-prefix'];

/** Whether something is a session of Consul's. */
export function isConsulSession(session: unknown): session is ConsulApi {
  return typeof session === 'object' && session !== null && 'kv' in session && 'policies' in session;
}

/**
 * Whether Consul allows a token what a matcher expects of it, or denies it.
 * @param operation one of {@link ConsulOperation}
 * @param resource as it is asked for: `key/app/config`, `operator`
 * @param expected whether it is to be allowed
 */
export async function consulAccess(
  session: ConsulApi,
  operation: string,
  resource: string,
  expected: boolean,
): Promise<MatcherResult> {
  const [kind = '', ...rest] = resource.replace(/^\/+/, '').split('/');
  const segment = rest.join('/');
  refuseUnknown(operation, resource, kind, segment);
  const grants = { policies: session.policies, roles: session.roles };
  const who = `the token with ${Object.entries(grants)
    .map(([name, names]) => `${name} ${listOf(names)}`)
    .join(' and ')}`;
  const asked = { Resource: kind, Segment: segment, Access: operation };
  const answer = await session.request('POST', 'internal/acl/authorize', [asked]).catch((error: unknown) => error);
  if (answer instanceof VaultproofError && answer.code === 'permission_denied') {
    return failed(`${who} has ended; expected that it may ${expected ? '' : 'not '}${operation} "${resource}"`);
  }
  if (answer instanceof Error) throw answer;
  const [decision] = Object.values(Object(answer));
  const allowed = isRecord(decision) ? decision['Allow'] : undefined;
  if (typeof allowed !== 'boolean') {
    throw new VaultproofError('unexpected_answer', '"internal/acl/authorize" answered without a decision');
  }
  const said = `${who} may ${allowed ? '' : 'not '}${operation} "${resource}"`;
  if (allowed === expected) return passed(said);
  const rule = ruleFor(kind, segment, operation);
  const remedy = expected
    ? `add ${rule(policyFor(operation))} to one of its policies`
    : `remove the rule that grants it, or add ${rule('deny')}`;
  return failed(`${said}: "internal/acl/authorize" answered ${allowed}; ${remedy}`);
}

function refuseUnknown(operation: string, resource: string, kind: string, segment: string): void {
  if (!resourceAccesses.some((one) => one === operation)) {
    throw new UsageError(
      `"${operation}" is no access to a resource of Consul's: use one of ${resourceAccesses.join(', ')}`,
    );
  }
  const isNamed = isNamedResource(kind) && segment !== '';
  if (!isNamed && !(wholeResources.some((one) => one === kind) && segment === '')) {
    throw new UsageError(
      `"${resource}" is no resource of Consul's: write one of ${namedResources.join(', ')} with a name, such as "key/app/config", or one of ${wholeResources.join(', ')}`,
    );
  }
  if (OF_KEYS.includes(operation) && kind !== 'key') {
    throw new UsageError(`"${operation}" is for keys alone, and "${resource}" is not one`);
  }
}

/** The level of a rule that grants an operation. */
function policyFor(operation: string): string {
  return operation === 'write-prefix' ? 'write' : operation;
}

function ruleFor(kind: string, segment: string, operation: string): (policy: string) => string {
  const type = OF_KEYS.includes(operation) ? `${kind}_prefix` : kind;
  return (policy) => (segment === '' ? `${kind} = "${policy}"` : `${type} "${segment}" { policy = "${policy}" }`);
}
