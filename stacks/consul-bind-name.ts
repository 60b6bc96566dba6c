/** The policies that Consul has templates of; the first three take a name. */
export type ConsulPolicyTemplate =
  | 'builtin/service'
  | 'builtin/node'
  | 'builtin/api-gateway'
  | 'builtin/dns'
  | 'builtin/nomad-client'
  | 'builtin/nomad-server';

/** The names of services and nodes. */
export const identityName = /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/;
const anyName = /^[\s\S]+$/;
const LONGEST_NAME = 256;

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

/** Whether Consul takes a name, with the claims in it. */
export function isBindName(pattern: RegExp, name: string): boolean {
  return pattern.test(name) && name.length <= LONGEST_NAME;
}
