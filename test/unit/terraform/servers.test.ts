import { terraformProvisioner } from 'vaultproof';
import { expect, test } from 'vitest';

const address = 'http://127.0.0.1:8200';

test.each([
  ['an empty token', { vault: { address, token: '' } }, 'the token for vault is empty'],
  ['a blank token', { vault: { address, token: ' ' } }, 'the token for vault is empty'],
  ['no token', { vault: { address } as { address: string; token: string } }, 'the token for vault is empty'],
  ["an empty token of Consul's", { consul: { address, token: '' } }, 'the token for consul is empty'],
  ['no address', { vault: { address: 'nonsense', token: 'x' } }, `"nonsense" is not a server's address`],
])('%s is wrong use: the provider would look for another by itself', (_, servers, says) => {
  expect(() => terraformProvisioner(servers)).toThrow(says);
});
