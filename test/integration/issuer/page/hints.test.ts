import type { Environment } from 'vaultproof';
import { signCompact } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { mountJwt } from '../../../support/jwt-mount.js';

// What the page's debugger says of Vault, asked of Vault.

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const now = () => Math.floor(Date.now() / 1000);

async function loginWith(mount: string, role: object, claims: object): Promise<'in' | string> {
  const writeRole = await mountJwt(env, mount, {});
  const name = await writeRole({ bound_subject: 'vishpat', bound_audiences: [], ...role });
  const jwt = await signCompact(env.issuer.keys.active(), {
    sub: 'vishpat',
    iss: 'https://elsewhere.example',
    ...claims,
  });
  return env.vault.login({ jwt, role: name, mount }).then(
    () => 'in',
    ({ code }: { code: string }) => code,
  );
}

test.each([
  ['an aud without bound_audiences', {}, () => ({ aud: 'a', exp: now() + 60, iat: now() }), 'audience_unbound'],
  [
    'no aud with bound_audiences',
    { bound_audiences: ['a'] },
    () => ({ exp: now() + 60, iat: now() }),
    'audience_mismatch',
  ],
  ['another iss without bound_issuer', {}, () => ({ exp: now() + 60, iat: now() }), 'in'],
  ['no exp, 3 min after its iat', {}, () => ({ iat: now() - 180 }), 'in'],
  ['no exp, 4 min after its iat', {}, () => ({ iat: now() - 240 }), 'token_expired'],
  ['no iat and no nbf, 3 min before its exp', {}, () => ({ exp: now() + 180 }), 'in'],
  ['no iat and no nbf, 4 min before its exp', {}, () => ({ exp: now() + 240 }), 'token_not_yet_valid'],
  ['none of exp, nbf and iat', {}, () => ({}), 'claim_missing'],
  ['an exp 30 s ago', {}, () => ({ iat: now() - 60, exp: now() - 30 }), 'in'],
  ['an exp 90 s ago', {}, () => ({ iat: now() - 120, exp: now() - 90 }), 'token_expired'],
])('a token with %s', async (title, role, claims, outcome) => {
  expect(await loginWith(title.replaceAll(/\W/g, '-'), role, claims())).toBe(outcome);
});
