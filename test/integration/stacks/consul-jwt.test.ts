import { publicPem } from 'vaultproof/issuer/keys';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { ConsulJwtStack, type ConsulJwtStackProps, type ConsulKeySource } from 'vaultproof/stacks/consul-jwt';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import type { Environment } from '../../../harness/index.js';
import { discoveryProps, keySetProps, staticKeysProps } from '../../../stacks/examples/consul-parameters.js';
import { startSlashedProvider } from '../../support/consul-discovery.js';

test.override({ fileServices: { vault: false, consul: true, issuer: { algorithms: ['RS256'] } } });
// Each test ends with nothing declared, so that the next one begins as on a fresh server.
test.afterEach(async ({ fileEnv }) => {
  for (const name of ['demo', 'seed']) await fileEnv.applyJson({ terraform: {} }, name);
});

const tls = await generateTlsIdentity();
const rules = 'key_prefix "app/" { policy = "read" }';

/** What Consul answers to a login, and to the token that it gave. */
interface Login {
  readonly status: number;
  /** Consul's words, when it is not 200. */
  readonly message: string;
  readonly token: Readonly<Record<string, unknown>>;
}

async function send(env: Environment, method: string, path: string, token: string, body?: unknown): Promise<Response> {
  const headers = { 'X-Consul-Token': token };
  return fetch(`${env.consul.address}/v1/${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: String(body) }),
  });
}

async function logIn(
  env: Environment,
  { aud = null, ...claims }: Record<string, unknown> & { readonly sub: string; readonly aud?: string | null },
): Promise<Login> {
  const BearerToken = await env.issuer.sign({ ...claims, aud });
  const answer = await send(env, 'POST', 'acl/login', '', JSON.stringify({ AuthMethod: 'jwt', BearerToken }));
  const text = await answer.text();
  const isIn = answer.status === 200;
  return { status: answer.status, message: isIn ? '' : text, token: isIn ? JSON.parse(text) : {} };
}

/** Applies the stack with the issuer's key set. */
async function apply(env: Environment, props: Omit<ConsulJwtStackProps, keyof ConsulKeySource>, jwksCaCert?: string) {
  const keys = { jwksUrl: env.issuer.jwksUrlFor(env.consul), ...(jwksCaCert !== undefined && { jwksCaCert }) };
  await env.apply((app) => new ConsulJwtStack(app, 'demo', { boundIssuer: env.issuer.url, ...props, ...keys }));
}

describe('a login gets', () => {
  const claimMappings = { sub: 'user', team: 'team' };
  const selector = 'value.user == "vishpat"';

  test('a policy, and reads what it allows, for an hour', async ({ fileEnv: env }) => {
    const bindingRules = [{ bindType: 'policy', bindName: 'reader', selector }] as const;
    await apply(env, { claimMappings, bindingRules, policies: [{ name: 'reader', rules }] });
    await send(env, 'PUT', 'kv/app/test', env.consul.token, 'X');
    await send(env, 'PUT', 'kv/other', env.consul.token, 'X');
    const { token } = await logIn(env, { sub: 'vishpat' });
    expect(token).toMatchObject({
      Policies: [{ Name: 'reader' }],
      AuthMethod: 'jwt',
      Local: true,
      Name: expect.stringMatching(/^jwt-jwt-\d+$/),
    });
    const lifetime = Date.parse(String(token['ExpirationTime'])) - Date.parse(String(token['CreateTime']));
    expect(lifetime).toBe(3_600_000);
    const read = (path: string) => send(env, 'GET', `kv/${path}?raw`, String(token['SecretID']));
    expect(await (await read('app/test')).text()).toBe('X');
    expect((await read('other')).status).toBe(403);
    expect(await logIn(env, { sub: 'mallory' })).toMatchObject({ status: 403 });
  });

  test('a role with all that it has', async ({ fileEnv: env }) => {
    await apply(env, {
      claimMappings,
      bindingRules: [{ bindType: 'role', bindName: 'ops', selector }],
      policies: [{ name: 'reader', rules }],
      roles: [
        {
          name: 'ops',
          policies: ['reader'],
          serviceIdentities: [{ serviceName: 'web', datacenters: ['dc1'] }],
          nodeIdentities: [{ nodeName: 'n1', datacenter: 'dc1' }],
          templatedPolicies: [{ templateName: 'builtin/service', templateVariables: { name: 'api' } }],
        },
      ],
    });
    const { token } = await logIn(env, { sub: 'vishpat' });
    expect(token).toMatchObject({ Roles: [{ Name: 'ops' }] });
    const role = await send(env, 'GET', 'acl/role/name/ops', env.consul.token);
    expect(await role.json()).toMatchObject({
      Policies: [{ Name: 'reader' }],
      ServiceIdentities: [{ ServiceName: 'web', Datacenters: ['dc1'] }],
      NodeIdentities: [{ NodeName: 'n1', Datacenter: 'dc1' }],
      TemplatedPolicies: [{ TemplateName: 'builtin/service', TemplateVariables: { name: 'api' } }],
    });
  });

  test('identities by its claims, in lowercase', async ({ fileEnv: env }) => {
    await apply(env, {
      claimMappings,
      bindingRules: [
        { bindType: 'service', bindName: `\${value.team}-\${value.user}` },
        { bindType: 'node', bindName: `node-\${value.user}` },
        { bindType: 'templated-policy', bindName: 'builtin/service', bindVars: { name: `\${value.team}-t` } },
        { bindType: 'templated-policy', bindName: 'builtin/dns', selector: 'value.team == "Red"' },
      ],
    });
    const { token } = await logIn(env, { sub: 'vishpat', team: 'Red' });
    expect(token).toMatchObject({
      ServiceIdentities: [{ ServiceName: 'red-vishpat' }],
      NodeIdentities: [{ NodeName: 'node-vishpat', Datacenter: 'dc1' }],
      TemplatedPolicies: expect.arrayContaining([
        expect.objectContaining({ TemplateName: 'builtin/service', TemplateVariables: { name: 'red-t' } }),
        expect.objectContaining({ TemplateName: 'builtin/dns' }),
      ]),
    });
    expect(await logIn(env, { sub: 'vishpat' })).toMatchObject({
      status: 500,
      message: expect.stringMatching(/invalid/),
    });
  });

  test('a token that breaks a bound gets nothing', async ({ fileEnv: env }) => {
    const bindingRules = [{ bindType: 'service', bindName: 'web', selector }] as const;
    const leeways = { expirationLeeway: 10, notBeforeLeeway: 20, clockSkewLeeway: -1 };
    await apply(env, { claimMappings, bindingRules, boundAudiences: ['a', 'b'], ...leeways });
    const good = { sub: 'vishpat', aud: 'b' };
    const now = Math.floor(Date.now() / 1000);
    expect(await logIn(env, good)).toMatchObject({ status: 200 });
    expect(await logIn(env, { ...good, aud: 'c' })).toMatchObject({
      status: 500,
      message: expect.stringContaining('audience'),
    });
    expect(await logIn(env, { ...good, iss: 'https://issuer.invalid' })).toMatchObject({
      status: 500,
      message: expect.stringContaining('iss'),
    });
    // Without a clock skew, times hold to the second, and the other leeways stand in for what a token does not say.
    const expired = { status: 500, message: expect.stringContaining('(exp)') };
    const early = { status: 500, message: expect.stringContaining('(nbf)') };
    expect(await logIn(env, { ...good, iat: now - 60, exp: now - 5 })).toMatchObject(expired);
    expect(await logIn(env, { ...good, iat: now - 5, exp: null })).toMatchObject({ status: 200 });
    expect(await logIn(env, { ...good, iat: now - 15, exp: null })).toMatchObject(expired);
    expect(await logIn(env, { ...good, nbf: now + 15 })).toMatchObject(early);
    expect(await logIn(env, { ...good, iat: null, exp: now + 15 })).toMatchObject({ status: 200 });
    expect(await logIn(env, { ...good, iat: null, exp: now + 60 })).toMatchObject(early);
    expect(await logIn(env, { ...good, sub: 'mallory' })).toMatchObject({ status: 403 });
  });
});

describe('what an absent claim does', () => {
  // The rule is for whoever has it, and the token has neither the value nor the list.
  test.for<[selector: string, status: number]>([
    ['value.team == "red"', 403],
    ['value.team == ""', 403],
    ['value.team contains ""', 403],
    ['"red" in list.groups', 403],
    ['list.groups is not empty', 403],
    ['not value.team matches "^red$"', 403],
    ['"team" in value and value.team matches "^red$"', 403],
    ['"team" in value and value.team != "red"', 403],
    ['value.team != "red"', 200],
    ['value.team not contains "red"', 200],
    ['value.team matches "^red$"', 200],
    ['value.team not matches "^red$"', 200],
    ['not value.team == "red"', 200],
    ['"red" not in list.groups', 200],
    ['list.groups is empty', 200],
    ['"team" not in value', 200],
    ['list is empty', 200],
    ['value.user == "vishpat" and value.team != "red"', 200],
  ])(
    'a login with the selector %s and a token without the claim ends in %i',
    async ([selector, status], { fileEnv: env }) => {
      const claims = { claimMappings: { sub: 'user', team: 'team' }, listClaimMappings: { groups: 'groups' } };
      const rule = { bindType: 'service', bindName: 'web', selector } as const;
      if (status === 200) await expect(apply(env, { ...claims, bindingRules: [rule] })).rejects.toThrow(TypeError);
      const allow = { 'absent-claim': 'it is what is tested' };
      await apply(env, { ...claims, bindingRules: [status === 200 ? { ...rule, allow } : rule] });
      expect(await logIn(env, { sub: 'vishpat' })).toMatchObject({ status });
    },
  );
});

describe('seed 004', () => {
  const engineer = {
    sub: '1',
    'http://example.com/first_name': 'Ada',
    'http://example.com/last_name': 'Lovelace',
    'http://example.com/groups': ['engineering', 'math'],
  };
  const stranger = { ...engineer, 'http://example.com/groups': ['sales'] };
  const in200 = { status: 200, token: { ServiceIdentities: [{ ServiceName: 'ada-lovelace' }] } };

  test('with static keys lets in tokens of its issuer that are for no audience', async ({ fileEnv: env }) => {
    const props = staticKeysProps(env.issuer.keys.list().map(({ key }) => publicPem(key)));
    await env.apply((app) => new ConsulJwtStack(app, 'seed', props));
    const iss = 'corp-issuer';
    expect(await logIn(env, { ...engineer, iss })).toMatchObject(in200);
    expect(await logIn(env, { ...engineer, iss, aud: 'any' })).toMatchObject({ status: 500 });
    expect(await logIn(env, { ...stranger, iss })).toMatchObject({ status: 403 });
    expect(await logIn(env, engineer)).toMatchObject({ status: 500 });
  });

  test('with a key set lets in tokens of any issuer', async ({ fileEnv: env }) => {
    const props = keySetProps(env.issuer.jwksUrlFor(env.consul));
    await env.apply((app) => new ConsulJwtStack(app, 'seed', props));
    expect(await logIn(env, engineer)).toMatchObject(in200);
    expect(await logIn(env, { ...engineer, iss: 'any' })).toMatchObject(in200);
    expect(await logIn(env, stranger)).toMatchObject({ status: 403 });
  });

  test('by discovery lets in tokens of the issuer with the slash, for its audience', async ({ fileEnv: env }) => {
    await using provider = await startSlashedProvider(env);
    await env.apply((app) => new ConsulJwtStack(app, 'seed', discoveryProps(provider.url)));
    const token = { ...engineer, iss: provider.url, aud: 'V1RPi2MYptMV1RPi2MYptMV1RPi2MYpt' };
    expect(await logIn(env, token)).toMatchObject(in200);
    expect(await logIn(env, { ...token, aud: 'other' })).toMatchObject({ status: 500 });
    expect(await logIn(env, { ...token, iss: provider.url.slice(0, -1) })).toMatchObject({ status: 500 });
    expect(await logIn(env, { ...token, 'http://example.com/groups': [] })).toMatchObject({ status: 403 });
  });
});

describe('over https', () => {
  test.override({ services: { vault: false, consul: true, issuer: { algorithms: ['RS256'], tls } } });
  const bindingRules = [{ bindType: 'service', bindName: 'web', allow: { 'no-selector': 'it is for all' } }] as const;

  test('a key set is fetched with its CA, and not without', async ({ env }) => {
    await expect(apply(env, { bindingRules })).rejects.toMatchObject({ code: 'apply_failed' });
    await apply(env, { bindingRules }, env.issuer.caPem);
    expect(await logIn(env, { sub: 'vishpat' })).toMatchObject({ status: 200 });
  });

  describe('at the URL of the issuer itself, which no container reaches,', () => {
    const consul = { engine: 'process' } as const;
    test.override({ services: { vault: false, consul, issuer: { algorithms: ['RS256'], tls } } });

    test('a discovery document is fetched with its CA, and not without', async ({ env }) => {
      const declare = (ca: object) =>
        env.apply((app) => new ConsulJwtStack(app, 'demo', { oidcDiscoveryUrl: env.issuer.url, ...ca, bindingRules }));
      await expect(declare({})).rejects.toMatchObject({ code: 'apply_failed' });
      await declare({ oidcDiscoveryCaCert: String(env.issuer.caPem) });
      expect(await logIn(env, { sub: 'vishpat', aud: 'any' })).toMatchObject({ status: 200 });
    });
  });
});
