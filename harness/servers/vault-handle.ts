import { VaultproofError } from '../../errors/index.js';
import type { HttpClient } from '../../internal/http-client.js';
import { importOnce } from '../../internal/import-in-turn.js';
import { isRecord } from '../../internal/json.js';
import type { NetworkPeer } from '../../internal/listening.js';
import { printedAs } from '../../internal/printable.js';
import { withLoggedCause } from '../api/logged-cause.js';
import {
  decodePath,
  mountNotFound,
  type VaultBody,
  type VaultRequestOptions,
  vaultErrors,
  vaultRequest,
} from '../api/vault-api.js';
import { type Capability, type CapableServer, serverSupports, unsupportedByServer } from '../api/vault-capabilities.js';
import type { ServerInstance, VaultProduct } from '../engines/index.js';
import type { OidcLoginRequest } from '../login/oidc-login.js';
import { knownKvMounts } from '../login/secret-path.js';
import { type VaultLoginRequest, vaultLogin } from '../login/vault-login.js';
import { type VaultSession, vaultSession } from '../login/vault-session.js';
import { type AuditLog, createAuditLog } from './audit-log.js';
import type { StartedConsul } from './consul.js';
import type { ServerOutbound, StartedServer } from './server-options.js';
import type { ReadyServer } from './start-server.js';
import type { VaultSeal } from './vault-seal.js';

/** A Vault that is unsealed and active: on loopback, gone with {@link StartedVault.stop}. */
export interface StartedVault extends StartedServer, VaultSeal {
  /** What runs: HashiCorp's Vault, or OpenBao. */
  readonly product: VaultProduct;
  /** A session with the root token; where nothing is mounted at a path its calls throw `mount_not_found`, with what is. */
  readonly root: VaultSession;
  /** Logs in with a JWT; throws a LoginRefusedError that names the failed check and both sides of it. */
  login(request: VaultLoginRequest): Promise<VaultSession>;
  /**
   * Logs in by the OIDC flow, as `vault login -method=oidc` and Vault's page do with a browser: Vault itself exchanges the code and
   * verifies the ID token. Its provider is the environment's issuer, an issuer that is impersonated, or any other.
   * @throws LoginRefusedError with the check that failed: `redirect_uri_not_allowed`, and what `login` throws
   * @throws VaultproofError `sign_in_refused` where the provider sends the browser back with an error
   * @see https://developer.hashicorp.com/vault/docs/auth/jwt#oidc-authentication
   * @example
   * const session = await env.vault.loginWithOidc({
   *   role: 'admin',
   *   signIn: (authUrl) => env.issuer.signIn(authUrl, { sub: 'ada', groups: ['vault-admins'] }),
   * });
   */
  loginWithOidc(request: OidcLoginRequest): Promise<VaultSession>;
  /**
   * Writes a secret as root at a path as `vault kv put` takes it: a `data/` in it is a part of the secret's name. Where that was not
   * meant, a read without it says so.
   * @throws VaultproofError `mount_not_found` where nothing is mounted there, with what is (`details.mounts`)
   */
  seed(path: string, data: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * Gives a Consul secrets engine a token of its own, with one ACL policy, and the address of the Consul that it makes
   * tokens at. Like a secret it is written, not declared, because it would land in the state.
   * @throws VaultproofError `unsupported_by_server` where the server has no Consul secrets engine, and `request_refused`
   * where there is no such policy or none is mounted
   * @see https://developer.hashicorp.com/vault/api-docs/secret/consul#configure-access
   */
  configureConsulAccess(consul: StartedConsul, access?: ConsulAccess): Promise<void>;
  /**
   * Sends a request to the HTTP API as root.
   * @param path without `/v1/`, for example `sys/auth`
   * @returns the body of the answer
   * @throws VaultproofError with Vault's own words; where a JWT auth method's keys could not be fetched, with the cause that
   * only its log has, in `details.logged`
   */
  request(method: string, path: string, json?: unknown, options?: VaultRequestOptions): Promise<VaultBody>;
  /**
   * Whether the server has something that not every server has: an engine as its plugin catalog names it
   * (`secret/consul`, `auth/github`), `namespaces`, `subscribe` (policies for event notifications), or an argument: `jwks_pairs`,
   * `allowed_managed_keys`, `delegated_auth_accessors`. OpenBao lacks the last four and the Consul secrets engine, a
   * minimal build of Vault all engines but a few, and a Vault that is no enterprise edition namespaces.
   *
   * @example
   * if (await env.vault.supports('secret/consul')) await env.apply((app) => new VaultConsulStack(app, 'tokens', props));
   *
   * @throws TypeError for a name of another form
   * @see https://developer.hashicorp.com/vault/api-docs/system/plugins-catalog#list-plugins-1
   */
  supports(capability: Capability): Promise<boolean>;
  /** The entries of the audit log, which can be waited for; needs the option `auditLog`. */
  readonly auditLog: AuditLog;
}

/** A Vault that is ready, with what its handle is made of. */
export interface ReadyVault extends ReadyServer {
  /** The token that may do everything. */
  readonly token: string;
  readonly version: string;
  readonly seal: VaultSeal;
  /** Whether its audit device is on. */
  readonly auditLog: boolean;
  /** The logs that have its entries, of a cluster those of its nodes; default its own. */
  readonly logs?: readonly Pick<ServerInstance, 'linesFrom'>[];
  /** The document that the server finds at a vendor's URL; default what this host finds there. */
  readonly documentAt?: ServerOutbound['documentAt'] | undefined;
}

const importOidcLogin = importOnce(() => import('../login/oidc-login.js'));

/** The handle of a Vault that is ready. */
export function vaultHandle({ instance, client, handle, token, version, seal, ...running }: ReadyVault): StartedVault {
  const plain: StartedVault['request'] = (...asked) => vaultRequest(client, token, ...asked);
  const request: StartedVault['request'] = (...asked) =>
    plain(...asked).catch(async (error: unknown) => {
      throw await withLoggedCause(error, { request: plain, logTail: handle.logTail });
    });
  const identity = { token, policies: ['root'], ttlSeconds: 0, role: undefined };
  const engines = knownKvMounts();
  const host = {
    name: instance.hostName,
    address: instance.hostAddress ?? '127.0.0.1',
    documentAt: running.documentAt,
  };
  const inspection = { token, engines, host };
  let root: VaultSession | undefined;
  const product = instance.product === 'openbao' ? 'openbao' : 'vault';
  const supports: StartedVault['supports'] = (capability) => serverSupports(product, request, capability);
  const stopped = new AbortController();
  const stop = async (): Promise<void> => {
    stopped.abort();
    await handle.stop();
  };
  void handle.exited.then(() => stopped.abort());
  const started: StartedVault = {
    ...handle,
    ...seal,
    product,
    version,
    supports,
    token,
    // It brings node-vault, which is slow to load.
    get root() {
      root ??= vaultSession(mountClient(client, plain), identity, { engines });
      return root;
    },
    request,
    login: (login) => vaultLogin(client, login, inspection),
    loginWithOidc: async (login) => {
      const { oidcLogin } = await importOidcLogin();
      return oidcLogin(client, login, inspection);
    },
    seed: (path, data) => started.root.write(path, data),
    configureConsulAccess: (consul, access) =>
      configureConsulAccess({ ...handle, product, version, supports, request }, consul, access),
    auditLog: createAuditLog(running.auditLog, running.logs ?? [instance], stopped.signal),
    stop,
    [Symbol.asyncDispose]: stop,
  };
  const name = product === 'openbao' ? 'OpenBao' : 'Vault';
  return printedAs(started, () => `${name}(${version}, ${handle.engine}, ${handle.address})`, [
    'token',
    'root',
    'unsealKeys',
  ]);
}

/** Which of Vault's Consul secrets engines gets access, and with what. */
export interface ConsulAccess {
  /** Where the engine is mounted; default `consul`. */
  readonly mount?: string | undefined;
  /** The ACL policy of its token; default `vault-consul`, as `VaultConsulStack` has it. */
  readonly policy?: string | undefined;
}

/** Makes the engine's token at Consul and hands it to Vault, as `StartedVault.configureConsulAccess` says. */
async function configureConsulAccess(
  vault: NetworkPeer &
    Pick<StartedServer, 'engine'> &
    CapableServer & { request(method: string, path: string, json: unknown): Promise<unknown> },
  consul: StartedConsul,
  { mount = 'consul', policy = 'vault-consul' }: ConsulAccess = {},
): Promise<void> {
  if (!(await vault.supports('secret/consul'))) {
    const lack = { capability: 'secret/consul', neededBy: 'configureConsulAccess' } as const;
    throw unsupportedByServer(vault, [lack], 'no token was made');
  }
  const made = await consul
    .request('PUT', 'acl/token', {
      Description: `Vault's Consul secrets engine at ${mount}`,
      Policies: [{ Name: policy }],
    })
    .catch((error: unknown) => {
      if (!(error instanceof VaultproofError) || !error.message.includes('No such ACL policy')) throw error;
      const { code, message, details } = error;
      const advice = `apply VaultConsulStack first, which declares "vault-consul", or name another policy in "policy"`;
      throw new VaultproofError(code, `${message}: ${advice}`, { cause: error, details });
    });
  const { host: address, protocol } = new URL(await consul.addressFor(vault));
  await vault.request('POST', `${mount}/config/access`, {
    address,
    scheme: protocol.replace(':', ''),
    ca_cert: consul.caPem,
    token: isRecord(made) ? made['SecretID'] : undefined,
  });
}

const PREFLIGHT = 'sys/internal/ui/mounts/';

/**
 * A client for a root token, to which every refusal of permission means another thing: that nothing is mounted.
 * @param request sends a request with that token
 */
function mountClient(client: HttpClient, request: (method: string, path: string) => Promise<VaultBody>): HttpClient {
  return {
    address: client.address,
    product: client.product,
    close: () => client.close(),
    request: async (method, path, options) => {
      const answer = await client.request(method, path, options);
      if (answer.status < 400) return answer;
      const asked = decodePath(path.replace('/v1/', '').replace(PREFLIGHT, ''));
      const refusal = { status: answer.status, errors: vaultErrors(answer.body) };
      const explained = await mountNotFound(refusal, asked, request);
      if (explained) throw explained;
      return answer;
    },
  };
}
