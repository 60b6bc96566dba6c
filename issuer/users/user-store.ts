/** A user as App Mesh has them, with the roles already resolved to permissions. */
export interface User {
  readonly name: string;
  /** A hash as {@link hashPassword} makes it, or the password itself. */
  readonly key: string;
  readonly email: string;
  /** For listing; it grants nothing. */
  readonly group: string;
  /** A locked user neither logs in nor uses a token from before. */
  readonly locked: boolean;
  /** Whether a login takes a one-time code besides the password. */
  readonly mfaEnabled: boolean;
  /** The secret of the one-time codes, base32; empty for none. */
  readonly mfaKey: string;
  readonly roles: readonly string[];
  /** What the roles permit, each permission once, sorted. */
  readonly permissions: readonly string[];
  /** Whatever the document has under `metadata`; null for nothing. */
  readonly metadata: unknown;
}

/** Where users live. Lookups are asynchronous, since some stores ask a server. */
export interface UserStore extends AsyncDisposable {
  /** The user of exactly this name, as the store has them now. */
  find(name: string): Promise<User | undefined>;
  /** All users, by name. */
  list(): Promise<readonly User[]>;
  /**
   * Calls back after every change that was taken over.
   * @returns a function that ends this
   */
  subscribe(listener: () => void): () => void;
  /** Stops watching; idempotent. What is known stays known. */
  close(): Promise<void>;
}
