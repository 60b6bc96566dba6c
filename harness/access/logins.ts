/** Which login something is said of: a role of a JWT auth method of Vault, or an auth method of Consul. */
export type LoginName = VaultLoginName | ConsulLoginName;

/** A role of a JWT auth method of Vault. */
export interface VaultLoginName {
  readonly server?: undefined;
  /** The path of the auth method, without `auth/`. */
  readonly mount: string;
  readonly role: string;
  readonly authMethod?: undefined;
  readonly rule?: undefined;
}

/** An auth method of Consul. */
export interface ConsulLoginName {
  readonly server: 'consul';
  readonly authMethod: string;
  /** Terraform's address of the binding rule by which it is so; undefined where it takes none, or several. */
  readonly rule?: string;
  readonly mount?: undefined;
  readonly role?: undefined;
}
