import type { ErrorCode } from '../errors/index.js';
import { SensitiveValues } from '../internal/sensitive-values.js';
import type { DirectProvisioner } from './provision/direct.js';
import type { StartedConsul } from './servers/consul.js';
import type { StartedVault } from './servers/vault-handle.js';

/** What was done with an environment, for the report of a test that failed. */
export interface EnvironmentRecord {
  /** What was applied last under each name, in Terraform's JSON. */
  readonly declared: ReadonlyMap<string, unknown>;
  /** The last logins, oldest first. */
  readonly logins: readonly RecordedLogin[];
  /** What of HCL was applied and is sensitive. */
  readonly sensitive: SensitiveValues;
}

/** A login, and how it ended. */
export interface RecordedLogin {
  /** Undefined by the OIDC flow, where no one but the server has a token. */
  readonly jwt?: string | undefined;
  /** By the OIDC flow, what the provider said of the person; undefined before that. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** Such as `role "payments" at "github"`; empty where it named neither. */
  readonly at: string;
  /** The names of the role and the auth method. */
  readonly names: readonly string[];
  /** `let in`, or `refused (claim_mismatch)`; undefined while nothing was answered. */
  readonly outcome?: string | undefined;
}

const MOST_LOGINS = 3;
/** What a server says of a login that is yet to be applied. */
const TOO_EARLY: ReadonlySet<string | undefined> = new Set([
  'method_not_found',
  'method_not_configured',
  'role_not_found',
  // OpenBao, while the mount is made.
  'login_refused',
] satisfies ErrorCode[]);

/** Records what is applied, and what logs in. */
export class EnvironmentRecorder implements EnvironmentRecord {
  readonly declared = new Map<string, unknown>();
  logins: readonly RecordedLogin[] = [];
  readonly sensitive = new SensitiveValues();
  #applies = 0;

  /** The same provisioner, recorded. */
  applying<Provisioner extends Pick<DirectProvisioner, 'apply'>>(provisioner: Provisioner): Provisioner {
    const apply: DirectProvisioner['apply'] = (name, json) => {
      this.declared.set(name, json);
      return provisioner.apply(name, json);
    };
    return { ...provisioner, apply };
  }

  /** Knows of a call that it is under way, for logins that come too early. */
  whileApplying<Call extends (...given: never[]) => Promise<unknown>>(call: Call): Call {
    return (async (...given) => {
      this.#applies += 1;
      try {
        return await call(...given);
      } finally {
        this.#applies -= 1;
      }
    }) as Call;
  }

  /** Records the logins at a server from now on. */
  watch(server: StartedVault | StartedConsul): void {
    const login = server.login as (request: LoginRequest) => Promise<never>;
    server.login = (request: LoginRequest) =>
      this.#recorded(request, 'jwt', (tell) => {
        tell({ jwt: request?.jwt });
        return login(request);
      });
    if (!('loginWithOidc' in server)) return;
    const { loginWithOidc } = server;
    server.loginWithOidc = (request) =>
      this.#recorded(request, 'oidc', (tell) => {
        tell({});
        const signIn: typeof request.signIn = async (authUrl) => {
          const answer = await request.signIn(authUrl);
          tell({ claims: answer?.claims });
          return answer;
        };
        return loginWithOidc(typeof request?.signIn === 'function' ? { ...request, signIn } : request);
      });
  }

  /** @param logIn is given what takes who logs in, as soon as that is known */
  #recorded<Session>(
    request: LoginPlace | undefined,
    usualMount: string,
    logIn: (tell: (who: Pick<RecordedLogin, 'jwt' | 'claims'>) => void) => Promise<Session>,
  ): Promise<Session> {
    const { role, method, mount = usualMount } = request ?? {};
    const at = placeOf(request ?? {});
    const isEarly = this.#applies > 0;
    const names = [role, method ?? mount].filter((name) => name !== undefined);
    let own: RecordedLogin = { at, names };
    const keep = (more: Partial<RecordedLogin>): void => {
      const isSame = (one: RecordedLogin): boolean => one.jwt === own.jwt && one.claims === own.claims && one.at === at;
      const before = own;
      own = { ...own, ...more };
      this.logins = [...this.logins.filter((one) => one !== before && !isSame(one)), own].slice(-MOST_LOGINS);
    };
    const answer = logIn(keep).catch((error: unknown) => this.#refuse(error));
    answer.then(
      () => keep({ outcome: 'let in' }),
      (error: { readonly code?: string; message: string }) => {
        keep({ outcome: `refused (${error.code ?? 'no code'})` });
        if (isEarly && TOO_EARLY.has(error.code))
          error.message += '; "apply" was still under way: await env.apply(...)';
      },
    );
    return answer;
  }

  /** Throws the error without what is sensitive: a refusal has the role's bounds. */
  async #refuse(error: unknown): Promise<never> {
    const { LoginRefusedError } = await import('./login/login-refused-error.js');
    if (!(error instanceof LoginRefusedError) || this.sensitive.size === 0) throw error;
    const { code, details } = error;
    throw new LoginRefusedError({ ...this.sensitive.hideIn(details), status: details.status, code });
  }
}

/** Where a login is tried, at either server. */
interface LoginPlace {
  readonly role?: string | undefined;
  readonly mount?: string | undefined;
  readonly method?: string | undefined;
}

interface LoginRequest extends LoginPlace {
  readonly jwt: string;
}

function placeOf({ role, mount, method }: LoginPlace): string {
  return [
    role === undefined ? [] : `role "${role}"`,
    mount === undefined ? [] : `at "${mount}"`,
    method === undefined ? [] : `by "${method}"`,
  ]
    .flat()
    .join(' ');
}

const records = new WeakMap<object, EnvironmentRecord>();

/** Keeps the record of an environment for as long as that is there. */
export function keepRecord(environment: object, record: EnvironmentRecord): void {
  records.set(environment, record);
}

/** What was done with an environment. */
export function recordOf(environment: object): EnvironmentRecord {
  return records.get(environment) ?? new EnvironmentRecorder();
}
