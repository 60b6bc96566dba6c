import { identityName } from './checks.js';

/** The policies that Consul has templates of; the first three take a name. */
export type ConsulPolicyTemplate =
  | 'builtin/service'
  | 'builtin/node'
  | 'builtin/api-gateway'
  | 'builtin/dns'
  | 'builtin/nomad-client'
  | 'builtin/nomad-server';

const anyName = /^[\s\S]+$/;

/** What Consul takes at a login, by the type of the binding: for a policy less than when the rule is written. */
export const bindNames = {
  service: identityName,
  node: identityName,
  role: /^[A-Za-z0-9_-]+$/,
  policy: /^[A-Za-z0-9_-]{1,128}$/,
} as const;

/** What the name of a template may be; none where it takes none. */
export const templateNames: Readonly<Record<ConsulPolicyTemplate, RegExp | undefined>> = {
  'builtin/service': identityName,
  'builtin/node': identityName,
  'builtin/api-gateway': anyName,
  'builtin/dns': undefined,
  'builtin/nomad-client': undefined,
  'builtin/nomad-server': undefined,
};
