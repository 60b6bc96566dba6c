import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { mountJwt, type WriteRole } from '../../support/jwt-mount.js';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
let writeRole: WriteRole;

beforeAll(async () => {
  writeRole = await mountJwt(env, 'jwt');
});

async function login(found: unknown, bound: unknown, type = 'string'): Promise<unknown> {
  const jwt = await env.issuer.sign({ sub: 'job', aud: 'damage_inc', bound: found });
  const role = await writeRole({ bound_claims: { bound }, bound_claims_type: type });
  return env.vault.login({ jwt, role }).then(
    () => 'let in',
    (error: { readonly code: string }) => error.code,
  );
}

// The provider declares bounds as lists of strings: this is why a preset binds no number and no flag of JSON.
describe('a bound that is a list of one string', () => {
  test.each([
    { found: 'true', bound: ['true'], outcome: 'let in' },
    { found: true, bound: ['true'], outcome: 'claim_mismatch' },
    { found: false, bound: ['true'], outcome: 'claim_mismatch' },
    { found: '42', bound: ['42'], outcome: 'let in' },
    { found: 42, bound: ['42'], outcome: 'claim_mismatch' },
    { found: null, bound: ['null'], outcome: 'claim_missing' },
    { found: ['a', 'b'], bound: ['b'], outcome: 'let in' },
    { found: 'a,b', bound: ['a', 'b'], outcome: 'claim_mismatch' },
    { found: 'a,b', bound: ['a,b'], outcome: 'let in' },
    { found: ' a', bound: ['a'], outcome: 'claim_mismatch' },
  ])('$bound beside the claim $found: $outcome', async ({ found, bound, outcome }) => {
    expect(await login(found, bound)).toBe(outcome);
  });
});

describe('a bound of the claim’s own type, which the provider can’t declare', () => {
  test.each([
    { found: true, bound: true, outcome: 'let in' },
    { found: 42, bound: 42, outcome: 'let in' },
    { found: '42', bound: 42, outcome: 'claim_mismatch' },
  ])('$bound beside the claim $found: $outcome', async ({ found, bound, outcome }) => {
    expect(await login(found, bound)).toBe(outcome);
  });
});

describe('a glob', () => {
  test.each([
    { found: 'refs/heads/release/1/2', bound: ['refs/heads/release/*'], outcome: 'let in' },
    { found: 'refs/heads/release/', bound: ['refs/heads/release/*'], outcome: 'let in' },
    { found: 'refs/heads/release', bound: ['refs/heads/release/*'], outcome: 'claim_mismatch' },
    // What `{ below }` keeps from happening: a star does not stop at a separator.
    { found: 'repo:acme-evil/app:ref:refs/heads/main', bound: ['repo:acme*'], outcome: 'let in' },
    { found: 'repo:acme/app:pull_request', bound: ['repo:acme/app:*'], outcome: 'let in' },
    { found: 42, bound: ['*'], outcome: 'claim_mismatch' },
    { found: true, bound: ['true'], outcome: 'claim_mismatch' },
  ])('$bound beside the claim $found: $outcome', async ({ found, bound, outcome }) => {
    expect(await login(found, bound, 'glob')).toBe(outcome);
  });
});
