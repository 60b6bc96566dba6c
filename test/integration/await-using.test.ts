import { startConsul, startEnvironment, startVault } from 'vaultproof';
import { startIssuer } from 'vaultproof/issuer';
import { expect, test } from 'vitest';
import { ofProduct } from '../support/vault-of-tests.js';
import { answers } from '../support/what-runs.js';

test('the end of "await using" stops an environment with all that is in it', async () => {
  let addresses: string[];
  {
    await using env = await startEnvironment({ vault: true, consul: true });
    addresses = [env.issuer.jwksUrl, env.vault.address, env.consul.address];
    expect(await Promise.all(addresses.map(answers))).toEqual([true, true, true]);
  }
  expect(await Promise.all(addresses.map(answers))).toEqual([false, false, false]);
});

test('each part may be started alone, and stops at the end of its own "await using"', async () => {
  let addresses: string[];
  {
    await using issuer = await startIssuer();
    await using vault = await startVault();
    await using consul = await startConsul();
    addresses = [issuer.jwksUrl, vault.address, consul.address];
    expect(await Promise.all(addresses.map(answers))).toEqual([true, true, true]);
    expect({ vault: vault.version, consul: consul.version }).toEqual({
      vault: ofProduct({ vault: '1.21.1', openbao: '2.7.2' }),
      consul: '1.22.7',
    });
  }
  expect(await Promise.all(addresses.map(answers))).toEqual([false, false, false]);
});

test('an error inside "await using" stops them too, and is the one that is thrown', async () => {
  let address = '';
  const failing = async (): Promise<void> => {
    await using env = await startEnvironment();
    address = env.vault.address;
    throw new Error('thrown inside');
  };
  await expect(failing()).rejects.toThrow(new Error('thrown inside'));
  expect(await answers(address)).toBe(false);
});
