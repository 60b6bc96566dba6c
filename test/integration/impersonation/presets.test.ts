import { type Environment, startEnvironment } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { madeKey } from '../../support/made-key.js';
import { changedToken } from '../presets/changed-token.js';
import { type PresetCase, presetCases } from '../presets/preset-cases.js';

// Its keys are at the host of Entra's other issuer, and a host has one issuer.
const isApart = ({ backend }: PresetCase): boolean => backend.boundIssuer.startsWith('https://sts.windows.net/');

let env: Environment;

async function start(cases: readonly PresetCase[]): Promise<void> {
  env = await startEnvironment({ impersonate: [...new Set(cases.map(({ backend }) => backend.boundIssuer))] });
  for (const { backend, role } of cases) {
    const { jwksUrl, ...method } = backend;
    const { roleName: name } = role;
    const byDiscovery = { ...method, oidcDiscoveryUrl: backend.boundIssuer };
    await env.apply((app) => new VaultJwtStack(app, name, { ...backend, path: `${name}-keys`, roles: [role] }));
    await env.apply(
      (app) => new VaultJwtStack(app, `${name}-d`, { ...byDiscovery, path: `${name}-discovery`, roles: [role] }),
    );
  }
}

describe.each([
  { what: 'vendors', cases: presetCases.filter((one) => !isApart(one)) },
  { what: 'an issuer whose keys are at the host of another', cases: presetCases.filter(isApart) },
])('$what', ({ cases }) => {
  beforeAll(() => start(cases));
  afterAll(() => env?.stop());

  describe.each(cases)('$name', ({ role, token, backend, differing }) => {
    const mounts = [`${role.roleName}-keys`, `${role.roleName}-discovery`];

    test.each(mounts)("a token of the preset gets in at %s, whose URLs are the vendor's own", async (mount) => {
      const jwt = await env.issuer.sign(token);
      expect(await env.vault.login({ jwt, mount })).toMatchObject({
        role: role.roleName,
        policies: ['default', 'deploy'],
      });
    });

    test.each(mounts)('a token of another subject is refused at %s', async (mount) => {
      const claim = Object.keys(role.boundClaims ?? {}).find((name) => name !== 'sub');
      const [name, code] = claim === undefined ? ['sub', /^(?:subject|claim)_mismatch$/] : [claim, /^claim_mismatch$/];
      const other = differing[claim ?? 'boundSubject'] ?? differing['sub'];
      const jwt = await env.issuer.sign(changedToken(token, name, other));
      await expect(env.vault.login({ jwt, mount })).rejects.toMatchObject({ code: expect.stringMatching(code) });
    });

    test.each(mounts)("a token that another key signed is refused at %s, with the vendor's key ids", async (mount) => {
      const key = await madeKey(token.alg ?? 'RS256');
      const jwt = await env.issuer.sign(token, { key });
      const { keys } = await env.impersonate(backend.boundIssuer);
      await expect(env.vault.login({ jwt, mount })).rejects.toMatchObject({
        code: 'unknown_key',
        expected: keys.published().map(({ kid }) => kid),
        found: key.kid,
      });
    });
  });

  test('the servers asked no other host', () => {
    expect(env.proxy.refused).toEqual([]);
  });
});
