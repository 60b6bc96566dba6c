import type { Environment } from 'vaultproof';
import { serviceAccount } from 'vaultproof/issuer/presets';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { consulKubernetes } from 'vaultproof/stacks/presets/consul-kubernetes';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { parseSelector } from '../../../stacks/consul-selector.js';
import { claimOf, matchesOf } from '../../../stacks/consul-selector-analysis.js';
import { consulAcl } from '../../support/consul-jwt.js';
import { changedToken } from './changed-token.js';
import { type ConsulCase, consulCases } from './consul-cases.js';

test.override({ fileServices: { vault: false, consul: { engine: 'process' }, issuer: { algorithms: ['RS256'] } } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

/** An auth method for each case, by its place in the list. */
const methodOf = (preset: ConsulCase): string => `method-${consulCases.indexOf(preset)}`;

beforeAll(async () => {
  const acl = consulAcl(env.consul);
  await acl.put('/v1/acl/role', { Name: 'deploy' });
  acl.close();
  const jwksUrl = env.issuer.jwksUrlFor(env.consul);
  for (const one of consulCases) {
    const name = methodOf(one);
    await env.apply((app) => new ConsulJwtStack(app, name, { ...one.preset, name, jwksUrl }));
  }
});

/** What is checked of a token besides its rule's claims: the code of its refusal, and the claim. */
const checks: Readonly<Record<string, { readonly code: string; readonly claim: string }>> = {
  boundIssuer: { code: 'issuer_mismatch', claim: 'iss' },
  boundAudiences: { code: 'audience_mismatch', claim: 'aud' },
};

/** The claims that the rule's selector compares, by their own names. */
function claimsOf({ preset: { bindingRules, claimMappings } }: ConsulCase): string[] {
  const selector = bindingRules[0]?.selector ?? '';
  const names = matchesOf(parseSelector(selector)).map((match) => claimOf(match).name);
  return Object.keys(claimMappings).filter((claim) => names.includes(claimMappings[claim]));
}

async function login(preset: ConsulCase, jwt: string): Promise<unknown> {
  return env.consul.login({ jwt, method: methodOf(preset) }).catch((error: unknown) => error);
}

describe.each(consulCases)('$name', (preset) => {
  const { token, gets, differing } = preset;
  const claims = claimsOf(preset);
  const bounds = ['boundIssuer', 'boundAudiences', ...claims];

  test('the job that it is for gets in, and exactly what is meant', async () => {
    const session = await login(preset, await env.issuer.sign(token));
    expect(session).toMatchObject(gets);
    expect(session).toMatchObject({ templatedPolicies: [], expirationTime: expect.any(Date) });
  });

  test('has a differing token for each of its bounds, and no other', () => {
    expect(Object.keys(differing).sort()).toEqual(bounds.toSorted());
  });

  test.each(bounds)('a token that differs in %s alone is refused for it', async (bound) => {
    const value = differing[bound];
    const { code, claim } = checks[bound] ?? { code: 'no_binding_rule_matched', claim: bound };
    const refusal = await login(preset, await env.issuer.sign(changedToken(token, claim, value)));
    expect(refusal).toMatchObject(bound in checks ? { code, found: value } : { code });
  });

  // Every token has a subject.
  test.each(claims.filter((claim) => claim !== 'sub'))('a token without %s is refused', async (claim) => {
    const jwt = await env.issuer.sign(changedToken(token, claim, undefined));
    expect(await login(preset, jwt)).toMatchObject({ code: 'no_binding_rule_matched' });
  });
});

test('a preset’s rules hold by discovery, too, as docs/presets.md has it', async () => {
  const audience = 'https://consul.acme.example';
  const rules = [{ namespace: 'prod', serviceAccount: 'app', bindType: 'role', bindName: 'deploy' }] as const;
  const { jwksUrl: _, ...method } = consulKubernetes({ issuer: env.issuer.url, audience, rules });
  const props = { ...method, oidcDiscoveryUrl: method.boundIssuer, jwtSupportedAlgs: ['RS256'] as const };
  await env.apply((app) => new ConsulJwtStack(app, 'discovery', { ...props, name: 'discovery' }));
  const pod = { namespace: 'prod', serviceAccount: 'app', audience, issuer: env.issuer.url };
  const good = await env.issuer.sign(serviceAccount(pod));
  expect((await env.consul.login({ jwt: good, method: 'discovery' })).roles).toEqual(['deploy']);
  const bad = await env.issuer.sign(serviceAccount({ ...pod, serviceAccount: 'other' }));
  await expect(env.consul.login({ jwt: bad, method: 'discovery' })).rejects.toMatchObject({
    code: 'no_binding_rule_matched',
  });
});
