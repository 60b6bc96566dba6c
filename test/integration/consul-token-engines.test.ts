import { type EngineName, startEnvironment } from 'vaultproof';
import { VaultConsulStack } from 'vaultproof/stacks/vault-consul';
import { beforeEach, describe, expect, test } from 'vitest';
import { engines, requiresEngine, runOn } from '../support/engines.js';
import { requiresOfVault } from '../support/vault-of-tests.js';

const pairs = engines.flatMap((vault) => engines.map((consul): readonly [EngineName, EngineName] => [vault, consul]));

describe.each(pairs)('a vault on the engine %s makes a token at a consul on the engine %s', (vault, consul) => {
  beforeEach(async (context) => {
    requiresOfVault('secret/consul')(context);
    await requiresEngine(vault === 'docker' ? vault : consul)(context);
  });

  test('and takes it back', async () => {
    await using env = await startEnvironment({ vault: runOn(vault, 'vault'), consul: runOn(consul, 'consul') });
    const rules = 'key_prefix "app/" { policy = "read" }';
    await env.apply(
      (app) =>
        new VaultConsulStack(app, 'tokens', {
          policies: [{ name: 'app-reader', rules }],
          roles: [{ name: 'app', consulPolicies: ['app-reader'] }],
        }),
    );
    await env.vault.configureConsulAccess(env.consul);
    await env.consul.kv.write('app/colour', 'green');

    const lease = await env.vault.root.lease('consul/creds/app');
    const app = await env.consul.session(lease);
    expect(await app.kv.read('app/colour')).toBe('green');
    await env.vault.request('PUT', 'sys/leases/revoke', { lease_id: lease.leaseId, sync: true });
    await expect(app.kv.read('app/colour')).rejects.toMatchObject({ code: 'permission_denied' });
  });
});
