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
