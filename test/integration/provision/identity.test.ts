import { directProvisioner, type Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

async function group(name: string): Promise<{ readonly policies: readonly string[] | null; readonly alias: unknown }> {
  const { data } = await env.vault.request('GET', `identity/group/name/${name}`);
  return data as { policies: string[] | null; alias: unknown };
}

test('policies that several resources give one group are all there, and none is left when they are gone', async () => {
  const provisioner = directProvisioner({ vault: env.vault.request });
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const vault_identity_group = { g: { name: 'shared', external_policies: true } };
  const group_id = `\${vault_identity_group.g.id}`;
  const given = names.map((name) => [name, { group_id, policies: [name], exclusive: false }]);
  const vault_identity_group_policies = Object.fromEntries(given) as unknown;
  await provisioner.apply('demo', { resource: { vault_identity_group, vault_identity_group_policies } });
  expect((await group('shared')).policies?.toSorted()).toEqual(names);
  await provisioner.apply('demo', { resource: { vault_identity_group } });
  expect((await group('shared')).policies ?? []).toEqual([]);
});

test('what refers to a name that changes has the new one', async () => {
  const provisioner = directProvisioner({ vault: env.vault.request });
  const { data } = await env.vault.request('GET', 'sys/auth/token');
  const { accessor } = data as { accessor: string };
  const named = (name: string) => ({
    resource: {
      vault_identity_group: { g: { name, type: 'external' } },
      vault_identity_group_alias: {
        a: {
          name: `\${vault_identity_group.g.name}`,
          mount_accessor: accessor,
          canonical_id: `\${vault_identity_group.g.id}`,
        },
      },
    },
    output: { name: { value: `\${vault_identity_group.g.name}` } },
  });
  await provisioner.apply('renamed', named('before'));
  expect(await provisioner.apply('renamed', named('after'))).toMatchObject({ outputs: { name: 'after' } });
  expect((await group('after')).alias).toMatchObject({ name: 'after' });
});
