import type { VaultLoginRole } from '../vault/login.js';
import type { VaultPolicy } from '../vault/policy.js';

/** What declarations say of who gets in and what they may do. */
export interface DeclaredAccess {
  readonly product: 'vault' | 'openbao';
  /** The roles of JWT auth methods, those that are known as a whole. */
  readonly logins: readonly DeclaredLogin[];
  /** By name. */
  readonly policies: ReadonlyMap<string, VaultPolicy>;
  /** What is not known, with its address and why; nothing that is said of access takes it into account. */
  readonly undecided: readonly string[];
}

/** A role of a JWT auth method, and the policies of its tokens. */
export interface DeclaredLogin {
  /** The path of the auth method, without `auth/`. */
  readonly mount: string;
  /** The role's name. */
  readonly role: string;
  /** Terraform's address. */
  readonly address: string;
  readonly bounds: VaultLoginRole;
  /** By name, without `default`. */
  readonly policies: readonly string[];
}
