import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { cliInProcess } from '../../support/cli-in-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ofProduct } from '../../support/vault-of-tests.js';

const read = 'path "kv/data/one" { capabilities = ["read"] }';

/** A login and its secret in a namespace of their own. */
function loginIn(namespace: string, jwksUrl: string, provider?: string): object {
  const own = { ...(provider === undefined ? { namespace } : { provider }) };
  const depends_on = ['vault_namespace.team'];
  return {
    vault_namespace: { team: { path: 'team' } },
    vault_jwt_auth_backend: { jwt: { ...own, depends_on, path: 'jwt', jwks_url: jwksUrl } },
    vault_jwt_auth_backend_role: {
      reader: {
        ...own,
        backend: `\${vault_jwt_auth_backend.jwt.path}`,
        role_name: 'reader',
        role_type: 'jwt',
        user_claim: 'sub',
        bound_audiences: ['vault'],
        token_policies: [`\${vault_policy.reader.name}`],
      },
    },
    vault_policy: { reader: { ...own, depends_on, name: 'reader', policy: read } },
    vault_mount: { kv: { ...own, depends_on, path: 'kv', type: 'kv-v2' } },
    vault_kv_secret_v2: {
      one: { ...own, mount: `\${vault_mount.kv.path}`, name: 'one', data_json: '{"colour":"red"}' },
    },
  };
}

const refusal = {
  code: 'unsupported_by_server',
  message: expect.stringMatching(/lacks namespaces, which .*"vault_policy\.reader" \(in "team"\)/),
  details: expect.objectContaining({ missing: ['namespaces'] }),
};

test('what is declared in a namespace is there, and lets a login in there alone', async ({ env }) => {
  const resource = loginIn('team', env.issuer.jwksUrlFor(env.vault));
  const applied = env.applyJson({ resource });
  if (ofProduct({ vault: true, openbao: false })) return await expect(applied).rejects.toMatchObject(refusal);

  expect((await applied).created).toHaveLength(6);
  expect(await env.applyJson({ resource })).toMatchObject({ created: [], updated: [], removed: [] });
  const jwt = await env.issuer.sign({ sub: 'ann', aud: 'vault' });
  const session = await env.vault.login({ jwt, role: 'reader', namespace: '/team/' });
  expect(await session.read('kv/one')).toEqual({ colour: 'red' });
  await expect(env.vault.login({ jwt, role: 'reader' })).rejects.toMatchObject({ code: 'method_not_found' });
  await expect(env.vault.login({ jwt, role: 'reader', namespace: 'nowhere' })).rejects.toMatchObject({
    code: 'method_not_found',
    message: expect.stringContaining('in the namespace "nowhere"'),
  });

  const args = ['login', '--jwt', '-', '--json', '--role', 'reader', '--address', env.vault.address];
  const named = await cliInProcess([...args, '--namespace', 'team'], { input: jwt });
  const byVariable = await cliInProcess(args, { input: jwt, env: { VAULT_NAMESPACE: 'team' } });
  const elsewhere = await cliInProcess(args, { input: jwt });
  expect(JSON.parse(named.stdout)).toMatchObject({ found: 'ok', policies: ['default', 'reader'] });
  expect(JSON.parse(byVariable.stdout)).toMatchObject({ found: 'ok', policies: ['default', 'reader'] });
  expect(elsewhere.exitCode).toBe(1);

  expect((await env.applyJson({ terraform: {} })).removed).toHaveLength(6);
  await expect(env.vault.request('GET', 'sys/namespaces/team')).rejects.toMatchObject({ details: { status: 404 } });
});

test('the namespace of a provider is that of its resources', async ({ env }) => {
  const resource = loginIn('team', env.issuer.jwksUrlFor(env.vault), 'vault.team');
  const provider = { vault: [{}, { alias: 'team', namespace: 'team' }] };
  const applied = env.applyJson({ provider, resource });
  if (ofProduct({ vault: true, openbao: false })) return await expect(applied).rejects.toMatchObject(refusal);

  expect((await applied).created).toHaveLength(6);
  expect(await env.vault.request('GET', 'team/sys/policies/acl/reader')).toMatchObject({ data: { policy: read } });
  await expect(env.vault.request('GET', 'sys/policies/acl/reader')).rejects.toMatchObject({ details: { status: 404 } });
});

test("a resource's namespace counts from its provider's, and references have its own alone", async ({ env }) => {
  const provider = { vault: [{}, { alias: 'team', namespace: 'team' }] };
  const resource = {
    vault_namespace: {
      team: { path: 'team' },
      ci: { provider: 'vault.team', depends_on: ['vault_namespace.team'], path: 'ci' },
    },
    vault_policy: {
      reader: {
        provider: 'vault.team',
        namespace: `\${vault_namespace.ci.path_fq}`,
        name: 'reader',
        policy: read,
      },
      second: {
        provider: 'vault.team',
        namespace: `\${vault_policy.reader.namespace}`,
        name: 'second',
        policy: read,
      },
    },
  };
  const output = { path_fq: { value: `\${vault_namespace.ci.path_fq}` } };
  const applied = env.applyJson({ provider, resource, output });
  if (ofProduct({ vault: true, openbao: false }))
    return await expect(applied).rejects.toMatchObject({ code: refusal.code });

  expect((await applied).outputs).toEqual({ path_fq: 'ci' });
  const written = { data: { policy: read } };
  expect(await env.vault.request('GET', 'team/ci/sys/policies/acl/reader')).toMatchObject(written);
  expect(await env.vault.request('GET', 'team/ci/sys/policies/acl/second')).toMatchObject(written);
  expect(await env.applyJson({ provider, resource, output })).toMatchObject({ created: [], updated: [], removed: [] });
});

test('what a provider with another namespace declares is made there, and no longer where it was', async ({ env }) => {
  const apply = (namespace: string) =>
    env.applyJson({
      provider: { vault: [{}, { alias: 'team', namespace }] },
      resource: {
        vault_namespace: { one: { path: 'one' }, two: { path: 'two' } },
        vault_policy: {
          reader: {
            provider: 'vault.team',
            depends_on: ['vault_namespace.one', 'vault_namespace.two'],
            name: 'reader',
            policy: read,
          },
        },
      },
    });
  const applied = apply('one');
  if (ofProduct({ vault: true, openbao: false }))
    return await expect(applied).rejects.toMatchObject({ code: refusal.code });

  await applied;
  expect(await apply('two')).toMatchObject({ created: ['vault_policy.reader'], removed: ['vault_policy.reader'] });
  expect(await env.vault.request('GET', 'two/sys/policies/acl/reader')).toMatchObject({ data: { policy: read } });
  await expect(env.vault.request('GET', 'one/sys/policies/acl/reader')).rejects.toMatchObject({
    details: { status: 404 },
  });
});

test('a module of HCL that is given the provider of a team is in the namespace of the team', async ({ env }) => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'team'));
  await writeFile(
    join(folder, 'main.tf'),
    `
provider "vault" {
  alias     = "team"
  namespace = vault_namespace.team.path
}
resource "vault_namespace" "team" {
  path = "team"
}
module "team" {
  source    = "./team"
  providers = { vault = vault.team }
}
`,
  );
  await writeFile(
    join(folder, 'team/main.tf'),
    `resource "vault_policy" "reader" {\n  name   = "reader"\n  policy = <<-EOT\n    ${read}\n  EOT\n}\n`,
  );
  const applied = env.applyTerraform(folder);
  if (ofProduct({ vault: true, openbao: false }))
    return await expect(applied).rejects.toMatchObject({ code: refusal.code });

  expect((await applied).created).toEqual(['vault_namespace.team', 'module.team.vault_policy.reader']);
  expect(await env.vault.request('GET', 'team/sys/policies/acl/reader')).toMatchObject({
    data: { policy: `${read}\n` },
  });
  await expect(env.vault.request('GET', 'sys/policies/acl/reader')).rejects.toMatchObject({ details: { status: 404 } });
});

test('a login in a namespace is refused by a server without namespaces, which would take it to its root', async ({
  env,
}) => {
  const jwt = await env.issuer.sign({ sub: 'ann', aud: 'vault' });
  await expect(env.vault.login({ jwt, role: 'reader', namespace: 'team' })).rejects.toMatchObject(
    ofProduct({
      vault: { code: 'unsupported_by_server', message: expect.stringContaining('"the login" (in "team")') },
      openbao: { code: 'method_not_found' },
    }),
  );
});

test('a provider that is not configured is refused by name', async ({ env }) => {
  const resource = { vault_policy: { it: { provider: 'vault.team', name: 'it', policy: read } } };
  await expect(env.applyJson({ resource })).rejects.toMatchObject({
    code: 'unsupported_attribute',
    details: { problems: ['argument "provider" of "vault_policy.it"'] },
  });
});

test('all of a stack is in the namespace of its login', async ({ env }) => {
  const made = env.applyJson({ resource: { vault_namespace: { team: { path: 'team' } } } }, 'team');
  if (ofProduct({ vault: true, openbao: false }))
    return await expect(made).rejects.toMatchObject({ code: refusal.code });

  await made;
  await env.apply(
    (app) =>
      new VaultJwtStack(app, 'login', {
        namespace: 'team',
        jwksUrl: env.issuer.jwksUrlFor(env.vault),
        boundIssuer: env.issuer.url,
        roles: [
          {
            roleName: 'reader',
            boundAudiences: ['vault'],
            boundSubject: 'ann',
            groupsClaim: 'groups',
            tokenPolicies: ['reader'],
          },
        ],
        policies: [
          { name: 'reader', rules: [{ secrets: 'one', access: ['read'] }] },
          { name: 'dev', rules: [{ secrets: 'two', access: ['read'] }] },
        ],
        groups: [{ name: 'dev', policies: ['dev'] }],
        kv: {},
      }),
  );
  for (const name of ['one', 'two']) await env.vault.request('POST', `team/kv/data/${name}`, { data: { name } });
  const jwt = await env.issuer.sign({ sub: 'ann', aud: 'vault', groups: ['dev'] });
  const session = await env.vault.login({ jwt, role: 'reader', namespace: 'team' });
  expect([await session.read('kv/one'), await session.read('kv/two')]).toEqual([{ name: 'one' }, { name: 'two' }]);
});
