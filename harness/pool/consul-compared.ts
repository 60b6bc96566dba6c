import { isRecord } from '../../internal/json.js';

/** The kinds of configuration entries, each of which has a list of its own. */
export const CONFIG_KINDS = [
  'api-gateway',
  'bound-api-gateway',
  'exported-services',
  'file-system-certificate',
  'http-route',
  'ingress-gateway',
  'inline-certificate',
  'jwt-provider',
  'mesh',
  'proxy-defaults',
  'sameness-group',
  'service-defaults',
  'service-intentions',
  'service-resolver',
  'service-router',
  'service-splitter',
  'tcp-route',
  'terminating-gateway',
];

/**
 * All that can be changed in a Consul, by the path that shows it. Sessions count by the index of their last change: one that
 * is gone keeps the keys that it had locked from others for up to a minute, which nothing shows.
 * @see https://developer.hashicorp.com/consul/api-docs
 */
export const comparedInConsul: readonly string[] = [
  'acl/auth-methods',
  'acl/binding-rules',
  'acl/policies',
  'acl/roles',
  'acl/tokens',
  'agent/checks',
  'agent/services',
  'catalog/nodes',
  'catalog/services',
  'connect/ca/configuration',
  'connect/ca/roots',
  'event/list',
  'health/state/any',
  'kv/?keys=true',
  'operator/autopilot/configuration',
  'peerings',
  'query',
  'session/list',
  ...CONFIG_KINDS.map((kind) => `config/${kind}`),
];

/** What differs with each write, and what the agent adds to its own node after its start. */
const VOLATILE = new Set(['CreateIndex', 'ModifyIndex', 'TaggedAddresses', 'consul-network-segment']);

/** A value without what differs where nothing has changed. */
export function settledInConsul(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settledInConsul);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !VOLATILE.has(name));
  return Object.fromEntries(kept.map(([name, field]) => [name, settledInConsul(field)]));
}
