import { boundCoverage, strangers } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { consulAcl } from '../../support/consul-jwt.js';

test.override({ fileServices: { vault: false, consul: true } });

const good = { aud: 'consul', sub: 'me', team: 'ops', ref: 'main', groups: ['a'] };

test.for([
  'value.ref matches "^ma" and "ref" in value',
  'value.team != "guest" and "bot" not in value.team',
  '"op" in value.team and value.ref == "main"',
  'value.team == "ops" or value.ref == "main"',
  '"a" in list.groups and "b" not in list.groups',
  'not (value.team == "x" or value.ref == "y")',
])('Consul lets the good token in, and refuses each stranger for its bound: %s', async (Selector, { fileEnv }) => {
  const { consul, issuer } = fileEnv;
  const acl = consulAcl(consul);
  const method = `m${Math.random().toString(36).slice(2)}`;
  const config = {
    JWKSURL: issuer.jwksUrlFor(consul),
    BoundAudiences: ['consul'],
    BoundIssuer: issuer.url,
    ClaimMappings: { team: 'team', ref: 'ref' },
    ListClaimMappings: { groups: 'groups' },
  };
  await acl.writeMethod(method, config);
  const rule = { BindType: 'service', BindName: 'web', Selector };
  await acl.put('/v1/acl/binding-rule', { AuthMethod: method, ...rule });
  acl.close();
  const login = { config, rules: [rule] };
  const token = { iss: issuer.url, ...good };
  await consul.login({ jwt: await issuer.sign(token), method });
  const all = strangers(login, token);
  for (const { claims, code } of all) await expect(consul).toRefuse(await issuer.sign(claims), { method, code });
  const tried = all.map(({ claims }) => claims);
  expect(boundCoverage(login, tried).missed).toEqual([]);
});
