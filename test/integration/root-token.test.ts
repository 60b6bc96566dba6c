import { getContainerRuntimeClient } from 'testcontainers';
import { startVault } from 'vaultproof';
import { beforeEach, describe, expect, test } from 'vitest';
import { runOn } from '../support/engines.js';
import { requires } from '../support/requirement.js';
import { containersOf } from '../support/what-runs.js';

describe('the root token of a vault in a container', () => {
  beforeEach(requires('docker'));

  test('is not the one that docker inspect shows, and that one is no longer valid', async () => {
    await using vault = await startVault(runOn('docker', 'vault'));
    const [id] = await containersOf([vault.address]);
    const { container } = await getContainerRuntimeClient();
    const { Config } = await container.getById(String(id)).inspect();
    const shown = Config.Env.find((variable) => variable.startsWith('VAULT_DEV_ROOT_TOKEN_ID='))?.split('=')[1];
    expect(shown).toMatch(/^[0-9a-f]{48}$/);
    expect(shown).not.toBe(vault.token);
    await expect(vault.request('POST', 'auth/token/lookup', { token: shown })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    expect((await vault.request('GET', 'auth/token/lookup-self'))['data']).toMatchObject({
      policies: ['root'],
      ttl: 0,
      orphan: true,
    });
  });
});
