import type { DeclaredLogin } from './read/declared.js';

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
  /** `oidc` for a login in a browser; undefined for one with a JWT. */
  readonly flow?: 'oidc';
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
  readonly flow?: undefined;
}

/** How a login of Vault is named, without what else is known of it. */
export function vaultLoginName({ namespace, mount, role, bounds: { flow } }: DeclaredLogin): VaultLoginName {
  return { ...(namespace && { namespace }), mount, role, ...(flow === 'oidc' && { flow }) };
}

/** The same for logins by one flow at one auth method. */
export function authMethodKey({ namespace = '', mount, bounds: { flow = 'jwt' } }: DeclaredLogin): string {
  return JSON.stringify([namespace, mount, flow]);
}
