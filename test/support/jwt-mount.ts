import type { Environment } from 'vaultproof';

/** Fields of `auth/<mount>/role/<role>`, without the ones that every role here has. */
export type RoleFields = Readonly<Record<string, unknown>>;

/** Writes a role with fields of its own, and returns its name. */
export type WriteRole = (fields: RoleFields) => Promise<string>;

/**
 * Mounts a JWT login by hand, so that a test controls every field of it.
 * @returns a function that writes roles, for `aud` "damage_inc" unless told otherwise
 */
export async function mountJwt(
  { vault, issuer }: Pick<Environment, 'issuer' | 'vault'>,
  mount: string,
  config: Readonly<Record<string, unknown>> = {},
): Promise<WriteRole> {
  await vault.request('POST', `sys/auth/${mount}`, { type: 'jwt' });
  await vault.request('POST', `auth/${mount}/config`, { jwks_url: issuer.jwksUrlFor(vault), ...config });
  let count = 0;
  return async (fields) => {
    count++;
    const role = `role-${count}`;
    await vault.request('POST', `auth/${mount}/role/${role}`, {
      role_type: 'jwt',
      user_claim: 'sub',
      bound_audiences: ['damage_inc'],
      ...fields,
    });
    return role;
  };
}
