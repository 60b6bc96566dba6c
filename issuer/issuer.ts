import { JWKS_PATH, publicRoutes } from './routes/public.js';
import { type Listener, listen } from './server.js';
import { generateSigningKey, type SigningAlgorithm, type SigningKey } from './signing-key.js';
import { signToken, type TokenClaims } from './tokens.js';

const LOOPBACK = '127.0.0.1';

/** How an issuer is started. */
export interface IssuerOptions {
  /** The port on 127.0.0.1; default a free one. */
  readonly port?: number;
  /** The algorithms to generate a key for, the first one signing by default; default `['ES256']`. */
  readonly algorithms?: readonly [SigningAlgorithm, ...SigningAlgorithm[]];
}

/** How a token is signed. */
export interface SignOptions {
  /** The algorithm whose key signs; default the issuer's first. */
  readonly alg?: SigningAlgorithm;
  /** A key to sign with, for example one that the issuer doesn't publish; default the issuer's own. */
  readonly key?: SigningKey;
}

/** How a server reaches this host, as a started server tells it. */
export interface Verifier {
  /** The name that it has for this host. */
  readonly hostName: string;
  /** The address of this host that a listener needs so that it is reached; undefined for loopback. */
  readonly hostAddress: string | undefined;
}

/** An issuer that runs: it signs tokens and publishes the keys to verify them with. */
export interface StartedIssuer extends AsyncDisposable {
  /** The `iss` of its tokens, reachable from this host, for example `http://127.0.0.1:41234`. */
  readonly url: string;
  /** The key set as this host reaches it. */
  readonly jwksUrl: string;
  /** The public keys, as the key set has them. */
  readonly keys: readonly SigningKey['publicJwk'][];
  /** Signs a token; see {@link TokenClaims} for the defaults. */
  sign(claims: TokenClaims, options?: SignOptions): Promise<string>;
  /** Opens a listener where a server reaches this host, if loopback is not enough; it serves public documents only. */
  listenFor(verifier: Verifier): Promise<void>;
  /**
   * The key set's URL as a server reaches it.
   * @throws TypeError when {@link StartedIssuer.listenFor} was not called for a server that needs it
   */
  jwksUrlFor(verifier: Verifier): string;
  /** Frees the ports; idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts an issuer on loopback, with keys of its own.
 * @throws VaultproofError `port_in_use`
 */
export async function startIssuer(options: IssuerOptions = {}): Promise<StartedIssuer> {
  const { port = 0, algorithms = ['ES256'] } = options;
  const keys = await Promise.all(algorithms.map((alg) => generateSigningKey(alg)));
  const publicKeys = keys.map(({ publicJwk }) => publicJwk);
  const app = publicRoutes(() => ({ url, keys: publicKeys }));
  const loopback = await listen(app, LOOPBACK, port);
  const url = `http://${LOOPBACK}:${loopback.port}`;
  const others = new Map<string, Listener>();
  const opening = new Map<string, Promise<void>>();
  const open = async (address: string): Promise<void> => {
    others.set(address, await listen(app, address, 0));
  };

  const keyFor = ({ key, alg = algorithms[0] }: SignOptions): SigningKey => {
    const found = key ?? keys.find((candidate) => candidate.alg === alg);
    if (!found) throw new TypeError(`the issuer has no key for "${alg}", name it in "algorithms"`);
    return found;
  };
  const portFor = ({ hostAddress }: Verifier): number => {
    if (hostAddress === undefined) return loopback.port;
    const listener = others.get(hostAddress);
    if (!listener) throw new TypeError(`the server can't reach the issuer yet, await issuer.listenFor(server) first`);
    return listener.port;
  };
  let stopping: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await Promise.allSettled(opening.values());
    await Promise.all([loopback, ...others.values()].map((listener) => listener.close()));
  };
  const stop = (): Promise<void> => {
    stopping ??= closeAll();
    return stopping;
  };
  return {
    url,
    jwksUrl: `${url}${JWKS_PATH}`,
    keys: publicKeys,
    sign: async (claims, signOptions = {}) => signToken(keyFor(signOptions), url, claims),
    listenFor: async ({ hostAddress }) => {
      if (hostAddress === undefined) return;
      const opened = opening.get(hostAddress) ?? open(hostAddress);
      opening.set(hostAddress, opened);
      await opened;
    },
    jwksUrlFor: (verifier) => `http://${verifier.hostName}:${portFor(verifier)}${JWKS_PATH}`,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
