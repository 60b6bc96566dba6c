import { type Environment, startEnvironment } from 'vaultproof';
import type { SigningAlgorithm } from 'vaultproof/issuer';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changedToken } from './changed-token.js';
import { type PresetCase, presetCases } from './preset-cases.js';

let env: Environment;

beforeAll(async () => {
  env = await startEnvironment({ issuer: { algorithms: ['RS256', 'ES256', 'EdDSA'] } });
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  for (const { backend, role } of presetCases) {
    const { roleName: name } = role;
    const place = { path: name, kv: { path: `kv-${name}` } };
    await env.apply((app) => new VaultJwtStack(app, name, { ...backend, ...place, jwksUrl, roles: [role] }));
  }
});
afterAll(() => env?.stop());

/** What is checked of a token besides its role's claims: the code of its refusal, and the claim. */
const checks: Readonly<Record<string, { readonly code: string; readonly claim: string }>> = {
  boundIssuer: { code: 'issuer_mismatch', claim: 'iss' },
  jwtSupportedAlgs: { code: 'algorithm_not_allowed', claim: '' },
  boundAudiences: { code: 'audience_mismatch', claim: 'aud' },
  boundSubject: { code: 'subject_mismatch', claim: 'sub' },
};

/** Every bound of a preset, as it declares them. */
function boundsOf({ backend, role }: PresetCase): string[] {
  const { boundClaims = {}, ...rest } = role;
  const others = Object.keys({ ...backend, ...rest }).filter(
    (name) => /bound|algs/i.test(name) && name !== 'boundClaimsType',
  );
  return [...others, ...Object.keys(boundClaims)].sort();
}

async function login({ role }: PresetCase, jwt: string): Promise<unknown> {
  return env.vault.login({ jwt, mount: role.roleName }).catch((error: unknown) => error);
}

describe.each(presetCases)('$name', (preset) => {
  const { role, token, differing } = preset;

  test('the job that it is for gets in, with its policy', async () => {
    expect(await login(preset, await env.issuer.sign(token))).toMatchObject({
      role: role.roleName,
      policies: ['default', 'deploy'],
    });
  });

  test('has a differing token for each of its bounds, and no other', () => {
    expect(Object.keys(differing).sort()).toEqual(boundsOf(preset));
  });

  test.each(boundsOf(preset))('a token that differs in %s alone is refused for it', async (bound) => {
    const value = differing[bound];
    const { code, claim } = checks[bound] ?? { code: 'claim_mismatch', claim: bound };
    const jwt =
      bound === 'jwtSupportedAlgs'
        ? await env.issuer.sign(token, { alg: value as SigningAlgorithm })
        : await env.issuer.sign(changedToken(token, claim, value));
    const refusal = await login(preset, jwt);
    expect(refusal).toMatchObject({ code, found: value });
    if (bound in checks) return;
    expect(refusal).toMatchObject({
      serverMessage: expect.stringContaining(`claim "${bound}" does not match`),
      expected: [role.boundClaims?.[bound]].flat(),
    });
  });

  // Every token has a subject.
  const claims = Object.keys(role.boundClaims ?? {}).filter((claim) => claim !== 'sub');

  test.for(claims)('a token without %s is refused', async (claim) => {
    const jwt = await env.issuer.sign(changedToken(token, claim, undefined));
    expect(await login(preset, jwt)).toMatchObject({
      code: 'claim_missing',
      serverMessage: expect.stringContaining(`"${claim}"`),
    });
  });
});
