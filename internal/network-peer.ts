/** A server that connects to this host: how it reaches it, as a started server tells it. */
export interface NetworkPeer {
  /** The name that it has for this host. */
  readonly hostName: string;
  /** The address of this host that a listener needs so that it is reached; undefined for loopback. */
  readonly hostAddress: string | undefined;
}
