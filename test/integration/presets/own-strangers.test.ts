import { boundCoverage, type Environment, startEnvironment, strangers, type TokenClaims } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect } from 'vaultproof/vitest';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type PresetCase, presetCases } from './preset-cases.js';

let env: Environment;

beforeAll(async () => {
  env = await startEnvironment({ issuer: { algorithms: ['RS256', 'ES256', 'EdDSA'] } });
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  for (const { backend, role } of presetCases) {
    const place = { path: role.roleName, kv: { path: `kv-${role.roleName}` } };
    await env.apply((app) => new VaultJwtStack(app, role.roleName, { ...backend, ...place, jwksUrl, roles: [role] }));
  }
});
afterAll(() => env?.stop());

/** The claims of the token that a preset lets in, as they are signed. */
async function goodClaims({ token }: PresetCase): Promise<TokenClaims> {
  const [, payload = ''] = (await env.issuer.sign(token)).split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as TokenClaims;
}

describe.each(presetCases)('$name', (preset) => {
  const { backend, role, token } = preset;
  const bounds = { ...backend, ...role };

  test('its strangers are refused by a real server, each for its bound, and cover all bounds', async () => {
    const all = strangers(bounds, await goodClaims(preset));
    for (const { claims, code, claim } of all) {
      const jwt = await env.issuer.sign(claims, {
        ...(token.alg && { alg: token.alg }),
      });
      await expect(env.vault).toRefuse(jwt, {
        mount: role.roleName,
        role: role.roleName,
        code,
        claim,
      });
    }
    expect(all.length).toBeGreaterThan(3);
    expect(
      boundCoverage(
        bounds,
        all.map(({ claims }) => claims),
      ).missed,
    ).toEqual([]);
  });
});
