import type { Environment, TokenClaims } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { mountJwt, type RoleFields, type WriteRole } from '../../support/jwt-mount.js';
import { ofProduct } from '../../support/vault-of-tests.js';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const now = Math.floor(Date.now() / 1000);
let writeRole: WriteRole;

beforeAll(async () => {
  writeRole = await mountJwt(env, 'jwt', { bound_issuer: env.issuer.url });
});

async function refusal(claims: Partial<TokenClaims>, fields: RoleFields = {}): Promise<unknown> {
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc', ...claims });
  const role = await writeRole(fields);
  return env.vault.login({ jwt, role }).then(
    () => 'let in',
    (error: unknown) => error,
  );
}

test('a token with the issuer, audience and subject that are asked for is let in', async () => {
  expect(await refusal({}, { bound_subject: 'vishpat' })).toBe('let in');
});

describe('the issuer', () => {
  test.each(['https://elsewhere.example', ''])('"%s" is refused', async (iss) => {
    expect(await refusal({ iss })).toMatchObject({
      code: 'issuer_mismatch',
      expected: env.issuer.url,
      found: iss,
    });
  });

  test('with a slash at its end is another one', async () => {
    expect(await refusal({ iss: `${env.issuer.url}/` })).toMatchObject({
      code: 'issuer_mismatch',
      expected: env.issuer.url,
      found: `${env.issuer.url}/`,
    });
  });
});

test('another subject is refused', async () => {
  expect(await refusal({ sub: 'mallory' }, { bound_subject: 'vishpat' })).toMatchObject({
    code: 'subject_mismatch',
    expected: 'vishpat',
    found: 'mallory',
  });
});

describe('an audience', () => {
  test.each([['elsewhere'], [['elsewhere', 'nowhere']], [[]]])('of %j is refused', async (aud) => {
    expect(await refusal({ aud })).toMatchObject({
      code: 'audience_mismatch',
      expected: ['damage_inc'],
      found: aud,
    });
  });

  test('that the role is not bound to is refused', async () => {
    expect(await refusal({}, { bound_audiences: [], bound_subject: 'vishpat' })).toMatchObject({
      code: 'audience_unbound',
      expected: [],
      found: 'damage_inc',
    });
  });
});

test('an audience that is mapped is let in by Vault, and no text to OpenBao', async () => {
  expect(await refusal({}, { claim_mappings: { aud: 'audience' } })).toEqual(
    ofProduct<unknown>({
      vault: 'let in',
      openbao: expect.objectContaining({ code: 'claim_type_mismatch', found: 'damage_inc' }),
    }),
  );
});

describe('a token', () => {
  test('whose time is over is expired', async () => {
    expect(await refusal({ iat: now - 1000, exp: now - 500 })).toMatchObject({
      code: 'token_expired',
      found: now - 500,
    });
  });

  test('whose time has not come is not yet valid', async () => {
    expect(await refusal({ nbf: now + 500, exp: now + 1000 })).toMatchObject({
      code: 'token_not_yet_valid',
      found: now + 500,
    });
  });

  test('of the future without nbf is not yet valid, for vault takes iat instead', async () => {
    expect(await refusal({ iat: now + 500, exp: now + 1000 })).toMatchObject({
      code: 'token_not_yet_valid',
      found: now + 500,
    });
  });

  test('of the future is refused', async () => {
    expect(await refusal({ iat: now + 500, nbf: now - 10, exp: now + 1000 })).toMatchObject({
      code: 'token_issued_in_future',
      found: now + 500,
    });
  });
});
