import { Token } from 'cdktf';

/**
 * Hands the name of a role on.
 * @throws TypeError for one that no path of Vault's API can have
 * @see https://github.com/hashicorp/vault (sdk/framework, GenericNameRegex)
 */
export function checkRoleName(name: string): string {
  if (typeof name === 'string' && (Token.isUnresolved(name) || /^\w(?:[\w.-]*\w)?$/.test(name))) return name;
  throw new TypeError(
    `invalid role name ${JSON.stringify(name)}; expected letters, digits, "_", "-" and ".", with a letter, a digit or "_" at both ends`,
  );
}

/**
 * Hands the name of a policy or a group on.
 * @throws TypeError for an empty one, and for spaces around it, which Vault takes away
 */
export function checkName(what: string, name: string): string {
  if (typeof name === 'string' && name !== '' && name === name.trim()) return name;
  throw new TypeError(`invalid ${what} name ${JSON.stringify(name)}; expected a string without spaces around it`);
}

/**
 * Hands the path of an engine or an auth method on.
 * @throws TypeError for an empty one, and for slashes or spaces around it
 */
export function checkMountPath(what: string, path: string): string {
  if (typeof path === 'string' && path !== '' && !/^[\s/]|[\s/]$|\/\//.test(path)) return path;
  throw new TypeError(`invalid ${what} path ${JSON.stringify(path)}; expected one without slashes or spaces around it`);
}

/** The name of a policy, or its default role's, as Vault keeps it: in lower case. */
export function lowerCase(name: string): string {
  return Token.isUnresolved(name) ? name : name.toLowerCase();
}
