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

/** What a user is made with or changed in; what is left out stays unchanged. */
export type UserFields = Partial<Omit<User, 'name' | 'permissions'>>;

/** What becomes of a user. */
export type UserChange = UserFields | 'remove';

/** Whether a store answers with what is there now. */
export interface UserStoreStatus {
  /** The last good state serves, since what is there now can't be had or can't be used. */
  readonly stale: boolean;
  /** Why, without any value of a user; undefined unless stale. */
  readonly reason?: string;
}

/** Where users live. Lookups are asynchronous, since some stores ask a server. */
export interface UserStore extends AsyncDisposable {
  /** The user of exactly this name, as the store has them now. */
  find(name: string): Promise<User | undefined>;
  /** All users, by name. */
  list(): Promise<readonly User[]>;
  /** Whether {@link UserStore.find} and {@link UserStore.list} answer with what is there now. */
  status(): UserStoreStatus;
  /**
   * Makes, changes or removes one user, so that of two writers none loses anything; `find` and `list` know it then.
   * @param decide says what becomes of the user, given what the store has at the moment of writing. It is asked again
   * when another writer came first, so it does nothing else; what it throws leaves everything as it is.
   * @returns the user as they are then; undefined for none
   * @throws TypeError for a role that there is not
   * @throws VaultproofError `users_invalid` when the store can't be written, and what its server refuses
   */
  update(
    name: string,
    decide: (current: User | undefined) => UserChange | Promise<UserChange>,
  ): Promise<User | undefined>;
  /**
   * Calls back after every change that was taken over.
   * @returns a function that ends this
   */
  subscribe(listener: () => void): () => void;
  /** Stops watching; idempotent. What is known stays known. */
  close(): Promise<void>;
}
