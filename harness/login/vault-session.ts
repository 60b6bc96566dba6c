import { UsageError, VaultproofError } from '../../errors/index.js';
import type { HttpAnswer, HttpClient } from '../../internal/http-client.js';
import { isRecord, membersOf } from '../../internal/json.js';
import { printedAs } from '../../internal/printable.js';
import { encodePath, refuseRedirect, untilUpgraded, type VaultBody, vaultRefusal } from '../api/vault-api.js';
import { explainedClient, type NodeVaultClient, nodeVaultClient } from './node-vault-client.js';
import type { MatchedBound } from './role-bounds.js';
import {
  bare,
  type KnownKvMounts,
  knownKvMounts,
  preflightPath,
  type SecretPath,
  secretOf,
  secretPath,
} from './secret-path.js';
import type { DeniedRequest } from './vault-session-denied.js';

/** What a Vault token may do, and the calls to try it with. */
export interface VaultSession {
  /** The Vault token, for other clients. */
  readonly token: string;
  /** The names of the token's policies, sorted by Vault, `default` among them unless the role says otherwise. */
  readonly policies: readonly string[];
  /** Seconds that the token lives, 0 for a root token, which has no end. */
  readonly ttlSeconds: number;
  /** The role that was logged in with; undefined for a root token. */
  readonly role: string | undefined;
  /**
   * Why the login was let in: each bound of the role and the auth method that the token has met, with the values and globs that
   * fit its claim. It reads the role when it is called, so that a role that was changed since is read as it is now.
   * @returns nothing for a session that no JWT was logged in with
   * @throws VaultproofError `permission_denied` where the role may not be read: by the root token of a started server, by the `token`
   * that `loginToVault()` was given, else by the session's own
   * @see https://developer.hashicorp.com/vault/docs/auth/jwt#bound-claims
   * @example
   * await session.matchedBounds();
   * // [{ bound: 'bound_claims', name: 'ref', expected: ['refs/heads/*'], found: 'refs/heads/main', matched: ['refs/heads/*'] }]
   */
  matchedBounds(): Promise<readonly MatchedBound[]>;
  /** The node-vault client under this session, for everything else. It goes to this server alone. */
  readonly client: NodeVaultClient;
  /**
   * Reads a secret at a path as `vault kv get` takes it, such as `kv/team/db`: the KV version is looked up.
   * @returns the secret's data
   * @throws VaultproofError `permission_denied`, of a started server's session with the reason: `details` has the token's
   * `policies`, the capabilities that are `missing`, and the `nearest` rule that grants something; `secret_not_found`
   * @see https://developer.hashicorp.com/vault/docs/commands/kv/get
   */
  read(path: string): Promise<Readonly<Record<string, unknown>>>;
  /**
   * Writes a secret at a path as `vault kv put` takes it: a `data/` in it is a part of the secret's name.
   * @throws VaultproofError `permission_denied`, as {@link VaultSession.read} does
   */
  write(path: string, data: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * Has a secrets engine make a credential, such as a Consul token at `consul/creds/app`. It ends with its lease: when the
   * time is over, when the lease is revoked, and a moment after this session's token ends.
   * @throws VaultproofError `permission_denied`, and `request_refused` with the engine's words, such as for an unknown role
   * @throws TypeError where there is no lease: what lies at such a path is for {@link VaultSession.read}
   * @see https://developer.hashicorp.com/vault/docs/concepts/lease
   */
  lease(path: string): Promise<VaultLease>;
  /**
   * Revokes the token, and with it all its leases, which Vault ends in the background; idempotent, and no error where the
   * token has ended. The root session's token is the environment's own.
   * @throws VaultproofError `permission_denied` for a token that may not revoke itself and stays alive, such as one without
   * the policy `default`, and `request_refused` for a batch token, which nobody can revoke: its leases end when it does
   * @see https://developer.hashicorp.com/vault/api-docs/auth/token#revoke-a-token-self
   */
  logout(): Promise<void>;
}

/** What a secrets engine made, and for how long. */
export interface VaultLease {
  /** For `sys/leases/revoke`, `renew` and `lookup`. */
  readonly leaseId: string;
  /** Seconds until it ends. */
  readonly ttlSeconds: number;
  readonly renewable: boolean;
  /** The credential itself, by the engine's own names: the Consul engine has `token` and `accessor`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What is used here of the `auth` of a Vault answer. */
export interface VaultAuth {
  readonly token: string;
  readonly policies: readonly string[];
  readonly ttlSeconds: number;
  readonly role: string | undefined;
}

/** Sends a request of a session's, whose path is encoded, without `/v1/`. */
type Send = (method: string, path: string, json?: VaultBody) => Promise<HttpAnswer>;

/** An answer's body, or its refusal as an error. */
type Accept = (method: string, path: string, answer: Pick<HttpAnswer, 'status' | 'body'>) => VaultBody;

/** What explains a session. */
interface SessionInspection {
  /** A token that may read the session's policies, to explain what they deny; default none. */
  readonly readerToken?: string | undefined;
  /** Default nothing, as for a session that no JWT was logged in with. */
  readonly matchedBounds?: VaultSession['matchedBounds'];
  /** Shared with other sessions of the same namespace; default the session's own. */
  readonly engines?: KnownKvMounts | undefined;
}

/** A session with a token that is at hand. */
export function vaultSession(
  http: HttpClient,
  auth: VaultAuth,
  { readerToken, matchedBounds = async () => [], engines = knownKvMounts() }: SessionInspection = {},
): VaultSession {
  const send: Send = (method, path, json) =>
    untilUpgraded(async () => {
      const answer = await http.request(method, `/v1/${path}`, { headers: { 'x-vault-token': auth.token }, json });
      refuseRedirect(http, method, path, answer);
      return answer;
    });
  const accepted: Accept = (method, path, { status, body }) => {
    if (status >= 300) throw vaultRefusal(http, method, path, status, body);
    return membersOf(body);
  };
  let client: NodeVaultClient | undefined;
  /** Tries what Vault may deny, and then says why. */
  const tried = <Result>(request: DeniedRequest, attempt: () => Promise<Result>): Promise<Result> =>
    attempt().catch(async (error: unknown) => {
      const isDenied = error instanceof VaultproofError && error.details['status'] === 403;
      if (!isDenied || readerToken === undefined) throw error;
      const { explainDenied } = await import('./vault-session-denied.js');
      throw await explainDenied(http, { readerToken, sessionToken: auth.token }, error, request);
    });
  /** What to say where a secret of KV v2 was written at the path that the API has, which is a name of its own to `vault kv`. */
  const secretBelowData = async ({ mount, version }: SecretPath, path: string): Promise<string | undefined> => {
    if (version !== 2 || mount === undefined) return undefined;
    const written = `data/${bare(path).slice(mount.length)}`;
    const token = readerToken ?? auth.token;
    const at = `/v1/${encodePath(`${mount}data/${written}`)}`;
    const { status } = await http.request('GET', at, { headers: { 'x-vault-token': token } });
    if (status !== 200) return undefined;
    return `there is one at "${mount}${written}", and a path of "vault kv" has no "data/": write it without`;
  };
  const session: VaultSession = {
    ...auth,
    get client() {
      client ??= explainedClient(nodeVaultClient(http, auth.token), http, tried);
      return client;
    },
    matchedBounds,
    read: async (path) =>
      tried({ path: bare(path), isSecret: true, operations: ['read'] }, async () => {
        const known = await readKnown(send, path, engines);
        if (known) return known;
        const place = await locate(send, path, accepted, engines);
        const { apiPath, version } = place;
        const answer = await send('GET', apiPath);
        if (answer.status === 404) {
          const besides = await secretBelowData(place, path);
          throw new VaultproofError(
            'secret_not_found',
            `there is no secret at "${path}": ${besides ?? 'write one first'}`,
            {
              details: { path, status: answer.status },
            },
          );
        }
        const data = dataOf(accepted('GET', apiPath, answer));
        return version === 2 ? dataOf(data) : data;
      }),
    write: async (path, data) =>
      tried({ path: bare(path), isSecret: true, operations: ['create', 'update'], data }, async () => {
        const { apiPath, version } = await locate(send, path, accepted, engines);
        accepted('POST', apiPath, await send('POST', apiPath, version === 2 ? { data } : data));
      }),
    lease: async (path) =>
      tried({ path: bare(path), isSecret: false, operations: ['read'] }, async () => {
        const apiPath = encodePath(bare(path));
        const answer = accepted('GET', apiPath, await send('GET', apiPath));
        const { lease_id: leaseId, lease_duration: seconds, renewable } = answer;
        if (typeof leaseId !== 'string' || leaseId === '') {
          throw new UsageError(`"${path}" returns no lease: use "read"`);
        }
        const lease = { leaseId, ttlSeconds: Number(seconds), renewable: renewable === true, data: dataOf(answer) };
        return printedAs(lease, () => `VaultLease(${leaseId}, ${lease.ttlSeconds} s)`, ['data']);
      }),
    logout: async () => {
      const path = 'auth/token/revoke-self';
      const answer = await send('POST', path);
      // A token that has ended gets 403, and so does one without the policy "default", which stays alive.
      const isGone = answer.status === 403 && (await send('GET', 'sys/internal/ui/mounts')).status === 403;
      if (!isGone) accepted('POST', path, answer);
    },
  };
  return printedAs(session, () => describeSession(auth), ['token', 'client']);
}

function describeSession({ role, policies, ttlSeconds }: VaultAuth): string {
  const parts = [role === undefined ? [] : `role ${role}`, `policies ${policies.join(', ') || 'none'}`];
  return `VaultSession(${[...parts.flat(), ttlSeconds === 0 ? 'no end' : `${ttlSeconds} s`].join(', ')})`;
}

/** Where a secret lies, as `vault kv` finds out too; the API path is encoded. */
async function locate(send: Send, path: string, accepted: Accept, engines: KnownKvMounts): Promise<SecretPath> {
  const asked = bare(path);
  const preflight = preflightPath(asked);
  const mount = dataOf(accepted('GET', preflight, await send('GET', preflight)));
  engines.keep(mount);
  const place = secretPath(asked, mount);
  return { ...place, apiPath: encodePath(place.apiPath) };
}

/** Reads a secret in one request; undefined where its engine is not known, is another one by now, or refuses. */
async function readKnown(
  send: Send,
  path: string,
  engines: KnownKvMounts,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const place = engines.placeOf(bare(path));
  if (place === undefined) return undefined;
  try {
    const { status, body } = await send('GET', encodePath(place.apiPath));
    return status === 200 && isRecord(body) ? secretOf(dataOf(body), place.version) : undefined;
  } catch (error) {
    if (error instanceof VaultproofError && error.code === 'mount_not_found') return undefined;
    throw error;
  }
}

function dataOf(body: VaultBody): VaultBody {
  return membersOf(body['data']);
}
