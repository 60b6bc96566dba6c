import { Hono } from 'hono';
import { type Listener, listen } from './http/listen.js';
import { ownOriginOnly } from './http/own-origin.js';
import { createIssuer, type Issuer, type IssuerSetup } from './issuer.js';
import { JWKS_PATH, publicRoutes } from './routes/public.js';

const LOOPBACK = '127.0.0.1';

/** How an issuer is started. */
export interface IssuerOptions extends IssuerSetup {
  /** The port on 127.0.0.1; default a free one. */
  readonly port?: number;
  /** Routes besides the key set and discovery, on loopback alone. */
  readonly dialects?: readonly Dialect[];
}

/** Routes that mint or check tokens, given the issuer that signs. */
export type Dialect = (issuer: Issuer) => Hono;

/** How a server reaches this host, as a started server tells it. */
export interface Verifier {
  /** The name that it has for this host. */
  readonly hostName: string;
  /** The address of this host that a listener needs so that it is reached; undefined for loopback. */
  readonly hostAddress: string | undefined;
}

/** An issuer that runs: it signs tokens and publishes the keys to verify them with. */
export interface StartedIssuer extends Issuer, AsyncDisposable {
  /** The key set as this host reaches it. */
  readonly jwksUrl: string;
  /** Opens a listener where a server reaches this host, if loopback is not enough; it serves public documents only. */
  listenFor(verifier: Verifier): Promise<void>;
  /**
   * The key set's URL as a server reaches it.
   * @param issuer one of {@link StartedIssuer.addIssuer}; default this one
   * @throws TypeError when {@link StartedIssuer.listenFor} was not called for a server that needs it
   */
  jwksUrlFor(verifier: Verifier, issuer?: Issuer): string;
  /**
   * Adds an issuer of its own, with its own keys, under a path of this server's URL.
   * @param path starts with a slash and doesn't end with one, for example `/tenant-a`
   */
  addIssuer(path: string, setup?: IssuerSetup): Promise<Issuer>;
  /** Frees the ports; idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts an issuer on loopback, with keys of its own.
 * @throws VaultproofError `port_in_use`
 */
export async function startIssuer(options: IssuerOptions = {}): Promise<StartedIssuer> {
  const { port = 0, dialects = [], ...setup } = options;
  const issuers = new Map<string, Issuer>();
  const documents = publicRoutes(issuers);
  let everything = documents;
  const loopback = await listen({ fetch: (...request) => everything.fetch(...request) }, LOOPBACK, port);
  const url = `http://${LOOPBACK}:${loopback.port}`;
  const issuer = await createIssuer(url, setup);
  issuers.set('', issuer);
  everything = new Hono().route('/', documents).use(ownOriginOnly());
  for (const dialect of dialects) everything.route('/', dialect(issuer));

  const others = new Map<string, Promise<Listener>>();
  const ports = new Map<string, number>();
  const portFor = ({ hostAddress }: Verifier): number => {
    if (hostAddress === undefined) return loopback.port;
    const reachable = ports.get(hostAddress);
    if (reachable === undefined) {
      throw new TypeError("the server can't reach the issuer yet, await issuer.listenFor(server) first");
    }
    return reachable;
  };
  const stop = async (): Promise<void> => {
    const listeners = await Promise.allSettled([loopback, ...others.values()]);
    await Promise.all(listeners.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.close() : undefined)));
  };
  return {
    ...issuer,
    jwksUrl: `${url}${JWKS_PATH}`,
    listenFor: async ({ hostAddress }) => {
      if (hostAddress === undefined) return;
      const opening = others.get(hostAddress) ?? listen(documents, hostAddress, 0);
      others.set(hostAddress, opening);
      ports.set(hostAddress, (await opening).port);
    },
    jwksUrlFor: (verifier, { url: issuerUrl } = issuer) =>
      `http://${verifier.hostName}:${portFor(verifier)}${issuerUrl.slice(url.length)}${JWKS_PATH}`,
    addIssuer: async (path, added = {}) => {
      if (!/^(?:\/[\w.~-]+)+$/.test(path)) throw new TypeError(`"${path}" is not a path such as "/tenant-a"`);
      if (issuers.has(path)) throw new TypeError(`there is an issuer at "${path}" already`);
      const other = await createIssuer(`${url}${path}`, { clock: issuer.clock, ...added });
      issuers.set(path, other);
      return other;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
