import { type VaultLoginRole, wouldLogIn } from 'vaultproof/access';
import { describe, expect, test } from 'vitest';

const role: VaultLoginRole = {
  boundIssuer: 'https://ci.example',
  boundAudiences: ['vault', 'other'],
  boundClaims: { ref: ['refs/heads/*', 'refs/tags/v*'], '/job/id': '7' },
  boundClaimsType: 'glob',
  userClaim: 'sub',
  groupsClaim: 'groups',
  claimMappings: { team: 'team' },
};
const claims = {
  iss: 'https://ci.example',
  aud: ['vault'],
  sub: 'me',
  ref: 'refs/heads/a/b',
  job: { id: '7' },
  groups: ['dev', ''],
  team: 'payments',
};

test('a token that fits is in, with its alias, metadata and groups', () => {
  expect(wouldLogIn(role, claims)).toEqual({
    in: true,
    identity: { alias: 'me', metadata: { team: 'payments' }, groups: ['dev'] },
  });
});

describe('a token is out that differs in', () => {
  test.each([
    ['the issuer', { iss: 'https://ci.example/' }, 'issuer_mismatch'],
    ['the audience', { aud: 'vault2' }, 'audience_mismatch'],
    ['a bound claim', { ref: 'refs/pull/1' }, 'claim_mismatch'],
    ['a claim below a pointer', { job: { id: 7 } }, 'claim_mismatch'],
    ['the type of a bound claim', { ref: {} }, 'claim_type_mismatch'],
    ['the user claim, which is not there', { sub: null }, 'claim_missing'],
    ['the user claim, which is empty', { sub: '' }, 'claim_missing'],
    ['the type of a registered claim', { aud: 7 }, 'claim_type_mismatch'],
    ['a group that is no string', { groups: [7] }, 'claim_type_mismatch'],
    ['a mapped claim that is no string', { team: 7 }, 'claim_type_mismatch'],
  ])('%s', (_what, changed, code) => {
    expect(wouldLogIn(role, { ...claims, ...changed })).toMatchObject({ in: false, refusals: [{ code }] });
  });
});

test('every bound claim that does not fit is among the refusals', () => {
  const verdict = wouldLogIn(role, { ...claims, ref: 'x', job: {} });
  expect(verdict).toMatchObject({
    refusals: [
      { code: 'claim_mismatch', claim: 'ref' },
      { code: 'claim_missing', claim: '/job/id' },
    ],
  });
});

test('a name that differs by case alone counts for Vault, and is refused by OpenBao', () => {
  const bound: VaultLoginRole = { boundSubject: 'me', boundAudiences: ['vault'], userClaim: 'user' };
  const token = { SUB: 'me', aud: 'vault', user: 'x' };
  expect(wouldLogIn(bound, token).in).toBe(true);
  expect(wouldLogIn(bound, token, 'openbao')).toMatchObject({ refusals: [{ code: 'token_malformed', found: 'SUB' }] });
});

test('a role for browsers lets no JWT in', () => {
  expect(wouldLogIn({ ...role, roleType: 'oidc' }, claims)).toMatchObject({
    refusals: [{ code: 'role_type_mismatch' }],
  });
});

test('an OIDC client has Vault refuse JWTs, and OpenBao not', () => {
  const beside = { ...role, oidcClient: { id: 'app' } };
  expect(wouldLogIn(beside, claims)).toMatchObject({ refusals: [{ code: 'method_type_mismatch', found: 'oidc' }] });
  expect(wouldLogIn(beside, claims, 'openbao').in).toBe(true);
});

describe('a login in a browser', () => {
  const browser: VaultLoginRole = {
    ...{ flow: 'oidc', oidcClient: { id: 'app', discoveryUrl: 'https://idp.example' }, roleType: 'oidc' },
    ...{ boundIssuer: 'https://another.example', boundClaims: { groups: 'admins' }, userClaim: 'email' },
  };
  const person = { sub: 'a', email: 'ann@acme.example', groups: ['admins'] };

  test('is by the claims of a person, with the issuer and the audience of the provider', () => {
    expect(wouldLogIn(browser, person)).toMatchObject({ in: true, identity: { alias: 'ann@acme.example' } });
    const explicit = { ...person, iss: 'https://idp.example', aud: 'app' };
    expect(wouldLogIn(browser, explicit).in).toBe(true);
  });

  test.each([
    ['of another issuer', { iss: 'https://another.example' }, 'issuer_mismatch', 'iss'],
    ['without a subject', { sub: '' }, 'claim_missing', 'sub'],
    ['for another client', { aud: 'other' }, 'claim_missing', 'azp'],
    ['for another party', { azp: 'other' }, 'claim_mismatch', 'azp'],
    ['for several others', { aud: ['other', 'more'], azp: 'app' }, 'audience_mismatch', 'aud'],
    ['of someone else', { groups: ['staff'] }, 'claim_mismatch', 'groups'],
  ])('is refused %s', (_what, changed, code, claim) => {
    expect(wouldLogIn(browser, { ...person, ...changed })).toMatchObject({ refusals: [{ code, claim }] });
  });

  test('is refused where the auth method has no client', () => {
    const verdict = wouldLogIn({ ...browser, oidcClient: undefined }, person);
    expect(verdict).toMatchObject({ refusals: [{ code: 'method_type_mismatch', expected: 'oidc' }] });
  });

  test('at Google is by either of its issuers', () => {
    const google = { ...browser, oidcClient: { id: 'app', discoveryUrl: 'https://accounts.google.com' } };
    expect(wouldLogIn(google, { ...person, iss: 'accounts.google.com' }).in).toBe(true);
  });
});
