import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { mountJwt, type WriteRole } from '../support/jwt-mount.js';

test.override({ fileServices: { consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
let writeRole: WriteRole;
let role: string;

beforeAll(async () => {
  writeRole = await mountJwt(env, 'jwt');
  const bound = { repository_id: '74', environment: 'production' };
  role = await writeRole({ bound_claims: bound, token_policies: ['payments'] });
  const { consul, issuer } = env;
  await consul.request('PUT', 'acl/auth-method', {
    Name: 'jwt',
    Type: 'jwt',
    Config: { JWKSURL: issuer.jwksUrlFor(consul), BoundAudiences: ['damage_inc'], ClaimMappings: { sub: 'sub' } },
  });
  const rule = { BindType: 'service', BindName: 'payments', Selector: 'value.sub == "acme/app"' };
  await consul.request('PUT', 'acl/binding-rule', { AuthMethod: 'jwt', ...rule });
});

async function token(claims: Record<string, unknown> = {}): Promise<string> {
  const good = { sub: 'acme/app', aud: 'damage_inc', repository_id: '74', environment: 'production' };
  return env.issuer.sign({ ...good, ...claims });
}

/** The sentence that a failing assertion begins with. */
async function sentence(assertion: Promise<unknown>): Promise<string> {
  return assertion.then(
    () => {
      throw new Error('the assertion holds');
    },
    (error: Error) => error.message.split('\n')[0] ?? '',
  );
}

describe('at vault', () => {
  test('a token that is let in, with its policies', async () => {
    await expect(env.vault).toLetIn(await token(), { role });
    await expect(env.vault).toLetIn(await token(), { role, policies: ['payments', 'default'] });
  });

  test('other policies are a failure that says which', async () => {
    expect(await sentence(expect(env.vault).toLetIn(await token(), { role, policies: ['payments'] }))).toBe(
      `acme/app got in: role "${role}", policies default, payments; expected policies payments`,
    );
  });

  test('a reason that does not exist is wrong use, and told with the one that was meant', async () => {
    const code = 'audience_missmatch' as 'audience_mismatch';
    await expect(expect(env.vault).toRefuse(await token(), { role, code })).rejects.toThrow(
      'no such code as "audience_missmatch": did you mean "audience_mismatch"?',
    );
  });

  test('an option that does not exist is wrong use: it would hold nothing', async () => {
    const polices = { role, polices: ['payments', 'default', 'root'] } as object;
    await expect(expect(env.vault).toLetIn(await token(), polices)).rejects.toThrow(
      'unknown option "polices" of toLetIn: did you mean "policies"?',
    );
    const claims = { role, code: 'claim_mismatch', claims: 'ref' } as const;
    const other = await token({ repository_id: '99' });
    await expect(expect(env.vault).toRefuse(other, claims)).rejects.toThrow(
      'unknown option "claims" of toRefuse: did you mean "claim"?',
    );
  });

  test('a token that is refused, for its claim', async () => {
    const jwt = await token({ repository_id: '75' });
    await expect(env.vault).toRefuse(jwt, { role, code: 'claim_mismatch' });
    await expect(env.vault).toRefuse(jwt, { role, code: 'claim_mismatch', claim: 'repository_id' });
    await expect(env.vault).toRefuse(await token({ aud: 'x' }), { role, code: 'audience_mismatch', claim: 'aud' });
  });

  test('a stranger who gets in is a failure in a sentence', async () => {
    const wide = await writeRole({ token_policies: ['payments'] });
    const jwt = await token({ sub: 'mallory/app' });
    const asserted = expect(env.vault).toRefuse(jwt, { role: wide, code: 'claim_mismatch', claim: 'repository_id' });
    expect(await sentence(asserted)).toBe(
      `mallory/app got in: role "${wide}", policies default, payments; expected a refusal by claim_mismatch of "repository_id"; the role binds no "repository_id"`,
    );
  });

  test('a token that lacks one bound claim and differs in another is refused by both, whichever Vault names', async () => {
    const jwt = await token({ environment: undefined, repository_id: '75' });
    const claim = ['environment', 'repository_id'];
    for (let turn = 0; turn < 10; turn++) {
      await expect(env.vault).toRefuse(jwt, { role, code: ['claim_mismatch', 'claim_missing'], claim });
      const one = expect(env.vault).toRefuse(jwt, { role, code: 'claim_missing', claim });
      expect(await sentence(one)).toBe(
        'acme/app was refused by claim_missing of "environment" and claim_mismatch of "repository_id"; expected claim_missing of "environment" and "repository_id"',
      );
    }
  });

  test('a token that is refused for another claim, or for two, proves nothing of the one', async () => {
    const jwt = await token({ environment: 'staging' });
    expect(
      await sentence(expect(env.vault).toRefuse(jwt, { role, code: 'claim_mismatch', claim: 'repository_id' })),
    ).toBe('acme/app was refused by claim_mismatch of "environment"; expected claim_mismatch of "repository_id"');
    const both = await token({ environment: 'staging', repository_id: '75' });
    expect(
      await sentence(expect(env.vault).toRefuse(both, { role, code: 'claim_mismatch', claim: 'repository_id' })),
    ).toBe(
      'acme/app was refused by claim_mismatch of "environment" and "repository_id"; expected claim_mismatch of "repository_id" alone',
    );
  });

  test('a refused token where one is to be let in says why', async () => {
    expect(await sentence(expect(env.vault).toLetIn(await token({ environment: null }), { role }))).toMatch(
      /^acme\/app was refused: login refused: claim_missing of "environment" \(expected "production", found null\)/,
    );
  });

  test('the token of the login is revoked', async () => {
    const before = await env.vault.request('LIST', 'auth/token/accessors');
    await expect(env.vault).toLetIn(await token(), { role });
    expect(await env.vault.request('LIST', 'auth/token/accessors')).toEqual({
      ...before,
      request_id: expect.anything(),
    });
  });
});

describe('at consul', () => {
  test('a token that is let in, with its services', async () => {
    await expect(env.consul).toLetIn(await token(), { method: 'jwt', services: ['payments'], policies: [] });
  });

  test('a token that no rule binds', async () => {
    await expect(env.consul).toRefuse(await token({ sub: 'x' }), { method: 'jwt', code: 'no_binding_rule_matched' });
  });

  test('a stranger who gets in is a failure in a sentence', async () => {
    const asserted = expect(env.consul).toRefuse(await token(), { method: 'jwt', code: 'no_binding_rule_matched' });
    expect(await sentence(asserted)).toBe(
      'acme/app got in: services payments; expected a refusal by no_binding_rule_matched',
    );
  });
});

test.each<[string, () => Promise<unknown>, string]>([
  ['a negation', async () => expect(env.vault).not.toLetIn(await token(), { role }), 'use ".toRefuse(jwt, { code })"'],
  ['no reason', async () => expect(env.vault).toRefuse(await token(), {} as never), 'toRefuse(jwt, { code })'],
  ['no method', async () => expect(env.consul).toLetIn(await token()), 'name the auth method'],
  ['no server', async () => expect(env.issuer).toLetIn(await token()), 'takes a Vault or a Consul'],
])('%s is wrong use', async (_what, assertion, said) => {
  await expect(assertion()).rejects.toThrow(said);
});
