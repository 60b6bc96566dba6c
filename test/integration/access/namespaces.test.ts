import { expect, test } from 'vaultproof/vitest';

const read = (path: string): string => `path "${path}" { capabilities = ["read"] }`;

/** A login of the same names in the root namespace and in "a", which bind a claim to other values. */
function twoLogins(jwksUrl: string): object {
  const login = (where: string) => {
    const own = where === 'a' ? { provider: 'vault.a', depends_on: ['vault_namespace.a'] } : {};
    return {
      method: { ...own, path: 'jwt', jwks_url: jwksUrl },
      role: {
        ...own,
        backend: `\${vault_jwt_auth_backend.${where}.path}`,
        role_name: 'ci',
        role_type: 'jwt',
        user_claim: 'sub',
        bound_audiences: ['vault'],
        bound_claims: { team: where },
        token_policies: ['app'],
      },
      policy: { ...own, name: 'app', policy: read(`kv/data/${where}`) },
    };
  };
  const [root, a] = [login('root'), login('a')];
  return {
    provider: { vault: [{}, { alias: 'a', namespace: 'a' }] },
    resource: {
      vault_namespace: { a: { path: 'a' } },
      vault_jwt_auth_backend: { root: root.method, a: a.method },
      vault_jwt_auth_backend_role: { root: root.role, a: a.role },
      vault_policy: { root: root.policy, a: a.policy },
    },
  };
}

test('matchers log in where the test says', async ({ env, skip }) => {
  if (!(await env.vault.supports('namespaces'))) skip('needs namespaces, which this server lacks');
  await env.applyJson(twoLogins(env.issuer.jwksUrlFor(env.vault)));
  const jwt = await env.issuer.sign({ sub: 'ann', aud: 'vault', team: 'a' });
  const [inA, inRoot] = [
    { namespace: 'a', role: 'ci' },
    { role: 'ci', correlationId: 'one' },
  ];
  const refusal = { code: 'claim_mismatch', claim: 'team' } as const;
  await expect(env.vault).toLetIn(jwt, { ...inA, policies: ['app', 'default'] });
  await expect(env.vault).toRefuse(jwt, { ...inRoot, ...refusal });
  await expect(expect(env.vault).toRefuse(jwt, { ...inA, ...refusal })).rejects.toThrow('ann got in');
  await expect(expect(env.vault).toLetIn(jwt, inRoot)).rejects.toThrow('ann was refused');
  // The bounds of a role are read in its namespace, too.
  await expect(expect(env.vault).toRefuse(jwt, { ...inA, code: 'claim_mismatch', claim: 'ref' })).rejects.toThrow(
    'the role binds no "ref"',
  );
});
