import {
  connectToPool,
  createPool,
  httpClient,
  loginToConsul,
  loginToVault,
  startConsul,
  startEnvironment,
  startVault,
  startVaultCluster,
  terraformProvisioner,
} from 'vaultproof';
import { generateSigningKey, startIssuer, verifyToken } from 'vaultproof/issuer';
import { signDialect, tokenDialect } from 'vaultproof/issuer/endpoints';
import { github, jwtSvid, nomadTask } from 'vaultproof/issuer/presets';
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
    [
      'startEnvironment with a word in the place of a server',
      () => startEnvironment(untyped({ vault: 'yes' })),
      '"vault" of startEnvironment is "yes": expected true, false or its options',
    ],
    [
      'the Terraform of startEnvironment',
      () => startEnvironment(untyped({ vault: false, terraform: { allowProvider: [] } })),
      'unknown option "allowProvider" of "terraform" of startEnvironment: did you mean "allowProviders"?',
    ],
    [
      'terraformProvisioner',
      async () => terraformProvisioner(untyped({ vualt: {} })),
      'unknown option "vualt" of terraformProvisioner: did you mean "vault"?',
    ],
    ...(['8299', 99_999, -1, 0, 8299.5] as const).map((port): [string, () => Promise<unknown>, string] => [
      `the port ${JSON.stringify(port)}`,
      () => startVault(untyped({ port })),
      `"port" of startVault is ${JSON.stringify(port)}: expected a whole number from 1 to 65535`,
    ]),
    [
      'a promise of a token for Vault',
      () => loginToVault(nowhere, untyped({ jwt: Promise.resolve('e30.e30.') })),
      '"jwt" must be a string: it is a Promise, await issuer.sign(...)',
    ],
    [
      'a promise of a token for Consul',
      () => loginToConsul(nowhere, untyped({ jwt: Promise.resolve('e30.e30.'), method: 'jwt' })),
      '"jwt" must be a string: it is a Promise, await issuer.sign(...)',
    ],
    [
      'a pool without a socket',
      () => connectToPool(untyped(undefined as never)),
      'connectToPool needs the path that pool.listen() returned, not "undefined": is POOL_SOCKET set?',
    ],
  ])('%s', async (_name, call, message) => {
    const error: unknown = await call().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ message });
  });

  test('of a key that is added, which would never be retired', async () => {
    await using issuer = await startIssuer();
    const key = await generateSigningKey();
    expect(() => issuer.keys.add(key, untyped({ publishAt: 0, retiresAt: 1 }))).toThrow(
      new UsageError('unknown option "retiresAt" of add: did you mean "retireAt"?'),
    );
  });

  test('a word of its own is not taken for a slip of another', async () => {
    await expect(startIssuer(untyped({ host: 'localhost' }))).rejects.toThrow(
      'unknown option "host" of startIssuer: expected one of "algorithms", "keys"',
    );
  });

  test('of a token that is signed', async () => {
    await using issuer = await startIssuer();
    await expect(issuer.sign({ sub: 'app', aud: 'vault' }, untyped({ algorithm: 'RS256' }))).rejects.toThrow(
      'unknown option "algorithm" of sign: expected "alg", "key" or "header"',
    );
  });

  test('of a token that is verified, which would leave a check out', async () => {
    await expect(verifyToken('', untyped({ algorithms: ['ES256'], keys: [], aud: 'vault' }))).rejects.toThrow(
      new UsageError('unknown option "aud" of verifyToken: did you mean "audience"?'),
    );
  });

  test.each<[name: string, call: () => unknown, message: string]>([
    [
      'tokenDialect',
      () => tokenDialect(untyped({ lifetime: 10 })),
      'unknown option "lifetime" of tokenDialect: did you mean "lifetimeSeconds"?',
    ],
    [
      'a client of tokenDialect',
      () => tokenDialect({ clients: [untyped({ id: 'a', secret: 'b', scope: ['c'] })] }),
      'unknown option "scope" of a client of tokenDialect: did you mean "scopes"?',
    ],
    [
      'github',
      () => github(untyped({ repository: 'acme/payments', reff: 'refs/heads/main' })),
      'unknown option "reff" of github: did you mean "ref"?',
    ],
    ['github without a repository', () => github(untyped({})), '"repository" of github is missing: give it'],
    [
      'github without options',
      () => github(untyped(undefined as never)),
      'the options of github are "undefined": expected an object',
    ],
    [
      'nomadTask',
      () => nomadTask(untyped({ job: 'a', task: 'b', identitty: 'c' })),
      'unknown option "identitty" of nomadTask: did you mean "identity"?',
    ],
    [
      'jwtSvid',
      () => jwtSvid(untyped({ trustDomain: 'a', path: '/b', audience: 'c' })),
      '"issuer" of jwtSvid is missing: give it',
    ],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(new UsageError(message));
  });

  test.each([
    ['port', '8089', '"port" of startIssuer is "8089": expected a whole number from 0 to 65535'],
    ['port', 99_999, '"port" of startIssuer is 99999: expected a whole number from 0 to 65535'],
    [
      'dialects',
      tokenDialect(),
      '"dialects" must be a list of what tokenDialect() and the like return: dialects: [tokenDialect()]',
    ],
    [
      'dialects',
      [signDialect],
      '"dialects" must be a list of what tokenDialect() and the like return: dialects: [tokenDialect()]',
    ],
    ['faults', { jwks: { times: 2, stat: 503 } }, 'unknown option "stat" of a fault: did you mean "status"?'],
    [
      'rotation',
      { everySeconds: 60, lead: 5 },
      'unknown option "lead" of scheduleRotation: did you mean "leadSeconds"?',
    ],
    ['admin', { tokn: 'x' }, 'unknown option "tokn" of "admin" of startIssuer: did you mean "token"?'],
  ])('a value of startIssuer: %s', async (name, value, message) => {
    const error: unknown = await startIssuer(untyped({ [name]: value })).catch((reason: unknown) => reason);
    expect(error).toEqual(new UsageError(message));
  });

  test('a start that fails frees its port', async () => {
    await using first = await startIssuer();
    const port = Number(new URL(first.url).port);
    await first.stop();
    await expect(startIssuer({ port, dialects: [untyped(signDialect)] })).rejects.toThrow(UsageError);
    await using second = await startIssuer({ port });
    expect(second.url).toBe(first.url);
  });

  test('of apply, and what declares nothing', async () => {
    await using env = await startEnvironment({ vault: false });
    await expect(env.apply(() => {}, untyped({ provisionr: 'terraform' }))).rejects.toThrow(
      new UsageError('unknown option "provisionr" of apply: did you mean "provisioner"?'),
    );
    await expect(env.apply(untyped({}))).rejects.toThrow(
      new UsageError('apply needs a function that declares: apply((app) => new VaultJwtStack(app, "login", props))'),
    );
  });

  test('a list in the place of options', async () => {
    await expect(startEnvironment(untyped([]))).rejects.toThrow(
      'the options of startEnvironment are a list: expected an object',
    );
  });

  test('options that are not an object', async () => {
    await expect(startEnvironment(untyped(null as unknown as object))).rejects.toThrow(
      'the options of startEnvironment are "null": expected an object',
    );
  });
});
