import { namedResources, wholeResources } from '../../../internal/consul-resources.js';
import { type ConsulPolicy, readConsulPolicy } from './acl.js';
import type { ConsulBinding } from './login.js';

/** What Consul writes into the policy of an identity or of a template, for a name. */
const RULES: Readonly<Record<string, (name: string) => string>> = {
  'builtin/service': (name) =>
    write('service', name) + write('service', `${name}-sidecar-proxy`) + read('service_prefix', 'node_prefix'),
  'builtin/node': (name) => write('node', name) + read('service_prefix'),
  'builtin/api-gateway': (name) => `mesh = "read"\n${read('node_prefix', 'service_prefix')}${write('service', name)}`,
  'builtin/dns': () => read('node_prefix', 'service_prefix', 'query_prefix'),
  'builtin/nomad-client': () => read('agent_prefix', 'node_prefix', 'key_prefix') + write('service_prefix', ''),
  'builtin/nomad-server': () => `acl = "write"\n${read('agent_prefix', 'node_prefix')}${write('service_prefix', '')}`,
};

function write(resource: string, name: string): string {
  return `${resource} ${JSON.stringify(name)} { policy = "write" }\n`;
}

function read(...resources: readonly string[]): string {
  return resources.map((resource) => `${resource} "" { policy = "read" }\n`).join('');
}

/**
 * The policy of a service's or a node's identity, or of a templated policy; undefined for a template that is not Consul's own.
 * @see https://developer.hashicorp.com/consul/docs/security/acl/acl-templated-policies
 */
export function identityPolicy({ type, name, template = `builtin/${type}` }: ConsulBinding): ConsulPolicy | undefined {
  const rules = RULES[template];
  const shown = type === 'templated-policy' ? `templated policy ${template}` : `${type} identity`;
  return rules && readConsulPolicy(name === '' ? shown : `${shown} "${name}"`, rules(name));
}

/** The policies that every Consul has: the names end in what they allow. */
export function ownPolicies(): readonly ConsulPolicy[] {
  return [
    { name: 'global-management', access: 'write' },
    { name: 'builtin/global-read-only', access: 'read' },
  ].map(({ name, access }) => {
    // Intentions are granted in the rules of services.
    const rules = namedResources
      .filter((resource) => resource !== 'intention')
      .map(
        (resource) =>
          `${resource}_prefix "" {\n policy = "${access}"\n${resource === 'service' ? ` intentions = "${access}"\n` : ''}}\n`,
      );
    const whole = wholeResources.map((resource) => `${resource} = "${access}"\n`);
    return readConsulPolicy(name, [...rules, ...whole].join(''));
  });
}
