import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll } from 'vitest';
import { mountJwt, type RoleFields, type WriteRole } from '../../support/jwt-mount.js';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
let writeRole: WriteRole;

beforeAll(async () => {
  writeRole = await mountJwt(env, 'jwt');
});

interface Case {
  readonly title: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly fields: RoleFields;
  readonly refusal: Readonly<Record<string, unknown>>;
}

const cases: readonly Case[] = [
  {
    title: 'a bound claim that the token lacks is missing',
    claims: {},
    fields: { bound_claims: { team: 'red' } },
    refusal: { code: 'claim_missing', expected: 'red', found: null },
  },
  {
    title: 'a bound claim with another value is a mismatch',
    claims: { team: 'blue' },
    fields: { bound_claims: { team: ['red', 'green'] } },
    refusal: { code: 'claim_mismatch', expected: ['red', 'green'], found: 'blue' },
  },
  {
    title: 'a bound claim of another case is a mismatch',
    claims: { team: 'Red' },
    fields: { bound_claims: { team: 'red' } },
    refusal: { code: 'claim_mismatch', expected: 'red', found: 'Red' },
  },
  {
    title: 'a glob stands for itself unless the role says that it is one',
    claims: { team: 'red-1' },
    fields: { bound_claims: { team: 'red-*' } },
    refusal: { code: 'claim_mismatch', expected: 'red-*', found: 'red-1' },
  },
  {
    title: 'a glob that does not fit is a mismatch',
    claims: { team: 'blue-1' },
    fields: { bound_claims: { team: 'red-*' }, bound_claims_type: 'glob' },
    refusal: { code: 'claim_mismatch', expected: 'red-*', found: 'blue-1' },
  },
  {
    title: 'a bound claim inside another is found by its pointer',
    claims: { team: { 'a/b': 'blue' } },
    fields: { bound_claims: { '/team/a~1b': 'red' } },
    refusal: { code: 'claim_mismatch', expected: 'red', found: 'blue' },
  },
  {
    title: 'a bound claim that is an object is of the wrong type',
    claims: { team: { name: 'red' } },
    fields: { bound_claims: { team: 'red' } },
    refusal: { code: 'claim_type_mismatch' },
  },
  {
    title: 'a user claim that the token lacks is missing',
    claims: {},
    fields: { user_claim: 'email' },
    refusal: { code: 'claim_missing', found: null },
  },
  {
    title: 'a user claim that is a number is of the wrong type',
    claims: { uid: 1000 },
    fields: { user_claim: 'uid' },
    refusal: { code: 'claim_type_mismatch', found: 1000 },
  },
  {
    title: 'a groups claim that the token lacks is missing',
    claims: {},
    fields: { groups_claim: 'groups' },
    refusal: { code: 'claim_missing', found: null },
  },
  {
    title: 'a groups claim that is an object is of the wrong type',
    claims: { groups: { red: true } },
    fields: { groups_claim: 'groups' },
    refusal: { code: 'claim_type_mismatch', found: { red: true } },
  },
  {
    title: 'a groups claim of numbers is of the wrong type',
    claims: { groups: [1, 2] },
    fields: { groups_claim: 'groups' },
    refusal: { code: 'claim_type_mismatch' },
  },
  {
    title: 'a mapped claim that is an object is of the wrong type',
    claims: { team: { name: 'red' } },
    fields: { claim_mappings: { team: 'team' } },
    refusal: { code: 'claim_type_mismatch', found: { name: 'red' } },
  },
];

test.each(cases)('$title', async ({ claims, fields, refusal }) => {
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc', ...claims });
  const role = await writeRole(fields);
  await expect(env.vault.login({ jwt, role })).rejects.toMatchObject(refusal);
});

test('a bound claim that fits one value of several is let in', async () => {
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc', team: ['blue', 'red'] });
  const role = await writeRole({ bound_claims: { team: ['red', 'green'] } });
  expect(await env.vault.login({ jwt, role })).toMatchObject({ role });
});
