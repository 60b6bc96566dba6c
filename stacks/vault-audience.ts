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
    `the role "${roleName}" lets nobody in: tokens of "${vendor}" always have an "aud", and Vault 1.17 and later refuses them without "boundAudiences"`,
  );
}
