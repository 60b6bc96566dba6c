import { type CapableServer, directProvisioner, type Environment, VaultproofError } from 'vaultproof';
import { VaultConsulStack } from 'vaultproof/stacks/vault-consul';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { lackOfVault, ofProduct } from '../../support/vault-of-tests.js';

test.override({ fileServices: { vault: true, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

async function written(): Promise<unknown> {
  const [mounts, methods, policies] = await Promise.all(
    ['sys/mounts', 'sys/auth', 'sys/policies/acl?list=true'].map((path) => env.vault.request('GET', path)),
  );
  return [mounts?.['data'], methods?.['data'], policies?.['data']];
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it was done',
    (error: unknown) => error,
  );

test.each([
  ['secret/kv', true],
  ['secret/kv-v2', true],
  ['secret/database', true],
  ['secret/transit', true],
  ['secret/nonsense', false],
  ['auth/jwt', true],
  ['auth/token', true],
  ['auth/nonsense', false],
] as const)('a server has %s: %s', async (capability, expected) => {
  expect(await env.vault.supports(capability)).toBe(expected);
});

test.each(['jwks_pairs', 'subscribe', 'allowed_managed_keys', 'delegated_auth_accessors'] as const)(
  'OpenBao has no %s, and Vault has it',
  async (capability) => {
    expect(await env.vault.supports(capability)).toBe(ofProduct({ vault: true, openbao: false }));
  },
);

test('a name of another form is wrong use', async () => {
  await expect(env.vault.supports('consul' as 'jwks_pairs')).rejects.toThrow(
    new TypeError(
      'unknown capability "consul"; expected "secret/TYPE", "auth/TYPE", "namespaces", "jwks_pairs", "subscribe", "allowed_managed_keys" or "delegated_auth_accessors"',
    ),
  );
});

test('an engine that is nowhere is refused before anything is written, and all that need something are named', async () => {
  const before = await written();
  const json = {
    resource: {
      vault_policy: { reader: { name: 'reader', policy: 'path "x" { capabilities = ["read"] }' } },
      vault_mount: { one: { path: 'one', type: 'nonsense' }, two: { path: 'two', type: 'nonsense' } },
      vault_auth_backend: { people: { type: 'nobody' } },
    },
  };
  const error = await failure(env.applyJson(json));
  expect(error).toBeInstanceOf(VaultproofError);
  const name = ofProduct({ vault: 'Vault 1.21.1', openbao: 'OpenBao 2.7.2' });
  expect(error).toMatchObject({
    code: 'unsupported_by_server',
    message:
      `nothing was applied, because ${name} lacks the secrets engine "nonsense", which "vault_mount.one" and "vault_mount.two" need; ` +
      'the auth method "nobody", which "vault_auth_backend.people" needs; correct its name, register the plugin in the catalog, or take a server that has it',
    details: {
      product: ofProduct({ vault: 'vault', openbao: 'openbao' }),
      version: ofProduct({ vault: '1.21.1', openbao: '2.7.2' }),
      missing: ['secret/nonsense', 'auth/nobody'],
      neededBy: ['vault_mount.one', 'vault_mount.two', 'vault_auth_backend.people'],
    },
  });
  expect(await written()).toEqual(before);
});

test('an engine that an expression stands for is refused by the server, with the same code', async () => {
  const type = `\${vault_policy.named.name}`;
  const json = {
    resource: {
      vault_policy: { named: { name: 'nonsense', policy: 'path "x" {}' } },
      vault_mount: { it: { path: 'it', type } },
    },
  };
  await expect(env.applyJson(json, 'expression')).rejects.toMatchObject({
    code: 'unsupported_by_server',
    details: { address: 'vault_mount.it', missing: ['secret/nonsense'] },
  });
  await env.applyJson({ resource: {} }, 'expression');
});

describe('what Vault alone has', () => {
  const pairs = [{ jwks_url: 'http://127.0.0.1:2/', jwks_ca_pem: '' }];
  const events = 'path "x" { capabilities = ["subscribe"] subscribe_event_types = ["*"] }';
  const comment = 'path "x" { capabilities = ["read"] } # or "subscribe"\n# capabilities = ["subscribe"]';

  test('is refused by OpenBao before anything is written', async () => {
    const before = await written();
    const error = await failure(
      env.applyJson({
        resource: {
          vault_jwt_auth_backend: { jwt: { jwks_pairs: pairs } },
          vault_policy: {
            events: { name: 'events', policy: events },
            json: { name: 'json', policy: '{"path":{"x":{"capabilities":["read","subscribe"]}}}' },
            comment: { name: 'comment', policy: comment },
          },
        },
      }),
    );
    expect(error).toMatchObject(
      ofProduct<object>({
        // Nobody listens there.
        vault: { code: 'apply_failed', details: { address: 'vault_jwt_auth_backend.jwt' } },
        openbao: {
          code: 'unsupported_by_server',
          message:
            'nothing was applied, because OpenBao 2.7.2 lacks "jwks_pairs" (several key sets for one JWT auth method), ' +
            'which "vault_jwt_auth_backend.jwt" needs; "subscribe" (policies for event notifications), ' +
            'which "vault_policy.events" and "vault_policy.json" need; ' +
            "start HashiCorp's Vault, with product: 'vault' or VAULTPROOF_VAULT_PRODUCT=vault",
          details: { missing: ['jwks_pairs', 'subscribe'] },
        },
      }),
    );
    if (ofProduct({ vault: false, openbao: true })) expect(await written()).toEqual(before);
    await env.applyJson({ resource: {} });
  });

  test('is refused by OpenBao itself where nobody asked before', async () => {
    const json = { resource: { vault_policy: { events: { name: 'events', policy: events } } } };
    const outcome = await failure(directProvisioner({ vault: env.vault.request }).apply('events', json));
    expect(outcome).toEqual(
      ofProduct<unknown>({
        vault: 'it was done',
        openbao: expect.objectContaining({
          code: 'unsupported_by_server',
          details: expect.objectContaining({ address: 'vault_policy.events', missing: ['subscribe'] }),
        }),
      }),
    );
  });

  test.each(['allowed_managed_keys', 'delegated_auth_accessors'])('such as %s of a mount', async (name) => {
    const mount = (value: readonly string[]) => ({
      resource: { vault_mount: { kv: { path: 'kv-of-events', type: 'kv', [name]: value } } },
    });
    expect(await env.applyJson(mount([]), name)).toMatchObject({ created: ['vault_mount.kv'] });
    const outcome = await env.applyJson(mount(['some']), name).catch((error: unknown) => error);
    expect(outcome).toMatchObject(
      ofProduct<object>({
        vault: { updated: ['vault_mount.kv'] },
        openbao: { code: 'unsupported_by_server', details: { missing: [name], neededBy: ['vault_mount.kv'] } },
      }),
    );
    await env.applyJson({ resource: {} }, name);
  });

  test('and that is only mentioned in a comment needs nothing', async () => {
    const json = { resource: { vault_policy: { comment: { name: 'comment', policy: comment } } } };
    expect(await env.applyJson(json, 'comment')).toMatchObject({ created: ['vault_policy.comment'] });
  });
});

describe('the Consul secrets engine', () => {
  const declare = () =>
    env.apply(
      (app) => new VaultConsulStack(app, 'tokens', { roles: [{ name: 'app', consulPolicies: ['app-reader'] }] }),
    );

  test('is there, or its mount, its roles and its access are refused and nothing is written', async () => {
    const isThere = lackOfVault('secret/consul') === undefined;
    expect(await env.vault.supports('secret/consul')).toBe(isThere);
    if (isThere) return;
    const before = await written();
    const remedy = ofProduct({
      vault: 'this is a minimal build: take a full one, by "vaultproof engines install vault --full"',
      openbao: "start HashiCorp's Vault, with product: 'vault' or VAULTPROOF_VAULT_PRODUCT=vault",
    });
    expect(await failure(declare())).toMatchObject({
      code: 'unsupported_by_server',
      message: expect.stringContaining(`; ${remedy}`),
      details: {
        missing: ['secret/consul'],
        neededBy: ['vault_mount.engine', 'vault_consul_secret_backend_role.role-app'],
      },
    });
    const tokens = await env.consul.request('GET', 'acl/tokens');
    expect(await failure(env.vault.configureConsulAccess(env.consul))).toMatchObject({
      code: 'unsupported_by_server',
      message: expect.stringContaining('no token was made, because '),
      details: { missing: ['secret/consul'], neededBy: ['configureConsulAccess'] },
    });
    expect(await env.consul.request('GET', 'acl/tokens')).toEqual(tokens);
    expect(await written()).toEqual(before);
  });

  test('is refused for a server that says it lacks it, by the direct provisioner of one’s own', async () => {
    const capabilities: CapableServer = { product: 'vault', version: '1.21.1', supports: async () => false };
    const direct = directProvisioner({ vault: env.vault.request, capabilities });
    const json = { resource: { vault_mount: { engine: { path: 'consul', type: 'consul' } } } };
    await expect(direct.apply('demo', json)).rejects.toMatchObject({
      code: 'unsupported_by_server',
      message:
        'nothing was applied, because Vault 1.21.1 lacks the secrets engine "consul", which "vault_mount.engine" needs; ' +
        'this is a minimal build: take a full one, by "vaultproof engines install vault --full"',
    });
  });
});
