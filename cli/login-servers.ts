import { type ConsulInspection, type HttpClient, loginToConsul, loginToVault } from '../harness/index.js';

/** What a login is made with. */
export interface LoginArguments {
  readonly jwt: string;
  readonly role?: string | undefined;
  readonly mount?: string | undefined;
  readonly method?: string | undefined;
  /** What Consul is to write into the token's description. */
  readonly meta?: Readonly<Record<string, string>> | undefined;
}

/** What to say of who got in, to a person and to a machine. */
export interface Welcome {
  readonly line: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Logs in to a Vault. */
export async function logInToVault(
  http: HttpClient,
  { jwt, role, mount }: LoginArguments,
  inspection: ConsulInspection,
): Promise<Welcome> {
  const session = await loginToVault(
    http,
    { jwt, ...(mount === undefined ? {} : { mount }), ...(role === undefined ? {} : { role }) },
    inspection,
  );
  const { role: as, policies, ttlSeconds } = session;
  return {
    line: `in, as "${as}" with ${policies.join(', ')} for ${ttlSeconds} s`,
    json: { role: as, policies, ttlSeconds },
  };
}

/** Logs in to a Consul, and out again: nobody is told the token that would be left behind. */
export async function logInToConsul(
  http: HttpClient,
  { jwt, method = '', meta }: LoginArguments,
  inspection: ConsulInspection,
): Promise<Welcome> {
  await using session = await loginToConsul(http, { jwt, method, ...(meta && { meta }) }, inspection);
  const { accessorId, authMethod, description, policies, roles, serviceIdentities, nodeIdentities, templatedPolicies } =
    session;
  const bound = [
    ...policies.map((name) => `policy ${name}`),
    ...roles.map((name) => `role ${name}`),
    ...serviceIdentities.map(({ serviceName }) => `service ${serviceName}`),
    ...nodeIdentities.map(({ nodeName }) => `node ${nodeName}`),
    ...templatedPolicies.map(({ templateName, name }) => `${templateName} ${name ?? ''}`.trimEnd()),
  ];
  const expires = session.expirationTime?.toISOString();
  return {
    line: `in, by "${authMethod}" with ${bound.join(', ')} ${expires === undefined ? 'without expiry' : `until ${expires}`}`,
    json: {
      ...{ accessorId, authMethod, description, policies, roles, serviceIdentities, nodeIdentities, templatedPolicies },
      expirationTime: expires,
    },
  };
}
