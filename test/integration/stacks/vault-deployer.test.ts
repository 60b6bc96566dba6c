import { policyOf } from 'vaultproof/stacks/policy';
import { deployerRules, VaultDeployerStack } from 'vaultproof/stacks/vault-deployer';
import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach, describe } from 'vitest';
import type { Environment } from '../../../harness/index.js';
import { synthesise } from '../../../harness/provision/synth.js';
import { requires } from '../../support/requirement.js';
import { init, type Terraform, terraformFolder } from '../../support/terraform.js';

/** All that a stack can declare; `what` is in every resource that can be changed. */
function props({ issuer, vault }: Environment, what = 'one'): VaultJwtStackProps {
  return {
    jwksUrl: issuer.jwksUrlFor(vault),
    boundIssuer: issuer.url,
    description: what,
    tune: [{ defaultLeaseTtl: '1h', maxLeaseTtl: '2h', tokenType: 'default-service' }],
    roles: [{ roleName: 'reader', boundSubject: what, groupsClaim: 'groups', tokenPolicies: ['own'] }],
    policies: [{ name: 'own', rules: [{ secrets: `${what}/*`, access: ['read'] }] }],
    groups: [{ name: 'dev', policies: what === 'one' ? ['own'] : ['own', 'default'] }],
    kv: { description: what },
  };
}

async function json(declared: VaultJwtStackProps): Promise<unknown> {
  const [stack] = await synthesise((app) => new VaultJwtStack(app, 'demo', declared));
  return stack?.json;
}

/** The pipeline's token. */
async function logIn(env: Environment): Promise<string> {
  await env.apply(
    (app) =>
      new VaultDeployerStack(app, 'deployer', {
        jwksUrl: env.issuer.jwksUrlFor(env.vault),
        boundIssuer: env.issuer.url,
        deploys: props(env),
        role: { boundSubject: 'pipeline', boundAudiences: ['vault'] },
      }),
  );
  const jwt = await env.issuer.sign({ sub: 'pipeline', aud: 'vault' });
  const session = await env.vault.login({ jwt, mount: 'deployer' });
  expect(session).toMatchObject({ role: 'deployer', policies: ['default', 'deployer'], ttlSeconds: 600 });
  return session.token;
}

test('the pipeline of a login in a browser gets its paths', async ({ env }) => {
  const rules = deployerRules({
    oidcDiscoveryUrl: env.issuer.discoveryUrlFor(env.vault),
    oidcClientId: 'vault',
    roles: [
      {
        roleName: 'people',
        allowedRedirectUris: ['http://localhost:8250/oidc/callback'],
        boundSubject: 'ada',
        tokenPolicies: [],
      },
    ],
  });
  await env.vault.request('POST', 'sys/policies/acl/people', { policy: policyOf(rules) });
  const { auth } = (await env.vault.request('POST', 'auth/token/create', { policies: ['people'] })) as {
    auth: { client_token: string };
  };
  const token = auth.client_token;
  const config = {
    oidc_discovery_url: env.issuer.discoveryUrlFor(env.vault),
    oidc_client_id: 'vault',
    oidc_client_secret: 'any',
  };
  const role = { user_claim: 'sub', allowed_redirect_uris: ['http://localhost:8250/oidc/callback'] };
  expect(await status(env, token, 'POST', 'sys/auth/oidc', { type: 'oidc' })).toBe(204);
  expect(await status(env, token, 'POST', 'auth/oidc/config', config)).toBe(204);
  expect(await status(env, token, 'POST', 'auth/oidc/role/people', role)).toBe(204);
  expect(await status(env, token, 'POST', 'auth/oidc/role/others', role)).toBe(403);
});

async function status(env: Environment, token: string, method: string, path: string, body = {}): Promise<number> {
  const init = {
    method,
    headers: { 'X-Vault-Token': token },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
  };
  return (await fetch(`${env.vault.address}/v1/${path}`, init)).status;
}

test('the pipeline gets in with its JWT, and may touch nothing but its stack', async ({ env }) => {
  const token = await logIn(env);
  const allowed = (method: string, path: string, body = {}): Promise<number> => status(env, token, method, path, body);
  expect(await allowed('POST', 'sys/auth/jwt', { type: 'jwt' })).toBe(204);
  expect(await allowed('POST', 'sys/mounts/kv', { type: 'kv' })).toBe(204);
  expect(await allowed('PUT', 'sys/policies/acl/own', { policy: 'path "x" {}' })).toBe(204);
  expect(await allowed('POST', 'kv/vishpat', { a: 'b' })).toBe(403);
  expect(await allowed('GET', 'kv/vishpat')).toBe(403);
  expect(await allowed('PUT', 'sys/policies/acl/deployer', { policy: 'path "*" { capabilities = ["sudo"] }' })).toBe(
    403,
  );
  expect(await allowed('POST', 'sys/auth/other', { type: 'jwt' })).toBe(403);
  expect(await allowed('POST', 'sys/mounts/other', { type: 'kv' })).toBe(403);
  expect(await allowed('POST', 'auth/jwt/role/other', { role_type: 'jwt' })).toBe(403);
  expect(await allowed('POST', 'auth/deployer/role/deployer', { bound_subject: 'mallory' })).toBe(403);
  expect(await allowed('POST', 'auth/token/create', { policies: ['root'] })).toBe(400);
});

test.each(['team-*', '+', 'a/+/b'])('a stack with a policy named "%s" has no such pipeline', (name) => {
  expect(() =>
    deployerRules({ jwksUrl: '', roles: [{ roleName: 'reader', tokenPolicies: [] }], policies: [{ name, rules: [] }] }),
  ).toThrow('as a wildcard');
});

describe('with terraform and the real provider', () => {
  beforeEach(requires('terraform'));

  /** Deploys, looks for drift, changes everything and destroys it; the first of these that fails. */
  async function life(env: Environment, terraform: Terraform): Promise<string> {
    const run = async (...args: string[]): Promise<boolean> => (await terraform.run(...args)).exitCode === 0;
    if (!(await run('apply', '-auto-approve'))) return 'apply fails';
    if (!(await run('plan', '-detailed-exitcode'))) return 'plan fails';
    await terraform.declare(await json(props(env, 'two')));
    if (!(await run('apply', '-auto-approve'))) return 'change fails';
    return (await run('destroy', '-auto-approve')) ? 'works' : 'destroy fails';
  }

  test('the pipeline deploys, changes and destroys its stack', async ({ env, skip }) => {
    const terraform = await terraformFolder({ address: env.vault.address, token: await logIn(env) });
    await terraform.declare(await json(props(env)));
    await init(terraform, skip);
    expect(await life(env, terraform)).toBe('works');
  });

  const sample = deployerRules({
    jwksUrl: '',
    roles: [{ roleName: 'reader', tokenPolicies: [] }],
    policies: [{ name: 'own', rules: [] }],
    groups: [{ name: 'dev', policies: [] }],
  });
  const capabilities = sample.flatMap(({ path, capabilities: all }) => all.map((capability) => ({ path, capability })));
  test.for(capabilities)('it takes $capability on $path', async ({ path, capability }, { env, skip }) => {
    const rules = deployerRules(props(env)).map((rule) => ({
      ...rule,
      capabilities: rule.capabilities.filter((one) => rule.path !== path || one !== capability),
    }));
    await env.vault.request('PUT', 'sys/policies/acl/less', { policy: policyOf(rules) });
    const { auth } = await env.vault.request('POST', 'auth/token/create', { policies: ['less'] });
    const { client_token: token } = auth as { client_token: string };
    const terraform = await terraformFolder({ address: env.vault.address, token });
    await terraform.declare(await json(props(env)));
    await init(terraform, skip);
    expect(await life(env, terraform)).toMatch(/fails$/);
  });
});
