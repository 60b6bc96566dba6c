/**
 * The values that Vault gets of one bound claim of `vault_jwt_auth_backend_role`, as the provider makes them: the
 * argument split at its commas, unless `disable_bound_claims_parsing` is set, and each value without spaces around it.
 *
 * @example
 * boundClaimValues('push, release', false); // ['push', 'release']
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/jwt_auth_backend_role#disable_bound_claims_parsing-1
 */
export function boundClaimValues(argument: string, disableParsing: boolean): string[] {
  return (disableParsing ? [argument] : argument.split(',')).map((value) => value.trim());
}
