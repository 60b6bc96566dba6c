import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { mountJwt } from '../../support/jwt-mount.js';
import { ofProduct } from '../../support/vault-of-tests.js';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
let role: string;
let jwt: string;

beforeAll(async () => {
  const writeRole = await mountJwt(env, 'jwt');
  role = await writeRole({});
  jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
});

test('an empty token is missing', async () => {
  await expect(env.vault.login({ jwt: '', role })).rejects.toMatchObject({
    code: 'token_missing',
    status: 400,
  });
});

test('a token that is no string is wrong use', async () => {
  await expect(env.vault.login({ jwt: undefined as unknown as string, role })).rejects.toThrow(TypeError);
});

test.each(['garbage', ' ', 'a.b', 'a.b.c', '..', '...', '{}', 'é', '%00', 'null', '[]', 'Bearer a.b.c'])(
  'the token "%s" is malformed',
  async (malformed) => {
    await expect(env.vault.login({ jwt: malformed, role })).rejects.toMatchObject({
      code: 'token_malformed',
      expected: undefined,
      found: undefined,
    });
  },
);

test('a token with a fourth part is malformed', async () => {
  await expect(env.vault.login({ jwt: `${jwt}.`, role })).rejects.toMatchObject({ code: 'token_malformed' });
});

test('a token with white space round it is let in, since vault trims it', async () => {
  expect(await env.vault.login({ jwt: ` ${jwt}\n`, role })).toMatchObject({ role });
});

// Vault takes text of up to 1 MiB, OpenBao a request of up to 32 MiB.
describe.each([
  ['2 MB', 2_000_000, { vault: 'token_too_large', openbao: 'token_malformed' }],
  ['34 MB', 34_000_000, { vault: 'token_too_large', openbao: 'token_too_large' }],
] as const)('a token of %s', (_size, length, code) => {
  test('is too large, or read', async () => {
    await expect(env.vault.login({ jwt: 'a'.repeat(length), role })).rejects.toMatchObject({
      code: ofProduct(code),
    });
  });
});
