/**
 * JWT logins to one running Consul per second, until there is a session, against the same single request by fetch and by
 * node:http, over connections that are kept: one at a time, and eight. A login is one request on every side, see the
 * notes. The tokens that were made are destroyed after each run, outside of the clock.
 */
import { httpClient, loginToConsul, startEnvironment } from 'vaultproof';
import { type ConsulLoginByHand, consulLoginByFetch, consulLoginByNodeHttp } from './by-hand/consul-http.js';
import type { Comparison, Measurement } from './measurement.js';

const METHOD = 'ci';
const LOGINS = 200;
const TARGET = { of: 'ratio', limit: 'at least', value: 0.9 } as const;

/** See the head of this file. */
export const consulLogins: Measurement = {
  name: 'consul-logins',
  prepare: async () => {
    const env = await startEnvironment({ vault: false, consul: true });
    const { consul, issuer } = env;
    await consul.request('PUT', 'acl/policy', { Name: 'app', Rules: 'key_prefix "app/" { policy = "read" }' });
    await consul.request('PUT', 'acl/auth-method', {
      Name: METHOD,
      Type: 'jwt',
      MaxTokenTTL: '15m',
      Config: {
        JWKSURL: issuer.jwksUrlFor(consul),
        BoundIssuer: issuer.url,
        BoundAudiences: ['consul'],
        ClaimMappings: { sub: 'sub' },
      },
    });
    const rule = { AuthMethod: METHOD, BindType: 'policy', BindName: 'app', Selector: 'value.sub == "vishpat"' };
    await consul.request('PUT', 'acl/binding-rule', rule);
    const jwt = await issuer.sign({ sub: 'vishpat', aud: 'consul' });
    const requestsOfOneLogin = await countRequests(consul.address, jwt);

    const logOut = async (tokens: readonly string[]): Promise<void> => {
      const client = httpClient(consul.address);
      for (const token of tokens)
        await client.request('POST', '/v1/acl/logout', { headers: { 'x-consul-token': token } });
      client.close();
    };
    const sample = (logIn: () => Promise<string>, atOnce: number) => async (): Promise<number> => {
      const tokens: string[] = [];
      let left = LOGINS;
      const worker = async (): Promise<void> => {
        while (left-- > 0) tokens.push(await logIn());
      };
      const begin = performance.now();
      await Promise.all(Array.from({ length: atOnce }, worker));
      const perSecond = (1000 * LOGINS) / (performance.now() - begin);
      await logOut(tokens);
      return perSecond;
    };

    const byNodeHttp = consulLoginByNodeHttp(consul.address);
    const body = { AuthMethod: METHOD, BearerToken: jwt };
    const byHand = (login: ConsulLoginByHand) => () => login(body);
    const ours = async (): Promise<string> => (await consul.login({ jwt, method: METHOD })).token;
    const comparisons = [1, 8].flatMap((atOnce): Comparison[] => {
      const shared = {
        name: `logins to consul, ${atOnce === 1 ? 'one' : 'eight'} at a time`,
        unit: 'logins/s',
        ours: sample(ours, atOnce),
      } as const;
      const byFetch = byHand(consulLoginByFetch(consul.address));
      return [
        { ...shared, baseline: 'the same by fetch', target: TARGET, theirs: sample(byFetch, atOnce) },
        { ...shared, baseline: 'the same by node:http', theirs: sample(byHand(byNodeHttp.login), atOnce) },
      ];
    });
    return {
      comparisons,
      notes: () => [`a login of ours sends ${requestsOfOneLogin.join(', ')}, as by hand`],
      [Symbol.asyncDispose]: async () => {
        byNodeHttp.close();
        await env.stop();
      },
    };
  },
};

/** What one login sends, logout aside. */
async function countRequests(address: string, jwt: string): Promise<readonly string[]> {
  const sent: string[] = [];
  const client = httpClient(address);
  const recording: typeof client = {
    ...client,
    request: (method, path, request) => {
      sent.push(`${method} ${path} ${JSON.stringify(Object.keys(request?.json ?? {}))}`);
      return client.request(method, path, request);
    },
  };
  const session = await loginToConsul(recording, { jwt, method: METHOD });
  const ofLogin = [...sent];
  await session.logout();
  client.close();
  return ofLogin;
}
