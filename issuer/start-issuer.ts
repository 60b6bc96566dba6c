import type { Hono } from 'hono';
import { UsageError } from '../errors/index.js';
import { type KnownOptions, refuseUnknownOptions } from '../internal/known-options.js';
import { checkPort, type NetworkPeer } from '../internal/listening.js';
import { printedAs } from '../internal/printable.js';
import {
  ADMIN_PATH,
  type AdminAccess,
  type AdminOptions,
  adminAccess,
  adminRoutes,
  adminToken,
} from './admin/access.js';
import { openidRoutes } from './endpoints/openid.js';
import { type Announce, JWKS_PATH, publicDocuments } from './endpoints/public-documents.js';
import { type InitialFaults, type Publication, type Publisher, publisher } from './faults/publication.js';
import { issuerRoutes } from './http/issuer-routes.js';
import { type Listener, type ListenOptions, listen } from './http/listen.js';
import { behindOwnOrigin } from './http/own-origin.js';
import { createIssuer, type Delegate, describeIssuer, type Issuer, type IssuerSetup } from './issuer.js';
import { type RotationScheduleOptions, scheduleRotation } from './keys/rotation-schedule.js';
import { type TlsFaultName, type TlsFaults, tlsFaultSwitch } from './tls/tls-fault.js';
import type { TlsIdentity } from './tls/tls-identity.js';
import type { UserStore } from './users/user-store.js';

const LOOPBACK = '127.0.0.1';

/** How an issuer is started. */
export interface IssuerOptions extends IssuerSetup {
  /** The port on 127.0.0.1; default a free one. */
  readonly port?: number | undefined;
  /** Routes besides the key set and discovery, on loopback alone; each issuer of the server has them under its path. */
  readonly dialects?: readonly Dialect[] | undefined;
  /** How long a request may take to arrive, headers and body, in milliseconds; default 10,000. The answer is then 408. */
  readonly requestTimeoutMs?: number | undefined;
  /** How many connections each listener has open at once; default 512. Beyond that the quietest is closed. */
  readonly mostConnections?: number | undefined;
  /** Faults to begin with, by document; default none. */
  readonly faults?: InitialFaults | undefined;
  /**
   * Serves HTTPS: `true` makes a CA and a certificate for this issuer alone, see {@link StartedIssuer.caPem}; an identity of
   * one's own is as {@link generateTlsIdentity} makes it. Default HTTP.
   */
  readonly tls?: boolean | TlsIdentity | undefined;
  /** A fault of its connections to begin with, which takes `tls`; default none. */
  readonly tlsFault?: TlsFaultName | undefined;
  /** Opens the admin API of each issuer of the server, on loopback alone; default off. */
  readonly admin?: boolean | AdminOptions | undefined;
  /**
   * Whether anyone on this host may sign in in a browser, by a form that takes any claims; default only {@link Issuer.signIn}
   * signs anyone in.
   */
  readonly signInForm?: boolean | undefined;
  /** Rotates the keys by themselves; default never. */
  readonly rotation?: RotationScheduleOptions | undefined;
  /** Who signs what has another `iss`; default the issuer itself. */
  readonly delegate?: Delegate | undefined;
  /** Called with a line, without a secret, about why a request was answered with 500. Default: ignored. */
  readonly warn?: ((message: string) => void) | undefined;
}

const issuerOptions: KnownOptions<IssuerOptions> = {
  algorithms: true,
  keys: true,
  generateKey: true,
  clock: true,
  claims: true,
  port: true,
  dialects: true,
  requestTimeoutMs: true,
  mostConnections: true,
  faults: true,
  tls: true,
  tlsFault: true,
  admin: true,
  signInForm: true,
  rotation: true,
  delegate: true,
  warn: true,
};

/** Routes that mint or check tokens, given the issuer that signs. */
export interface Dialect {
  /** @param beside the users of the logins that the issuer has besides; default none */
  (issuer: Issuer, beside?: { readonly users: UserStore | undefined }): Hono;
  /** What an issuer's metadata says about them; default nothing. */
  readonly announce?: Announce;
  /** The users of its login, for the admin API; default none. */
  readonly users?: UserStore;
}

/** How an issuer is administered over HTTP. */
export interface Administered {
  /** Undefined unless {@link IssuerOptions.admin} opens it. */
  readonly admin: AdminAccess | undefined;
}

/** An issuer that runs: it signs tokens and publishes the keys to verify them with. */
export interface StartedIssuer extends Issuer, Publication, Administered, AsyncDisposable {
  /** The key set as this host reaches it. */
  readonly jwksUrl: string;
  /** The CA of its certificate as PEM, for Vault's `jwks_ca_pem` and Consul's `JWKSCACert`; undefined over HTTP. */
  readonly caPem: string | undefined;
  /** The faults of the connections to it, on all its listeners but those of {@link StartedIssuer.listenOn}. */
  readonly tlsFaults: TlsFaults;
  /** Opens a listener where a server reaches this host, if loopback is not enough; it serves public documents only. */
  listenFor(peer: NetworkPeer): Promise<void>;
  /**
   * Serves all that the issuer's own port serves on one more port of 127.0.0.1; `iss` stays the issuer's URL.
   * @param port 0 for a free one
   * @returns its URL, without a slash at the end
   * @throws VaultproofError `port_in_use`
   */
  listenOn(port: number, options?: Pick<ListenOptions, 'tls'>): Promise<string>;
  /**
   * The key set's URL as a server reaches it.
   * @param issuer one of {@link StartedIssuer.addIssuer}; default this one
   * @throws TypeError when {@link StartedIssuer.listenFor} was not called for a server that needs it
   */
  jwksUrlFor(peer: NetworkPeer, issuer?: Issuer): string;
  /**
   * What a server needs to trust this issuer, as the stacks take it: {@link StartedIssuer.jwksUrlFor}, and the `iss` of its
   * tokens.
   *
   * @example
   * new VaultJwtStack(app, 'login', { ...env.issuer.trustedBy(env.vault), roles, policies });
   * @param issuer one of {@link StartedIssuer.addIssuer}; default this one
   * @throws TypeError when {@link StartedIssuer.listenFor} was not called for a server that needs it
   */
  trustedBy(peer: NetworkPeer, issuer?: Issuer): { readonly jwksUrl: string; readonly boundIssuer: string };
  /**
   * The issuer's URL as a server reaches it, for discovery: Vault's `oidc_discovery_url` and Consul's `OIDCDiscoveryURL`. The
   * discovery document that is fetched there names this URL as its `issuer`, as both servers want it. It is
   * {@link StartedIssuer.url} for a server that runs as a process. The `iss` of tokens is still {@link StartedIssuer.url}:
   * Vault holds it against `bound_issuer` alone; for Consul in a container, sign with this URL.
   *
   * @example
   * const iss = env.issuer.discoveryUrlFor(env.consul);
   * await env.consul.login({ method: 'jwt', jwt: await env.issuer.sign({ sub: 'vishpat', aud: null, iss }) });
   *
   * @param issuer one of {@link StartedIssuer.addIssuer}; default this one
   * @throws TypeError when {@link StartedIssuer.listenFor} was not called for a server that needs it
   */
  discoveryUrlFor(peer: NetworkPeer, issuer?: Issuer): string;
  /**
   * Adds an issuer of its own, with its own keys, under a path of this server's URL, with this server's dialects.
   * @param path starts with a slash and doesn't end with one, for example `/tenant-a`
   */
  addIssuer(
    path: string,
    setup?: IssuerSetup & Pick<IssuerOptions, 'faults'>,
  ): Promise<Issuer & Publication & Administered>;
  /** Frees the ports; idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts an issuer on loopback, with keys of its own.
 * @throws VaultproofError `port_in_use`
 * @example
 * await using issuer = await startIssuer();
 * const jwt = await issuer.sign({ sub: 'app', aud: 'vault' });
 */
export async function startIssuer(options: IssuerOptions = {}): Promise<StartedIssuer> {
  refuseUnknownOptions('startIssuer', options, issuerOptions);
  checkPort('startIssuer', options.port);
  checkDialects(options.dialects);
  const {
    port = 0,
    dialects = [],
    requestTimeoutMs,
    mostConnections,
    faults: initialFaults,
    tls: asked = false,
    tlsFault,
    signInForm,
    rotation,
    admin,
    warn,
    delegate,
    ...setup
  } = options;
  const token = adminToken(admin);
  const tls = await identityOf(asked);
  const limits = { requestTimeoutMs, mostConnections };
  const scheme = tls ? 'https' : 'http';
  const tlsFaults = tlsFaultSwitch(tls, tlsFault);
  const serving = { ...limits, tls, tlsFaults: tls && tlsFaults };
  const issuers = new Map<string, Issuer>();
  const publishers = new Map<Issuer, Publisher>();
  const announce: Announce = (issuer) => Object.assign({}, ...dialects.map((dialect) => dialect.announce?.(issuer)));
  /** The hosts that servers reach this issuer by. */
  const hosts = new Set<string>();
  const urlAt = (issuer: Issuer, host: string | undefined): string =>
    host !== undefined && hosts.has(host) ? `${scheme}://${host}${pathOf(issuer)}` : issuer.url;
  const documents = publicDocuments(issuers, announce, publishers, urlAt);
  /** What is served wherever the issuer is reached, besides documents. */
  const signIns = issuerRoutes(warn);
  /** The same, and what mints tokens. */
  const app = issuerRoutes(warn);
  const users = dialects.find((dialect) => dialect.users)?.users;
  const add = (path: string, issuer: Issuer, publishing: Publisher): Publication & Administered => {
    issuers.set(path, issuer);
    publishers.set(issuer, publishing);
    const access = token === undefined ? undefined : adminAccess(`${issuer.url}${ADMIN_PATH}`, token);
    const subject = { issuer, publisher: publishing, tlsFaults: tls && tlsFaults, users };
    const own = dialects.map((dialect) => dialect(issuer, { users }));
    if (!own.every(({ routes }) => Array.isArray(routes))) throw noDialects();
    if (access) own.push(adminRoutes(subject, access));
    signIns.add(path, () => [openidRoutes(issuer)]);
    app.add(path, () => [...own.map(behindOwnOrigin), openidRoutes(issuer, signInForm)]);
    return { faults: publishing.faults, fetches: publishing.fetches, admin: access };
  };
  const publishing = publisher(initialFaults);
  const loopback = await listen({ documents, app }, LOOPBACK, port, serving);
  const url = `${scheme}://${LOOPBACK}:${loopback.port}`;
  const begin = async () => {
    const issuer = await createIssuer(url, setup, delegate);
    const publication = add('', issuer, publishing);
    const schedule = rotation && scheduleRotation(issuer, rotation);
    return { issuer, publication, schedule };
  };
  const { issuer, publication, schedule } = await begin().catch(async (error: unknown) => {
    await loopback.close();
    throw error;
  });

  const others = new Map<string, Promise<Listener>>();
  const ports = new Map<string, number>();
  const portFor = ({ hostAddress }: NetworkPeer): number => {
    if (hostAddress === undefined) return loopback.port;
    const reachable = ports.get(hostAddress);
    if (reachable === undefined) {
      throw new UsageError("the server can't reach the issuer yet, await issuer.listenFor(server) first");
    }
    return reachable;
  };
  const hostFor = (peer: NetworkPeer): string => {
    if (typeof peer?.hostName !== 'string') {
      throw new UsageError(`"${peer}" is not a server: give one, as in jwksUrlFor(env.vault)`);
    }
    return `${peer.hostName}:${portFor(peer)}`;
  };
  const pathOf = (one: Issuer): string => one.url.slice(url.length);
  const discoveryUrlFor = (peer: NetworkPeer, ofIssuer: Issuer = issuer): string =>
    `${scheme}://${hostFor(peer)}${pathOf(ofIssuer)}`;
  const more: Promise<Listener>[] = [];
  const stop = async (): Promise<void> => {
    await schedule?.stop();
    const listeners = await Promise.allSettled([loopback, ...others.values(), ...more]);
    await Promise.all(listeners.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.close() : undefined)));
  };
  const started: StartedIssuer = {
    ...issuer,
    ...publication,
    jwksUrl: `${url}${JWKS_PATH}`,
    caPem: tls?.ca,
    tlsFaults: { get: tlsFaults.get, set: tlsFaults.set, clear: tlsFaults.clear },
    listenFor: async (peer) => {
      const { hostAddress } = peer;
      if (hostAddress !== undefined) {
        const opening = others.get(hostAddress) ?? listen({ documents, app: signIns }, hostAddress, 0, serving);
        others.set(hostAddress, opening);
        ports.set(hostAddress, (await opening).port);
      }
      hosts.add(hostFor(peer));
    },
    listenOn: async (morePort, { tls: moreTls } = {}) => {
      const opening = listen({ documents, app }, LOOPBACK, morePort, { ...limits, tls: moreTls });
      more.push(opening);
      return `${moreTls ? 'https' : 'http'}://${LOOPBACK}:${(await opening).port}`;
    },
    jwksUrlFor: (peer, ofIssuer) => `${discoveryUrlFor(peer, ofIssuer)}${JWKS_PATH}`,
    trustedBy: (peer, ofIssuer = issuer) => ({
      jwksUrl: `${discoveryUrlFor(peer, ofIssuer)}${JWKS_PATH}`,
      boundIssuer: ofIssuer.url,
    }),
    discoveryUrlFor,
    addIssuer: async (path, { faults, clock = issuer.clock, ...added } = {}) => {
      if (!/^(?:\/[\w.~-]+)+$/.test(path)) throw new UsageError(`"${path}" is not a path such as "/tenant-a"`);
      if (token !== undefined && path.split('/').includes(ADMIN_PATH.slice(1))) {
        throw new UsageError(`"${path}" belongs to the admin API: choose another path`);
      }
      if (issuers.has(path)) throw new UsageError(`an issuer at "${path}" already exists: choose another path`);
      const other = await createIssuer(`${url}${path}`, { clock, ...added }, delegate);
      return printedAs({ ...other, ...add(path, other, publisher(faults)) }, () => describeIssuer(other));
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
  return printedAs(started, () => describeIssuer(issuer));
}

/** @throws TypeError for what is no identity */
async function identityOf(tls: boolean | TlsIdentity): Promise<TlsIdentity | undefined> {
  if (tls === false) return undefined;
  if (tls === true) return (await import('./tls/tls-identity.js')).generateTlsIdentity();
  if (typeof tls?.key === 'string' && typeof tls.cert === 'string' && typeof tls.ca === 'string') return tls;
  throw new UsageError('"tls" must be true, or an identity with "key", "cert" and "ca" as PEM');
}

/** What TypeScript holds, for those who write JavaScript. */
function checkDialects(dialects: unknown = []): void {
  if (!Array.isArray(dialects) || !dialects.every((one) => typeof one === 'function')) throw noDialects();
}

function noDialects(): UsageError {
  return new UsageError(
    '"dialects" must be a list of what tokenDialect() and the like return: dialects: [tokenDialect()]',
  );
}
