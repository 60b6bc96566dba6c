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

/** Issuers whose tokens always have an `aud`. */
const WITH_AUDIENCE: readonly RegExp[] = [
  /^https:\/\/token\.actions\.(?:githubusercontent\.com|[\w-]+\.ghe\.com)(?:\/|$)/,
  /^https:\/\/gitlab\.com$/,
  /^https:\/\/app\.(?:eu\.)?terraform\.io$/,
  /^https:\/\/oidc\.circleci\.com\/org\//,
  /^https:\/\/kubernetes\.default\.svc(?:\.cluster\.local)?$/,
];

/**
 * Refuses a role that lets nobody in: since Vault 1.17 a token with an `aud` takes a role with `boundAudiences`.
 * @throws TypeError for a role without them at an issuer whose tokens always have one
 * @see https://developer.hashicorp.com/vault/docs/upgrading/upgrade-to-1.17.x
 */
export function requireVendorAudience(
  { roleName, boundAudiences = [] }: { readonly roleName: string; readonly boundAudiences?: readonly string[] },
  issuers: readonly string[],
): void {
  const vendor = issuers.find((url) => WITH_AUDIENCE.some((issuer) => issuer.test(url)));
  if (boundAudiences.length > 0 || vendor === undefined) return;
  throw new TypeError(
    `the role "${roleName}" accepts no one: tokens of "${vendor}" always have an "aud", and Vault 1.17 and later refuses them without "boundAudiences"`,
  );
}
