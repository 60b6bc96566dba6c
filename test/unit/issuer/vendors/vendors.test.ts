import { expect, test } from 'vitest';
import { startClock } from '../../../../issuer/clock.js';
import { certificateAuthority, vendors } from '../../../../issuer/vendors/index.js';
import { bePatient } from '../../../support/patience.js';

bePatient();

const url = 'https://gitlab.com';
const shared = { clock: startClock() };
const authority = await certificateAuthority();

test('a vendor that is announced has its keys once something asks for them', async () => {
  const all = vendors(authority);
  all.announce(url, shared);
  const signer = await all.signerOf(`${url}/group`);
  expect(signer?.keys.published()).toMatchObject([{ alg: 'RS256' }]);
  expect(await all.add(url, shared)).toBe(signer);
  expect((await all.siteOf('gitlab.com'))?.issuer).toBe(signer);
  expect(await all.documentAt(`${url}/oauth/discovery/keys`)).toMatchObject({ keys: [{ alg: 'RS256' }] });
});

test('keys that are made beforehand are those that are asked for later', async () => {
  const all = vendors(authority);
  all.announce(url, shared);
  all.prepare();
  const [one, other] = await Promise.all([all.add(url, shared), all.signerOf(url)]);
  expect(one).toBe(other);
});

test('a host without an issuer has no site, no signer and no document', async () => {
  const all = vendors(authority);
  expect(all.siteOf('gitlab.com')).toBeUndefined();
  expect(all.signerOf(url)).toBeUndefined();
  expect(all.signerOf(undefined)).toBeUndefined();
  expect(await all.documentAt('https://gitlab.com/oauth/discovery/keys')).toBeUndefined();
});

test('what is wrong with a URL is told at once', () => {
  const all = vendors(authority);
  all.announce(url, shared);
  all.announce(url, shared);
  expect(() => all.announce('http://gitlab.com', shared)).toThrow(
    expect.objectContaining({ code: 'vendor_url_invalid' }),
  );
  expect(() => all.announce(`${url}/group`, shared)).toThrow(expect.objectContaining({ code: 'vendor_host_taken' }));
});

test('a set-up that fails leaves the host free', async () => {
  const all = vendors(authority);
  const wrong = { algorithms: ['RS255' as 'RS256'] };
  await expect(all.add(url, shared, wrong)).rejects.toThrow();
  const { keys } = await all.add(url, shared, { algorithms: ['ES256'] });
  expect(keys.published()).toMatchObject([{ alg: 'ES256' }]);
});
