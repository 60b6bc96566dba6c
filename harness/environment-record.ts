import type { DirectProvisioner } from './provision/direct.js';
import type { StartedConsul } from './servers/consul.js';
import type { StartedVault } from './servers/vault-handle.js';

/** What was done with an environment, for the report of a test that failed. */
export interface EnvironmentRecord {
  /** What was applied last under each name, in Terraform's JSON. */
  readonly declared: ReadonlyMap<string, unknown>;
  /** The JWTs of the last logins, oldest first. */
  readonly tokens: readonly string[];
}

const MOST_TOKENS = 3;

/** Records what is applied, and what logs in. */
export class EnvironmentRecorder implements EnvironmentRecord {
  readonly declared = new Map<string, unknown>();
  tokens: readonly string[] = [];

  /** The same provisioner, recorded. */
  applying<Provisioner extends Pick<DirectProvisioner, 'apply'>>(provisioner: Provisioner): Provisioner {
    const apply: DirectProvisioner['apply'] = (name, json) => {
      this.declared.set(name, json);
      return provisioner.apply(name, json);
    };
    return { ...provisioner, apply };
  }

  /** Records the logins at a server from now on. */
  watch(server: StartedVault | StartedConsul): void {
    const login = server.login as (request: { readonly jwt: string }) => Promise<never>;
    server.login = (request: { readonly jwt: string }) => {
      this.tokens = [...this.tokens.filter((token) => token !== request.jwt), request.jwt].slice(-MOST_TOKENS);
      return login(request);
    };
  }
}

const records = new WeakMap<object, EnvironmentRecord>();

/** Keeps the record of an environment for as long as that is there. */
export function keepRecord(environment: object, record: EnvironmentRecord): void {
  records.set(environment, record);
}

/** What was done with an environment. */
export function recordOf(environment: object): EnvironmentRecord {
  return records.get(environment) ?? { declared: new Map(), tokens: [] };
}
