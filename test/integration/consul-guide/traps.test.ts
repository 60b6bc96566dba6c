import { expect, test } from 'vaultproof/vitest';

test.override({ services: { vault: false, consul: true } });

test('what Consul takes without a word', async ({ env: { consul, issuer } }) => {
  /** A method as it is written by hand, with one rule; who logs in has no team. */
  const stranger = async (Name: string, Selector: string, fields: object = {}, config: object = {}) => {
    const ClaimMappings = { team: 'team' };
    const ListClaimMappings = { groups: 'groups' };
    const Config = { JWKSURL: issuer.jwksUrlFor(consul), ClaimMappings, ListClaimMappings, ...config };
    await consul.request('PUT', 'acl/auth-method', { Name, Type: 'jwt', ...fields, Config });
    const rule = { AuthMethod: Name, BindType: 'service', BindName: 'web', Selector };
    await consul.request('PUT', 'acl/binding-rule', rule);
    const jwt = await issuer.sign({ sub: 'mallory', aud: null, iss: 'https://mallory.example' });
    return consul.login({ jwt, method: Name });
  };
  const refused = { code: 'no_binding_rule_matched' };

  // A claim that the token has not fits all of these,
  await stranger('not-equal', 'value.team != "guests"');
  await stranger('matches', 'value.team matches "^ops$"');
  await stranger('not-in', '"guests" not in list.groups');
  await stranger('empty', 'list.groups is empty');
  // and none of these.
  await expect(stranger('equal', 'value.team == "ops"')).rejects.toMatchObject(refused);
  await expect(stranger('in', '"ops" in list.groups')).rejects.toMatchObject(refused);
  await expect(stranger('there', '"team" in value and value.team matches "^ops$"')).rejects.toMatchObject(refused);

  // Nobody asked who signed; with BoundIssuer, somebody does.
  await stranger('any-issuer', '');
  await expect(stranger('one-issuer', '', {}, { BoundIssuer: issuer.url })).rejects.toMatchObject({
    code: 'issuer_mismatch',
  });

  // Without MaxTokenTTL, a token outlives its job, and everybody else.
  expect(await stranger('for-ever', '')).toMatchObject({ expirationTime: undefined });
  expect(await stranger('for-a-while', '', { MaxTokenTTL: '15m' })).toMatchObject({ expirationTime: expect.any(Date) });
});
