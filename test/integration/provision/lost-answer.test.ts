import { directProvisioner, type Environment, readConsulState, readVaultState } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { vaultRequest } from '../../../harness/api/vault-api.js';
import { consulRequest } from '../../../harness/provision/request-wrappers.js';
import { consulCall } from '../../../internal/consul-api.js';
import { httpClient } from '../../../internal/http-client.js';
import { answerCutter } from '../../support/answer-cutter.js';

test.override({ fileServices: { vault: true, consul: true } });

type Fields = Readonly<Record<string, unknown>>;

interface Declaration {
  readonly jwks: string;
  /** Makes it another declaration. */
  readonly what: 'one' | 'other';
  /** Whether the Vault has an engine for Consul's tokens. */
  readonly hasConsul: boolean;
}

/** Terraform's JSON with one of every kind of what is written to a Vault. */
function vaultDeclared({ jwks, what, hasConsul }: Declaration): Fields {
  const isOne = what === 'one';
  const engine = { path: 'consul', address: `127.0.0.1:${isOne ? 1 : 2}`, token: what, description: what };
  const role = { backend: `\${vault_consul_secret_backend.it.path}`, name: 'it', consul_policies: [what] };
  const accessor = `\${vault_auth_backend.people.accessor}`;
  return {
    resource: {
      vault_jwt_auth_backend: {
        jwt: { path: 'jwt', jwks_url: jwks, bound_issuer: what, tune: [tuned(isOne ? '60s' : '70s')] },
      },
      vault_jwt_auth_backend_role: {
        reader: {
          ...{
            backend: `\${vault_jwt_auth_backend.jwt.path}`,
            role_name: 'reader',
            role_type: 'jwt',
            user_claim: 'sub',
          },
          ...{ bound_audiences: [what], ...(isOne ? { token_policies: ['reader'], token_ttl: 60 } : {}) },
        },
      },
      vault_policy: { reader: { name: 'reader', policy: `path "${what}" { capabilities = ["read"] }` } },
      vault_auth_backend: { people: { type: 'userpass', path: 'people', tune: [tuned(isOne ? '60s' : '70s')] } },
      vault_mount: {
        kv: { path: 'kv', type: 'kv', options: { version: '2' }, description: what },
        flat: { path: isOne ? 'flat' : 'even', type: 'kv', options: { version: '1' } },
      },
      vault_kv_secret_backend_v2: { kv: { mount: `\${vault_mount.kv.path}`, max_versions: isOne ? 3 : 4 } },
      vault_kv_secret_v2: { it: { mount: `\${vault_mount.kv.path}`, name: 'it', data_json: JSON.stringify({ what }) } },
      vault_kv_secret: { it: { path: `\${vault_mount.flat.path}/it`, data_json: JSON.stringify({ what }) } },
      vault_generic_secret: { it: { path: `\${vault_mount.flat.path}/that`, data_json: JSON.stringify({ what }) } },
      ...(hasConsul && {
        vault_consul_secret_backend: { it: engine },
        vault_consul_secret_backend_role: { it: role },
      }),
      vault_identity_entity: { vishpat: { name: 'vishpat', policies: [what] } },
      vault_identity_entity_alias: {
        vishpat: {
          ...{ name: isOne ? 'vishpat' : 'vish', mount_accessor: accessor },
          canonical_id: `\${vault_identity_entity.vishpat.id}`,
        },
      },
      vault_identity_group: {
        inner: { name: 'inner', member_entity_ids: [`\${vault_identity_entity.vishpat.id}`], metadata: { what } },
        outer: { name: 'outer', type: 'external', external_policies: true },
      },
      vault_identity_group_alias: {
        outer: { name: what, mount_accessor: accessor, canonical_id: `\${vault_identity_group.outer.id}` },
      },
      vault_identity_group_policies: { outer: { group_id: `\${vault_identity_group.outer.id}`, policies: [what] } },
    },
  };
}

function tuned(default_lease_ttl: string): Fields {
  return {
    ...{ default_lease_ttl, max_lease_ttl: null, listing_visibility: null, token_type: null },
    ...{ audit_non_hmac_request_keys: null, audit_non_hmac_response_keys: null },
    ...{ passthrough_request_headers: null, allowed_response_headers: null },
  };
}

/** The same for a Consul. */
function consulDeclared({ jwks, what }: Declaration): Fields {
  const auth_method = `\${consul_acl_auth_method.jwt.name}`;
  const config = { JWKSURL: jwks, BoundIssuer: what, ClaimMappings: { sub: 'user' } };
  return {
    resource: {
      consul_acl_auth_method: {
        jwt: { name: 'jwt', type: 'jwt', max_token_ttl: '1h', config_json: JSON.stringify(config) },
      },
      consul_acl_policy: { reader: { name: 'reader', rules: `key_prefix "${what}/" { policy = "read" }` } },
      consul_acl_role: { ops: { name: 'ops', description: what, policies: [`\${consul_acl_policy.reader.id}`] } },
      consul_acl_binding_rule: {
        reader: {
          ...{ auth_method, bind_type: 'policy', bind_name: `\${consul_acl_policy.reader.name}` },
          selector: `value.user == "${what}"`,
        },
      },
    },
  };
}

/** A server behind what loses answers, a provisioner that goes there, and what the server is configured with. */
async function behindCutter(env: Environment, product: 'vault' | 'consul') {
  const { address, token } = env[product];
  const cutter = await answerCutter(address);
  const client = httpClient(cutter.address);
  const provisioner =
    product === 'vault'
      ? directProvisioner({ vault: (method, path, json) => vaultRequest(client, token, method, path, json) })
      : directProvisioner({
          consul: consulRequest((method, path, json) => consulCall(client, token, method, path, { json })),
        });
  const jwks = env.issuer.jwksUrlFor(env[product]);
  const declare = product === 'vault' ? vaultDeclared : consulDeclared;
  const hasConsul = await env.vault.supports('secret/consul');
  const declared = {
    one: declare({ jwks, hasConsul, what: 'one' }),
    other: declare({ jwks, hasConsul, what: 'other' }),
    none: { terraform: {} },
  };
  const apply = (what: keyof typeof declared) => provisioner.apply('demo', declared[what]);
  const state = () => (product === 'vault' ? readVaultState(env.vault) : readConsulState(env.consul));
  const written = () => cutter.asked().filter((asked) => !asked.startsWith('GET'));
  return { apply, cut: cutter.cut, state, written };
}

describe.each(['vault', 'consul'] as const)('an apply to %s whose answer was lost', (product) => {
  test.for([
    { from: 'none', to: 'one', next: 'one' },
    { from: 'none', to: 'one', next: 'other' },
    { from: 'none', to: 'one', next: 'none' },
    { from: 'one', to: 'other', next: 'other' },
    { from: 'one', to: 'other', next: 'one' },
    { from: 'one', to: 'none', next: 'none' },
    { from: 'one', to: 'none', next: 'one' },
  ] as const)(
    'an apply from $from to $to whose answer was lost leaves nothing unknown to the next apply, of $next',
    async (way, { fileEnv: env }) => {
      const { from, to, next } = way;
      const { apply, cut, state, written } = await behindCutter(env, product);
      await apply(from);
      written();
      await apply(to);
      const writes = [...new Set(written())];
      expect(writes.length).toBeGreaterThan(3);
      await apply(next);
      const expected = await state();
      const wrong: unknown[] = [];
      for (const write of writes) {
        await apply(from);
        cut(write);
        const outcome = await apply(to).catch((error: unknown) => error);
        if (!(outcome instanceof Error)) wrong.push({ write, outcome: 'not cut' });
        else expect(outcome).toMatchObject({ code: 'request_failed' });
        await apply(next).catch((error: unknown) => wrong.push({ write, error: String(error) }));
        const found = await state();
        const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
        const different = names.filter((name) => JSON.stringify(expected[name]) !== JSON.stringify(found[name]));
        if (different.length > 0) wrong.push({ write, different });
      }
      await apply('none');
      expect(wrong).toEqual([]);
    },
  );
});

test('what was there before is not taken for what was made: the answer that was lost may have been a refusal', async ({
  env,
}) => {
  const { apply, cut } = await behindCutter(env, 'vault');
  for (const path of ['sys/auth/jwt', 'sys/auth/people']) {
    await env.vault.request('POST', path, { type: 'jwt', description: 'of somebody else' });
  }
  for (const path of ['sys/auth/jwt', 'sys/auth/people']) {
    cut(`POST /v1/${path}`);
    await expect(apply('one')).rejects.toThrow();
  }
  await expect(apply('one')).rejects.toMatchObject({ code: 'path_in_use' });
  await apply('none');
  for (const path of ['sys/auth/jwt', 'sys/auth/people']) {
    expect((await env.vault.request('GET', path))['data']).toMatchObject({ description: 'of somebody else' });
  }
});
