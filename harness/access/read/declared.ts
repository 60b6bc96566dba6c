import { UsageError } from '../../../errors/index.js';
import { isRecord } from '../../../internal/json.js';
import type { ConsulPolicy } from '../consul/acl.js';
import type { ConsulLogin } from '../consul/login.js';
import type { VaultLoginRole } from '../vault/login-role.js';
import type { VaultPolicy } from '../vault/policy.js';
import type { Declaration } from './declarations.js';

/** What declarations say of who gets in and what they may do. */
export interface DeclaredAccess {
  readonly product: 'vault' | 'openbao';
  /**
   * The namespace that the server stands for, from which other namespaces and all paths are counted: the deepest that all providers of the
   * root module are in, or the expression of one that is not known; default the root namespace, as for a stack of cdktf.
   */
  readonly namespace?: string | undefined;
  /**
   * The logins by roles of JWT auth methods, those that are known as a whole: for each role one with a JWT, and then, where it is possible,
   * one in a browser, whose `bounds` have the flow `oidc`.
   */
  readonly logins: readonly DeclaredLogin[];
  /** What else gives tokens, such as roles of Kubernetes and AppRole; default nothing. */
  readonly others?: readonly OtherLogin[] | undefined;
  /** By name, behind the namespace where it is in one: `team/app`; the paths of its rules begin with the namespace, too. */
  readonly policies: ReadonlyMap<string, DeclaredPolicy>;
  /** Default nothing. */
  readonly consul?: DeclaredConsul | undefined;
  /** What is not known, with its address and why; nothing that is said of access takes it into account. */
  readonly undecided: readonly string[];
  /** What is written at each address, by which accessDiff tells where something undecided has changed; default not known. */
  readonly declarations?: (() => ReadonlyMap<string, Declaration>) | undefined;
  /** The patterns of `ignore` that match nothing; default none. */
  readonly unmatched?: readonly string[] | undefined;
  /** Where an address is declared, such as `infra/main.tf:12:1`; undefined where it is not known. Default nothing is known, as of plans. */
  readonly placeOf?: ((address: string) => string | undefined) | undefined;
}

/** What gives tokens policies for something else than a JWT of a JWT auth method: who gets them is not decided. */
export interface OtherLogin {
  /** Terraform's address: of a role, a user or a group, or of an entity with an alias at another auth method. */
  readonly address: string;
  /** By name, behind the namespace where they are in one, without `default`. */
  readonly policies: readonly string[];
  /** Whether these are all. */
  readonly isWhole: boolean;
  /** Whether it takes JWTs, as Kubernetes does. */
  readonly hasJwt: boolean;
}

/** A policy, and where it is. */
export interface DeclaredPolicy extends VaultPolicy {
  /** Default the root namespace. */
  readonly namespace?: string | undefined;
}

/** A login by a role of a JWT auth method, and the policies of its tokens. */
export interface DeclaredLogin {
  /** The namespace of the auth method, its role and its policies; default the root namespace. */
  readonly namespace?: string | undefined;
  /** The path of the auth method, without `auth/`. */
  readonly mount: string;
  /** The role's name. */
  readonly role: string;
  /** Terraform's address. */
  readonly address: string;
  readonly bounds: VaultLoginRole;
  /** What else decides which tokens get in; default nothing. */
  readonly trusts?: readonly DeclaredTrust[] | undefined;
  /** By name, behind the namespace where they are in one, without `default`. */
  readonly policies: readonly string[];
  /** The entities that have aliases at the auth method: a token is one by its user claim. Default none. */
  readonly entities?: readonly DeclaredIdentity[] | undefined;
  /** The aliases at the auth method of entities that are disabled, whose tokens {@link whatCan} tells as refused. Default none. */
  readonly disabled?: readonly string[] | undefined;
  /** The external groups that have aliases at the auth method: a token is in one by its groups claim. Default none. */
  readonly groups?: readonly DeclaredIdentity[] | undefined;
}

/** A value that lets in tokens whatever their claims are: a source of keys that verify them, a leeway of their times, or an OIDC client. */
export interface DeclaredTrust {
  /** Terraform's address of the auth method or the role. */
  readonly address: string;
  /** Its argument, such as `jwks_url`; of Consul's `Config`, such as `JWKSURL`. */
  readonly argument: string;
  /** In JSON, a URL with the CA that it is reached by; what is not known has U+FFFC in it. */
  readonly value: string;
}

/** An entity or an external group of Vault's identities. */
export interface DeclaredIdentity {
  /** The name of its alias: a value of the user claim or of the groups claim, in any case. */
  readonly name: string;
  /** Its own, and those of groups that it is a member of. */
  readonly policies: readonly string[];
}

/** What is declared of Consul. */
export interface DeclaredConsul {
  /** The auth methods for JWTs, those that are known. */
  readonly logins: readonly DeclaredConsulLogin[];
  /** By name in lower case, Consul's own among them. */
  readonly policies: ReadonlyMap<string, ConsulPolicy>;
  /** The policies of roles, those of identities among them, by name in lower case. */
  readonly roles: ReadonlyMap<string, readonly ConsulPolicy[]>;
  /** Tokens, and what is attached to them; default none. */
  readonly tokens?: readonly DeclaredConsulToken[] | undefined;
}

/** A token of Consul that is declared itself, or an attachment to one: who has it is not decided. */
export interface DeclaredConsulToken {
  /** Terraform's address. */
  readonly address: string;
  /** The policies of its roles and identities among them. */
  readonly policies: readonly ConsulPolicy[];
}

/** An auth method of Consul, and its binding rules with Terraform's addresses for IDs. */
export interface DeclaredConsulLogin extends ConsulLogin {
  /** The auth method's name. */
  readonly authMethod: string;
  /** Terraform's address. */
  readonly address: string;
  /** What else decides which tokens get in; default nothing. */
  readonly trusts?: readonly DeclaredTrust[] | undefined;
}

/**
 * Refuses what is not the access of a declaration, such as a folder or a promise.
 * @throws UsageError
 */
export function requireAccess(access: DeclaredAccess): void {
  if (isRecord(access) && Array.isArray(access['logins'])) return;
  const found = typeof access === 'string' ? `"${access}"` : `a value of type ${typeof access}`;
  throw new UsageError(
    `${found} says nothing of access: give what a folder or a file declares, await readAccess('infra')`,
  );
}
