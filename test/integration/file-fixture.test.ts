import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { answers } from '../support/what-runs.js';

test.override({ fileServices: { vault: true, consul: true } });

let address = '';

describe.sequential('the fixture of a file', () => {
  test('starts what the file asks for', async ({ fileEnv }) => {
    ({ address } = fileEnv.vault);
    expect(await Promise.all([address, fileEnv.consul.address].map(answers))).toEqual([true, true]);
    const role = { roleName: 'app', boundSubject: 'app', boundAudiences: ['vault'], tokenPolicies: ['default'] };
    await fileEnv.apply(
      (app) => new VaultJwtStack(app, 'login', { ...fileEnv.issuer.trustedBy(fileEnv.vault), roles: [role] }),
    );
  });

  test('gives the next test the same servers, with what the first has made', async ({ fileEnv }) => {
    expect(fileEnv.vault.address).toBe(address);
    const jwt = await fileEnv.issuer.sign({ sub: 'app', aud: 'vault' });
    await expect(fileEnv.vault).toLetIn(jwt, { role: 'app' });
  });

  test('leaves a test that asks for its own a fresh one', async ({ env }) => {
    expect(env.vault.address).not.toBe(address);
  });
});
