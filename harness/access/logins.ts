/** Which login something is said of: a role of a JWT auth method of Vault, or an auth method of Consul. */
export type LoginName = VaultLoginName | ConsulLoginName;

/** A role of a JWT auth method of Vault. */
export interface VaultLoginName {
  readonly server?: undefined;
  /** Where the auth method is; default the root namespace. */
  readonly namespace?: string;
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
  readonly namespace?: undefined;
  readonly mount?: undefined;
  readonly role?: undefined;
}

/** How a login of Vault is named, without what else is known of it. */
export function vaultLoginName({
  namespace,
  mount,
  role,
}: Omit<VaultLoginName, 'namespace'> & Namespaced): VaultLoginName {
  return { ...(namespace && { namespace }), mount, role };
}

interface Namespaced {
  readonly namespace?: string | undefined;
}

/** The same for auth methods that are the same. */
export function authMethodKey({ namespace = '', mount }: Namespaced & { readonly mount: string }): string {
  return JSON.stringify([namespace, mount]);
}
