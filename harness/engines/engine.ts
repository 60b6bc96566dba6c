import type { Product, Service } from '../binaries/index.js';
import type { LogLines } from './log-lines.js';

/** Where a server runs: in a container, or as a child process. */
export type EngineName = 'docker' | 'process';

/** Where a server is, as far as that decides how it reaches others. */
export interface OutboundPlace {
  readonly service: Service;
  readonly engine: EngineName;
  /** The name that it has for this host. */
  readonly hostName: string;
  /** The absolute path of its folder. */
  readonly folder: string;
  /** Whether the engine is on another host. */
  readonly isElsewhere: boolean;
}

/** The variables of a server, and files of its folder by name, that decide how it reaches other hosts. */
export type Outbound = (place: OutboundPlace) => {
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
};

/** A server's command line and files, wherever it is going to run. */
export interface ServerCommand {
  readonly service: Service;
  /** The CA of the API's certificate, PEM, where it is HTTPS; default HTTP. */
  readonly caPem?: string | undefined;
  /**
   * The ports that the server listens on, in the order in which they are neighbours. The first is the API's, and
   * the only one that this host reaches. A container uses the numbers given here; a process gets free ones.
   */
  readonly ports: readonly [number, ...number[]];
  /** Ports that the user asked for, instead of free ones: a taken one is then an error. */
  readonly fixedPort?: number | undefined;
  /** It may be killed and started again: it then has the same ports. Default false. */
  readonly isRestartable?: boolean | undefined;
  /** Other servers of its engine reach all of its ports, see {@link ServerPlace.peerHost}. Default false. */
  readonly hasPeers?: boolean | undefined;
  /** The arguments after the executable's name, once it is known where the server listens and keeps its files. */
  readonly args: (place: ServerPlace) => readonly string[];
  /** Environment variables; secrets go here or in files, never in `args`, which every user of the host can see. */
  readonly env: Readonly<Record<string, string>>;
  /** What must never be shown, wherever the server prints it. */
  readonly secrets: readonly string[];
  /** How it reaches other hosts; default as this host does. */
  readonly outbound?: Outbound | undefined;
  /** Files written to the server's folder before it starts, mode 0600, by name. */
  readonly files: (place: ServerPlace) => Readonly<Record<string, string>>;
}

/** Where a server finds itself. */
export interface ServerPlace {
  /** The address that the API listens on, for example `127.0.0.1`. */
  readonly bindAddress: string;
  /** The ports, in the order of {@link ServerCommand.ports}. */
  readonly ports: readonly number[];
  /** The name or address under which its peers reach it, for example `127.0.0.1` or `host.docker.internal`. */
  readonly peerHost: string;
  /** The ports that its peers connect to, in the order of {@link ServerCommand.ports}. */
  readonly peerPorts: readonly number[];
  /** The absolute path of the folder that holds {@link ServerCommand.files}. */
  readonly folder: string;
}

/** A server that was started; it may still be getting ready. */
export interface ServerInstance {
  readonly product: Product;
  readonly engine: EngineName;
  /** The API as this host reaches it, for example `http://127.0.0.1:14333`. */
  readonly address: string;
  /** The API as its peers reach it, for example `http://host.docker.internal:14333`; default `address`. */
  readonly peerAddress?: string | undefined;
  /** The API's address and port on the network of a container, for example `172.17.0.3:8500`; a process has none. */
  readonly networkHost?: string | undefined;
  /** The name under which the server reaches this host, for example `127.0.0.1` or `host.docker.internal`. */
  readonly hostName: string;
  /** The address of this host that a listener needs so that the server reaches it; default 127.0.0.1. */
  readonly hostAddress?: string | undefined;
  /** Where the engine is and what listens where, if that isn't this host's loopback. */
  readonly note?: string | undefined;
  /** What runs: the executable's path or the image's name. */
  readonly origin: string;
  /** The folder of the executable, where the host has one. */
  readonly binFolder?: string | undefined;
  /** Resolves, with how it ended, once the server is gone; after a `start` it is another promise. */
  readonly exited: Promise<string>;
  /** Everything that the server has written to standard output and standard error. */
  log(): Promise<string>;
  /** The lines of that which have ended, from a position on; 0 is the beginning. */
  linesFrom(position: number): Promise<LogLines>;
  /** Ends the server at once and removes all that it had; idempotent. These servers keep nothing worth a farewell. */
  stop(): Promise<void>;
  /** What else can be done with it; one that another process runs has none. */
  readonly control?: ServerControl | undefined;
}

/** What is done to a server that goes on afterwards. */
export interface ServerControl {
  /** Kills it at once, with SIGKILL; its files stay. */
  kill(): Promise<void>;
  /** Runs it again once it has ended, with the same files and ports; its log goes on. */
  start(): Promise<void>;
  /** Has it do nothing until `resume`: connections to it are made, and no request is answered. */
  pause(): Promise<void>;
  /** Has it go on. */
  resume(): Promise<void>;
}

/** A way to run servers. */
export interface Engine {
  readonly name: EngineName;
  /** What its servers are. */
  readonly product: Product;
  /** The name or address under which this host reaches its servers, for example `127.0.0.1`. */
  readonly host: string;
  /**
   * Starts a server without waiting until it is ready.
   * @throws VaultproofError `port_in_use` when {@link ServerCommand.fixedPort} is taken
   */
  start(command: ServerCommand): Promise<ServerInstance>;
}
