import type { VaultproofError } from '../../errors/index.js';
import type { KnownOptions } from '../../internal/known-options.js';
import type { NetworkPeer } from '../../internal/listening.js';
import type { EngineName, Outbound, Report } from '../engines/index.js';

/** What every server that is started takes. */
export interface ServerOptions {
  /** Where it runs; default VAULTPROOF_ENGINE, else Docker where the image is local, else a process. */
  readonly engine?: EngineName | undefined;
  /** The version to obtain when none is at hand, and the tag of the default image. */
  readonly version?: string | undefined;
  /** `process`: the executable's path; default VAULTPROOF_VAULT_PATH or VAULTPROOF_CONSUL_PATH, else PATH. */
  readonly executable?: string | undefined;
  /** `docker`: the image; default VAULTPROOF_VAULT_IMAGE or VAULTPROOF_CONSUL_IMAGE, else hashicorp's own. */
  readonly image?: string | undefined;
  /** The API's port on 127.0.0.1, or where Docker publishes it; default a free one. Vault also takes the one after it, Consul the next three. */
  readonly port?: number | undefined;
  /** How long it may take from its start until it is ready, in milliseconds; default 30,000. */
  readonly startupTimeoutMs?: number | undefined;
  /** Receives lines about what takes long: a download, a build, a pull. Default: they are dropped. */
  readonly report?: Report | undefined;
  /** Ends a download or a build that is on its way; the start then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** See {@link refuseUnknownOptions}. */
export const serverOptions: KnownOptions<ServerOptions> = {
  engine: true,
  version: true,
  executable: true,
  image: true,
  port: true,
  startupTimeoutMs: true,
  report: true,
  signal: true,
};

/** What a server shows who it is with, as PEM, and what its clients verify that with. */
export interface ServerIdentity {
  /** The private key; a secret. */
  readonly key: string;
  /** The certificate, and any between it and the CA. */
  readonly cert: string;
  readonly ca: string;
}

/** How a server is started, once it is known who it is. */
export interface IdentifiedServerOptions extends ServerOptions {
  /** The API is HTTPS, and there is no HTTP, with what this gives for the name or address that it is reached by; default HTTP. */
  readonly identify?: ((host: string) => Promise<ServerIdentity>) | undefined;
}

/**
 * A server's environment. Go collects garbage four or five times before a Vault or a Consul has begun to listen, which takes
 * a tenth of its start: the heap may grow to five times what lives in it here, where it is twice by default. A memory limit with no
 * other collection would save as much, and take three times the processor's time once 150 MB of secrets live.
 * @see https://go.dev/doc/gc-guide#GOGC
 */
export const rareGc = { GOGC: '400' } as const;

/** The files of a server's folder that its certificate and key are in. */
export const identityFiles = { cert: 'server-cert.pem', key: 'server-key.pem' } as const;

/** How a server reaches vendors' hosts, and what answers there. */
export interface ServerOutbound {
  readonly settings: Outbound;
  /** The document that is served at a URL; undefined for none. */
  readonly documentAt: (url: string) => Promise<unknown>;
}

/** What every server that was started offers. */
export interface StartedServer extends NetworkPeer, AsyncDisposable {
  readonly engine: EngineName;
  /** Why that engine was taken, in a sentence. */
  readonly engineReason: string;
  /** What runs: the executable's path or the image's name. */
  readonly origin: string;
  /** The folder of the server's executable, where the host has one. */
  readonly binFolder: string | undefined;
  /** The API as this host reaches it, for example `http://127.0.0.1:14333`. */
  readonly address: string;
  /**
   * The CA to verify its HTTPS with, as `VAULT_CACERT`, `consul -ca-file` and `curl --cacert` take it in a file; undefined
   * where it is HTTP.
   */
  readonly caPem: string | undefined;
  /** The name under which the server reaches this host: `127.0.0.1`, or `host.docker.internal` from a container. */
  readonly hostName: string;
  /** The address of this host that a listener needs so that the server reaches it; undefined for loopback. */
  readonly hostAddress: string | undefined;
  /** The version that the server says it has, for example `1.21.1`. */
  readonly version: string;
  /** The token that may do everything, random for every server. */
  readonly token: string;
  /**
   * The API as another server reaches it, wherever the two run; as `issuer.jwksUrlFor` has the key set. For a server in a
   * container, one that runs as a process is passed on to it on the bridge's gateway until it is stopped.
   */
  addressFor(other: NetworkPeer & Pick<StartedServer, 'engine'>): Promise<string>;
  /**
   * Resolves, with `server_exited` and the end of its log in the message, when the server has ended by itself; stays
   * pending after {@link StartedServer.stop}. Useful without requests: a request to such a server fails with the
   * same code.
   */
  readonly exited: Promise<VaultproofError>;
  /** The end of the server's log, 20 lines by default; its own secrets are redacted. */
  logTail(lines?: number): Promise<string>;
  /** Ends the server and removes all that it had; idempotent. */
  stop(): Promise<void>;
}
