import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, type PresetOptions, uuidOf, type VendorKeys } from './preset.js';

/**
 * Nomad's servers, whose `oidc_issuer` is any URL.
 * @see https://developer.hashicorp.com/nomad/docs/configuration/server#oidc_issuer
 */
export const nomadKeys: VendorKeys = {
  isIssuer: () => false,
  jwksUri: (issuer) => `${issuer}/.well-known/jwks.json`,
};

/** A workload identity of a job. */
interface NomadIdentity {
  readonly job: string;
  /** Default `default`. */
  readonly namespace?: string;
  /** The group's name; default the job's. */
  readonly group?: string;
  /** Default `global`. */
  readonly region?: string;
  /** The allocation's id; default one made of the names. */
  readonly allocationId?: string;
  /** Default `consul.io`. */
  readonly audience?: string | readonly string[];
  /** `oidc_issuer` of the servers; default none, and then the token has no `iss`. */
  readonly issuer?: string;
  /** `ttl` of the identity, in seconds; default 3600. */
  readonly ttlSeconds?: number;
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const identityOptions: PresetOptions<NomadIdentity> = {
  job: 'required',
  namespace: 'optional',
  group: 'optional',
  region: 'optional',
  allocationId: 'optional',
  audience: 'optional',
  issuer: 'optional',
  ttlSeconds: 'optional',
  claims: 'optional',
};

/** A task's identity, for what it reads of Consul. */
export interface NomadTask extends NomadIdentity {
  readonly task: string;
  /** The identity's name; default `consul_default`, that of Consul's default cluster. */
  readonly identity?: string;
}

/** A service's identity, to register it with. */
export interface NomadService extends NomadIdentity {
  readonly service: string;
  /** The service's port label; default `http`. */
  readonly port?: string;
  /** The task that the service belongs to; default the group. */
  readonly serviceOfTask?: string;
}

const taskOptions: PresetOptions<NomadTask> = {
  ...identityOptions,
  task: 'required',
  identity: 'optional',
};

/**
 * The token of a task, signed with RS256.
 * @see https://developer.hashicorp.com/nomad/docs/concepts/workload-identity
 * @example
 * const jwt = await issuer.sign(nomadTask({ job: 'shop', task: 'server' }));
 */
export function nomadTask(task: NomadTask): TokenBuilder {
  checkOptions('nomadTask', task, taskOptions);
  const { task: name, identity = 'consul_default' } = task;
  return token(task, name, identity, { nomad_task: name });
}

const serviceOptions: PresetOptions<NomadService> = {
  ...identityOptions,
  service: 'required',
  port: 'optional',
  serviceOfTask: 'optional',
};

/**
 * The token of a service that Nomad registers at Consul: without its task, even where the service belongs to one.
 * See {@link nomadTask}.
 *
 * @example
 * const jwt = await issuer.sign(nomadService({ job: 'shop', service: 'cart' }));
 */
export function nomadService(service: NomadService): TokenBuilder {
  checkOptions('nomadService', service, serviceOptions);
  const { service: name, port = 'http', serviceOfTask } = service;
  const place = serviceOfTask === undefined ? name : `${serviceOfTask}-${name}`;
  return token(service, name, `consul-service_${place}-${port}`, { nomad_service: name });
}

function token(
  identity: NomadIdentity,
  workload: string,
  name: string,
  claims: Readonly<Record<string, string>>,
): TokenBuilder {
  const { job, namespace = 'default', group = job, region = 'global', audience = 'consul.io' } = identity;
  const audiences = [audience].flat();
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      return {
        // Of one audience Nomad makes a string.
        aud: audiences.length === 1 ? String(audiences[0]) : audiences,
        exp: iat + (identity.ttlSeconds ?? 3_600),
        iat,
        iss: identity.issuer ?? null,
        nbf: iat,
        nomad_allocation_id: identity.allocationId ?? uuidOf('allocation', region, namespace, job, group),
        nomad_job_id: job,
        nomad_namespace: namespace,
        ...claims,
        sub: [region, namespace, job, group, workload, name].join(':'),
        ...identity.claims,
      };
    },
    { alg: 'RS256' as const },
  );
}

/** Where a task finds the token of an identity. */
export interface NomadTaskToken {
  /** For an identity with `env`. */
  readonly variables: Readonly<Record<string, string>>;
  /** For an identity with `file`, below the task's folder; `keepTokenFile()` keeps one there. */
  readonly path: string;
}

/**
 * A task's token as its `identity` block has it: in `NOMAD_TOKEN_<identity>`, and in `secrets/nomad_<identity>.jwt`.
 *
 * @example
 * const { variables } = await nomadTaskToken(issuer, { job: 'app', task: 'web' });
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/identity
 */
export async function nomadTaskToken(issuer: Pick<Issuer, 'sign'>, task: NomadTask): Promise<NomadTaskToken> {
  const { identity = 'consul_default' } = task;
  const jwt = await issuer.sign(nomadTask(task));
  return { variables: { [`NOMAD_TOKEN_${identity}`]: jwt }, path: `secrets/nomad_${identity}.jwt` };
}
