import {
  createPool,
  httpClient,
  loginToConsul,
  loginToVault,
  startConsul,
  startEnvironment,
  startVault,
  startVaultCluster,
} from 'vaultproof';
import { startIssuer } from 'vaultproof/issuer';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../errors/index.js';

/** Options as JavaScript passes them. */
const untyped = (options: object): never => options as never;

const nowhere = httpClient('http://127.0.0.1:9');

describe('an option that does not exist is refused before anything starts', () => {
  test.each<[name: string, call: () => Promise<unknown>, message: string]>([
    [
      'startEnvironment',
      () => startEnvironment(untyped({ vault: false, impersonates: [] })),
      'unknown option "impersonates" of startEnvironment: did you mean "impersonate"?',
    ],
    [
      'startVault',
      () => startVault(untyped({ autidLog: true })),
      'unknown option "autidLog" of startVault: did you mean "auditLog"?',
    ],
    [
      'the Vault of startEnvironment',
      () => startEnvironment(untyped({ vault: { prot: 8200 } })),
      'unknown option "prot" of startVault: did you mean "port"?',
    ],
    [
      'startConsul',
      () => startConsul(untyped({ vresion: '1.22.7' })),
      'unknown option "vresion" of startConsul: did you mean "version"?',
    ],
    [
      'startVaultCluster',
      () => startVaultCluster(untyped({ storage: 'raft' })),
      'unknown option "storage" of startVaultCluster: expected one of "engine", "version", "executable", "image", "port", ' +
        '"startupTimeoutMs", "report", "signal", "product", "wheel", "auditLog", "tls", and 2 more',
    ],
    ['createPool', () => createPool(untyped({ sise: 2 })), 'unknown option "sise" of createPool: did you mean "size"?'],
    [
      'startIssuer',
      () => startIssuer(untyped({ algoritms: ['RS256'] })),
      'unknown option "algoritms" of startIssuer: did you mean "algorithms"?',
    ],
    [
      'loginToVault',
      () => loginToVault(nowhere, untyped({ jwt: 'e30.e30.', path: 'github' })),
      'unknown option "path" of login: expected "jwt", "role", "mount", "namespace" or "correlationId"',
    ],
    [
      'loginToConsul',
      () => loginToConsul(nowhere, untyped({ jwt: 'e30.e30.', methods: 'github' })),
      'unknown option "methods" of login: did you mean "method"?',
    ],
  ])('%s', async (_name, call, message) => {
    const error: unknown = await call().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ message });
  });

  test('of a token that is signed', async () => {
    await using issuer = await startIssuer();
    await expect(issuer.sign({ sub: 'app', aud: 'vault' }, untyped({ algorithm: 'RS256' }))).rejects.toThrow(
      'unknown option "algorithm" of sign: expected "alg", "key" or "header"',
    );
  });

  test('options that are not an object', async () => {
    await expect(startEnvironment(untyped(null as unknown as object))).rejects.toThrow(
      'the options of startEnvironment are "null": expected an object',
    );
  });
});
