import type { Allowances } from '../checks.js';
import type { ConsulBinding, ConsulBindingRule } from '../consul-binding-rule.js';
import { type KnownOptions, refuseUnknown } from '../known-options.js';
import { refuseWeak } from './claim-bounds.js';
import { audiencesOf, bindingOf, bindingOptions, bindingRule, type ConsulPreset } from './consul-preset.js';

export type { ConsulPreset } from './consul-preset.js';

/** Which tasks get in to Consul, and what they get there besides. */
export type ConsulNomadRule = ConsulBinding & {
  readonly namespace: string;
  /** The job's id; a dispatched or periodic one has its parent's. */
  readonly job: string;
  /** Default every task of the job. */
  readonly task?: string;
  readonly description?: string;
};

/** Which Nomad, and whose workloads. */
export interface ConsulNomadProps {
  /** Default `consul.io`, as `nomad setup consul` has it. */
  readonly audience?: string | readonly string[];
  /** The namespaces of the workloads, or `all`: who may run a job in one may register a service of any name. */
  readonly namespaces: readonly string[] | 'all';
  /** Default `http://127.0.0.1:4646/.well-known/jwks.json`: every server of Consul must reach it. */
  readonly jwksUrl?: string;
  /** The `oidc_issuer` of Nomad's servers. Without one their tokens have no `iss`, and Consul checks none. */
  readonly issuer?: string;
  /** The role of tasks; default `nomad-tasks-${value.nomad_namespace}`, one for each namespace. */
  readonly taskRole?: string;
  /** More for the tasks of some jobs; default nothing. */
  readonly rules?: readonly ConsulNomadRule[];
}

const options: KnownOptions<ConsulNomadProps> = {
  audience: true,
  namespaces: true,
  jwksUrl: true,
  issuer: true,
  taskRole: true,
  rules: true,
};

const claims = ['nomad_namespace', 'nomad_job_id', 'nomad_task', 'nomad_service'];

/**
 * Consul's login for workload identities of Nomad, as HashiCorp's guide has it: a service gets the identity of its own name,
 * a task the role of its namespace. The role is yours to declare. Tokens end when Nomad logs them out, and never by
 * themselves, since Nomad makes no second one. Left out of the guide's configuration is `JWTSupportedAlgs`, which Consul
 * enforces in discovery alone; and its `"nomad_service" not in value` for tasks, which also takes tokens of neither, is
`"nomad_task" in value` here.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://developer.hashicorp.com/nomad/docs/secure/acl/consul
 * @example
 * new ConsulJwtStack(app, 'nomad', consulNomad({ namespaces: ['prod'] }));
 */
export function consulNomad(props: ConsulNomadProps): Omit<ConsulPreset, 'boundIssuer'> & {
  readonly boundIssuer?: string;
  readonly maxTokenTtl: string;
  readonly allow: Allowances;
} {
  const { namespaces, issuer, audience = 'consul.io', jwksUrl = 'http://127.0.0.1:4646/.well-known/jwks.json' } = props;
  const { taskRole = `nomad-tasks-\${value.nomad_namespace}`, rules = [] } = props;
  const what = 'the auth method for Nomad';
  refuseUnknown(what, props, options);
  if (namespaces === undefined || namespaces.length === 0) refuseWeak(what, 'every namespace', 'namespaces');
  const within = namespaces === 'all' ? {} : { nomad_namespace: namespaces };
  const service = bindingRule({ bindType: 'service', bindName: `\${value.nomad_service}` }, within);
  const task = bindingRule({ bindType: 'role', bindName: taskRole }, within);
  return {
    name: 'nomad-workloads',
    jwksUrl,
    ...(issuer !== undefined && { boundIssuer: issuer }),
    boundAudiences: audiencesOf(what, audience),
    claimMappings: ownNames(claims),
    bindingRules: [service, ofTasks(task), ...rules.map(ruleOf)],
    maxTokenTtl: '0s',
    allow: {
      'no-max-token-ttl': 'Nomad requests one token only, and logs it out when the workload ends',
      ...(issuer === undefined && { 'no-bound-issuer': 'Nomad signs no "iss" without an "oidc_issuer"' }),
    },
  };
}

function ruleOf(rule: ConsulNomadRule): ConsulBindingRule {
  const { namespace, job, task } = rule;
  const what = bindingOf(rule);
  refuseUnknown(what, rule, { ...bindingOptions, namespace: true, job: true, task: true });
  if (namespace === undefined) refuseWeak(what, 'every namespace', 'namespace');
  if (job === undefined) refuseWeak(what, 'every job of the namespace', 'job');
  const made = bindingRule(rule, { nomad_namespace: namespace, nomad_job_id: job, nomad_task: task });
  return task === undefined ? ofTasks(made) : made;
}

/** Tokens of services have no task. */
function ofTasks(rule: ConsulBindingRule): ConsulBindingRule {
  const before = rule.selector === undefined ? '' : `${rule.selector} and `;
  return { ...rule, selector: `${before}"nomad_task" in value` };
}

function ownNames(names: readonly string[]): Record<string, string> {
  const own: Record<string, string> = {};
  for (const name of names) own[name] = name;
  return own;
}
