import { expect, test } from 'vaultproof/vitest';
import { type ConsulBindingRule, checkBindingRule } from '../../../stacks/consul-binding-rule.js';
import { consulAcl } from '../../support/consul-jwt.js';

test.override({ services: { vault: false, consul: true } });

const types = ['service', 'node', 'role', 'policy', 'builtin/service', 'builtin/node', 'builtin/api-gateway'] as const;
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Consul has this syntax, too
const names = [
  'web',
  'Web',
  'web-',
  '_web',
  'w',
  'we b',
  'w'.repeat(256),
  '${value.user}',
  '-${value.user}',
  'a-${ value.user }-b',
  '${value.email}',
  '${list.groups}',
  '$$${value.user}',
  '${value.user == "a" ? "b" : "c"}',
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

function ruleOf(type: (typeof types)[number], name: string): ConsulBindingRule {
  const selector = 'value.user == "vishpat"';
  if (type === 'service' || type === 'node' || type === 'role' || type === 'policy') {
    return { bindType: type, bindName: name, selector };
  }
  return { bindType: 'templated-policy', bindName: type, bindVars: { name }, selector };
}

test.for(types)('a name of %s that Consul refuses is refused, and what it takes is taken', async (type, { env }) => {
  const acl = consulAcl(env.consul);
  await acl.writeMethod('jwt', {
    JWKSURL: env.issuer.jwksUrlFor(env.consul),
    ClaimMappings: { sub: 'user' },
    ListClaimMappings: { groups: 'groups' },
  });
  const ours = [];
  const consuls = [];
  for (const name of names) {
    // Consul takes anything here, and what was escaped for Terraform twice is a slip all the same.
    if (type === 'builtin/api-gateway' && name.startsWith('$$')) continue;
    const rule = ruleOf(type, name);
    let isOurs = true;
    try {
      checkBindingRule(rule, { value: ['user'], list: ['groups'] });
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      isOurs = false;
    }
    ours.push([name, isOurs]);
    const { bindType: BindType, bindName: BindName } = rule;
    const BindVars = rule.bindType === 'templated-policy' ? { BindVars: { Name: name } } : {};
    const put = acl.put('/v1/acl/binding-rule', { AuthMethod: 'jwt', BindType, BindName, ...BindVars });
    consuls.push([
      name,
      await put.then(
        () => true,
        () => false,
      ),
    ]);
  }
  expect(ours).toEqual(consuls);
  acl.close();
});
