import { httpClient } from 'vaultproof';
import { type ConsulAccessRequest, consulAclOf, readAccess } from 'vaultproof/access';
import { expect, test } from 'vaultproof/vitest';
import { consulAcl } from '../../support/consul-jwt.js';

test.override({ services: { vault: false, consul: true } });

/** Consul answers to no more at once. */
const AT_ONCE = 64;
const NAMED = ['agent', 'event', 'intention', 'key', 'node', 'query', 'service', 'session'] as const;
const requests: readonly ConsulAccessRequest[] = [
  ...NAMED.flatMap((resource) =>
    ['web', 'web-sidecar-proxy', 'other', ''].flatMap((segment) =>
      (['read', 'write'] as const).map((access) => ({ resource, segment, access })),
    ),
  ),
  ...(['acl', 'keyring', 'mesh', 'operator', 'peering'] as const).flatMap((resource) =>
    (['read', 'write'] as const).map((access) => ({ resource, access })),
  ),
];

test.for([
  [
    'a service identity',
    { ServiceIdentities: [{ ServiceName: 'web' }] },
    { service_identities: [{ service_name: 'web' }] },
  ],
  ...['service', 'node', 'api-gateway'].map(
    (name) =>
      [
        `the template of a ${name}`,
        { TemplatedPolicies: [{ TemplateName: `builtin/${name}`, TemplateVariables: { Name: 'web' } }] },
        { templated_policies: [{ template_name: `builtin/${name}`, template_variables: { name: 'web' } }] },
      ] as const,
  ),
  ...['dns', 'nomad-client', 'nomad-server'].map(
    (name) =>
      [
        `the template builtin/${name}`,
        { TemplatedPolicies: [{ TemplateName: `builtin/${name}` }] },
        { templated_policies: [{ template_name: `builtin/${name}` }] },
      ] as const,
  ),
  ...['global-management', 'builtin/global-read-only'].map(
    (name) => [`the policy ${name}`, { Policies: [{ Name: name }] }, { policies: [name] }] as const,
  ),
] as const)('%s allows what it does on a server', async ([, token, role], { env }) => {
  const acl = consulAcl(env.consul);
  const { SecretID } = (await acl.put('/v1/acl/token', token)) as { SecretID: string };
  const http = httpClient(env.consul.address);
  const server: boolean[] = [];
  for (let from = 0; from < requests.length; from += AT_ONCE) {
    const { body } = await http.request('POST', '/v1/internal/acl/authorize', {
      headers: { 'x-consul-token': SecretID },
      json: requests.slice(from, from + AT_ONCE).map(({ resource, segment, access }) => ({
        ...{ Resource: resource, Segment: segment ?? '', Access: access },
      })),
    });
    server.push(...(body as readonly { readonly Allow: boolean }[]).map(({ Allow }) => Allow));
  }
  const { consul, undecided } = await readAccess([{ resource: { consul_acl_role: { r: { name: 'r', ...role } } } }]);
  expect(undecided).toEqual([]);
  const ours = consulAclOf(consul?.roles.get('r') ?? []);
  const different = requests.flatMap((request, index) =>
    ours.allows(request) === server[index] ? [] : [{ ...request, server: server[index] }],
  );
  expect(different).toEqual([]);
  expect(server).toContain(true);
  acl.close();
});
