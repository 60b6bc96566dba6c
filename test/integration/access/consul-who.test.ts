import { type ConsulAccessRequest, readAccess, whoCan } from 'vaultproof/access';
import { expect, test } from 'vaultproof/vitest';
import { mayInConsul } from '../../support/consul-authorize.js';
import { type ConsulDocument, consulDocument } from '../../support/consul-document.js';

test.override({ services: { vault: false, consul: true } });

const app = `$\${value.app}`;
const selector = 'value.team == "shop"';

const cases: readonly (readonly [string, ConsulDocument, ConsulAccessRequest])[] = [
  [
    'the service that a claim names',
    { rules: [{ bind_type: 'service', bind_name: app, selector }] },
    { resource: 'service', segment: 'web', access: 'write' },
  ],
  [
    'the node that a claim names',
    { rules: [{ bind_type: 'node', bind_name: `n-${app}`, selector }] },
    { resource: 'node', segment: 'n-web', access: 'write' },
  ],
  [
    'the gateway that a claim names',
    {
      rules: [{ bind_type: 'templated-policy', bind_name: 'builtin/api-gateway', bind_vars: { name: app }, selector }],
    },
    { resource: 'service', segment: 'web', access: 'write' },
  ],
];

test.for(cases)('who names a token that Consul allows it: %s', async ([, document, request], { env }) => {
  const config = { JWKSURL: env.issuer.jwksUrlFor(env.consul), ...document.config };
  const declared = consulDocument({ ...document, config });
  await env.applyJson(declared);
  const { who, undecided } = whoCan(await readAccess([declared]), request);
  expect(undecided).toEqual([]);
  const [admitted] = who;
  if (admitted === undefined) throw new Error('no login was found');
  expect(await mayInConsul(env, admitted.example, request)).toBe(true);
});

test('a rule that reads the same prefix takes no write away', async ({ env }) => {
  const rule = (bind_name: string, selector: string) => ({ bind_type: 'policy', bind_name, selector });
  await env.applyJson(
    consulDocument({
      rules: [rule('rw', 'value.app == "1"'), rule('ro', '"team" in value and value.team matches "^x"')],
      policies: {
        rw: 'key_prefix "app/" { policy = "write" }',
        ro: 'key_prefix "app/" { policy = "read" }\nkey "app/y" { policy = "read" }',
      },
      config: { JWKSURL: env.issuer.jwksUrlFor(env.consul) },
    }),
  );
  const may = (team: string, segment: string) =>
    mayInConsul(env, { app: '1', team }, { resource: 'key', segment, access: 'write' });
  expect([await may('x', 'app/x'), await may('x', 'app/y'), await may('y', 'app/y')]).toEqual([true, false, true]);
});

test('Consul refuses a rule for a templated policy that it does not have', async ({ env }) => {
  const config = { JWKSURL: env.issuer.jwksUrlFor(env.consul) };
  const applied = (bind_name: string) =>
    env.applyJson(consulDocument({ rules: [{ bind_type: 'templated-policy', bind_name, selector }], config }));
  await expect(applied('builtin/workload-identity')).rejects.toThrow('does not match existing template name');
  await applied('builtin/nomad-client');
});
