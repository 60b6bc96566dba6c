import type { Environment } from 'vaultproof';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { expect, test } from 'vaultproof/vitest';
import { describe, onTestFinished } from 'vitest';
import { consulParameters } from '../../support/consul-parameters.js';
import { runOn } from '../../support/engines.js';

const tls = await generateTlsIdentity();
const other = await generateTlsIdentity();

// Discovery has the issuer's own URL, which no container reaches.
test.override({
  fileServices: {
    vault: false,
    consul: runOn('process', 'consul'),
    issuer: { algorithms: ['RS256'], tls },
  },
});

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const { keys, method, sign, answer } = consulParameters(() => env);

/** Has Consul refuse an auth method, with its words. */
const refusedWith = (words: string) => ({
  code: 'request_refused',
  details: { status: 500, errors: [expect.stringContaining(words)] },
});

describe.each([
  ['JWKSCACert', 'a key set', 'JWKSURL'],
  ['OIDCDiscoveryCACert', 'discovery', 'OIDCDiscoveryURL'],
] as const)('%s', (field, mode, url) => {
  test('tokens are let in with the CA of the issuer', async () => {
    const name = await method({ ...keys(mode), [field]: tls.ca });
    expect(await answer(name, await sign())).toBe('let in');
  });

  test('among other CAs, too', async () => {
    const name = await method({ ...keys(mode), [field]: `${other.ca}\n${tls.ca}` });
    expect(await answer(name, await sign())).toBe('let in');
  });

  test.each([
    ['of another issuer', other.ca, `error checking ${url}`],
    ['that is not there, for a CA that the system has not', '', `error checking ${url}`],
    ['that is no PEM', 'CA', `error checking ${field}: could not parse CA PEM value successfully`],
    ['of one line, as a shell may make it', tls.ca.replaceAll('\n', ' '), `error checking ${field}`],
  ])('a CA %s is refused when it is written', async (_title, ca, words) => {
    await expect(method({ ...keys(mode), [field]: ca })).rejects.toMatchObject(refusedWith(words));
  });

  test('says so when the certificate is from an unknown CA, not that the key set is away', async () => {
    await expect(method({ ...keys(mode), [field]: other.ca })).rejects.toMatchObject(
      refusedWith('certificate signed by unknown authority'),
    );
  });

  test('when the issuer has a certificate of another CA, a login that needs the keys is refused', async () => {
    const name = await method({ ...keys(mode), [field]: tls.ca });
    onTestFinished(() => env.issuer.tlsFaults.clear());
    env.issuer.tlsFaults.set('unknown-ca');
    const refused = await answer(name, await sign());
    expect(refused).toMatchObject({
      code: 'key_set_unavailable',
      serverMessage: expect.stringContaining('certificate signed by unknown authority'),
    });
    env.issuer.tlsFaults.clear();
    expect(await answer(name, await sign())).toBe('let in');
  });

  test(`is refused where there is no ${url}`, async () => {
    await expect(method({ ...keys('static keys'), [field]: tls.ca })).rejects.toMatchObject(
      refusedWith(`'${field}' should not be set unless '${url}' is set`),
    );
  });
});
