import { consulCall } from '../../internal/consul-api.js';
import { splitResource } from '../../internal/consul-resources.js';
import { httpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import type { AccessDifference, ConsulPolicy, DeclaredConsul } from '../access/index.js';
import type { StartedConsul } from '../servers/consul.js';
import type { ProvenSide, WitnessSigner } from './side.js';

/** Consul's own, which it has already. */
const OWN = ['global-management', 'builtin/global-read-only'];

/** A throwaway Consul with the auth methods, rules, roles and policies that one side declares. */
export async function consulSide(
  consul: StartedConsul,
  declared: DeclaredConsul,
  signer: WitnessSigner,
): Promise<ProvenSide> {
  const put = (path: string, json: object): Promise<unknown> => consul.request('PUT', path, json);
  const writePolicy = (Name: string, policy: ConsulPolicy): Promise<unknown> =>
    put('acl/policy', { Name, Rules: textOf(policy) });
  for (const [name, policy] of declared.policies) if (!OWN.includes(name)) await writePolicy(policy.name, policy);
  for (const [name, policies] of declared.roles) {
    const links = await Promise.all(
      policies.map(async (policy, index) => {
        // Of an identity the policy stands for it.
        if (declared.policies.get(policy.name.toLowerCase()) === policy) return { Name: policy.name };
        await writePolicy(`${name}-identity-${index}`, policy);
        return { Name: `${name}-identity-${index}` };
      }),
    );
    await put('acl/role', { Name: name, Policies: links });
  }
  for (const { authMethod, config, rules } of declared.logins) {
    const { OIDCDiscoveryURL: issuer, ...rest } = config;
    // A witness is signed with a key of its own, as whatever issuer it names.
    const keys = { JWTValidationPubKeys: [signer.pem], ...(issuer !== undefined && { BoundIssuer: issuer }) };
    await put('acl/auth-method', { Name: authMethod, Type: 'jwt', Config: { ...rest, ...keys } });
    for (const { ID: _address, ...rule } of rules) await put('acl/binding-rule', { AuthMethod: authMethod, ...rule });
  }
  const http = httpClient(consul.address);
  const grants = async ({ authMethod, kind, path, capability, witness }: AccessDifference): Promise<boolean> => {
    const json = { AuthMethod: authMethod, BearerToken: await signer.sign(witness.claims) };
    const { status, body } = await http.request('POST', '/v1/acl/login', { json });
    const token = status === 200 && isRecord(body) ? String(body['SecretID']) : undefined;
    if (token === undefined || kind === 'login' || path === undefined) return token !== undefined;
    const { resource, segment = '' } = splitResource(path);
    const asked = [{ Resource: resource, Segment: segment, Access: capability }];
    const answer = await consulCall(http, token, 'POST', 'internal/acl/authorize', { json: asked });
    return Array.isArray(answer) && isRecord(answer[0]) && answer[0]['Allow'] === true;
  };
  return { grants, grantsAtAny: grants };
}

/** A policy in HCL, as it was read. */
function textOf({ grants }: ConsulPolicy): string {
  return grants
    .map(({ resource, segment, kind, access }) => {
      if (segment === undefined) return `${resource} = ${JSON.stringify(access)}`;
      // Consul wants a policy in each block; the one that the service has is written beside.
      const policy = grants.find(
        (one) => one.resource === resource && one.segment === segment && one.kind === 'policy',
      );
      const lines = kind === 'policy' ? '' : `\n  ${kind} = ${JSON.stringify(access)}`;
      return `${resource} ${JSON.stringify(segment)} {\n  policy = ${JSON.stringify(kind === 'policy' ? access : policy?.access)}${lines}\n}`;
    })
    .join('\n');
}
