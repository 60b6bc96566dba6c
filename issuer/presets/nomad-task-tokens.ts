import type { Issuer } from '../issuer.js';
import { type NomadTask, nomadTask } from './nomad.js';

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
