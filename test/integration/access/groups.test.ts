import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAccess, whatCan } from 'vaultproof/access';
import { expect, test } from 'vaultproof/vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';

test('a token has the policies on a server that its groups give in what is declared', async ({ env }) => {
  const declared = {
    resource: {
      vault_jwt_auth_backend: { jwt: { path: 'jwt', jwks_url: env.issuer.jwksUrlFor(env.vault) } },
      vault_jwt_auth_backend_role: {
        ci: {
          ...{ backend: `\${vault_jwt_auth_backend.jwt.path}`, role_name: 'ci', role_type: 'jwt', user_claim: 'sub' },
          ...{ bound_audiences: ['vault'], groups_claim: 'groups', token_policies: ['own'] },
        },
      },
      vault_identity_group: {
        eng: { name: 'eng', type: 'external', policies: ['eng'] },
        ops: { name: 'ops', type: 'external', policies: ['ops'] },
        all: { name: 'all', policies: ['all'], member_group_ids: [`\${vault_identity_group.eng.id}`] },
      },
      vault_identity_group_alias: Object.fromEntries(
        ['eng', 'ops'].map((name) => [
          name,
          {
            name: name === 'eng' ? 'Engineering' : name,
            mount_accessor: `\${vault_jwt_auth_backend.jwt.accessor}`,
            canonical_id: `\${vault_identity_group.${name}.id}`,
          },
        ]),
      ),
    },
  };
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'main.tf.json'), JSON.stringify(declared));
  await env.applyTerraform(folder);
  const access = await readAccess([declared]);
  for (const groups of [[], ['Engineering'], ['engineering'], ['ops', 'Engineering'], ['OPS'], ['other']]) {
    const claims = { aud: 'vault', sub: `me-${groups.join('-')}`, groups };
    const session = await env.vault.login({ jwt: await env.issuer.sign(claims), role: 'ci' });
    const { data } = await env.vault.request('POST', 'auth/token/lookup', { token: session.token });
    const { policies, identity_policies: ofGroups } = data as { policies: string[]; identity_policies?: string[] };
    const server = [...policies, ...(ofGroups ?? [])].filter((name) => name !== 'default').toSorted();
    expect([groups, whatCan(access, claims).logins[0]?.policies.toSorted()]).toEqual([groups, server]);
  }
});
