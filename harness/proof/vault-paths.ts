/** What is in a namespace; none is the root's. */
export interface InNamespace {
  readonly namespace?: string | undefined;
}

/** A path of the API in a namespace. */
export function within({ namespace }: InNamespace, path: string): string {
  return namespace === undefined ? path : `${namespace}/${path}`;
}

/** A policy's name or a path as it is in its namespace, which stands before it. */
export function nameIn({ namespace, name }: InNamespace & { readonly name: string }): string {
  return namespace === undefined ? name : name.slice(namespace.length + 1);
}

/** Where an auth method is. */
export function mountOf({ namespace, mount = '' }: InNamespace & { readonly mount?: string | undefined }): string {
  return within({ namespace }, `auth/${mount}`);
}

interface InRole extends InNamespace {
  readonly mount?: string | undefined;
  readonly role?: string | undefined;
}

/** Whether two logins are by one role, in whichever way. */
export function isSameRole(one: InRole, other: InRole): boolean {
  return mountOf(one) === mountOf(other) && one.role === other.role;
}
