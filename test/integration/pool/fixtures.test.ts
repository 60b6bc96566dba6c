import { expect, test } from 'vaultproof/vitest';
import { describe, inject } from 'vitest';
import { descendantsOf } from '../../support/what-runs.js';

/** Whether a server was started by this process, and not by the one of the pool. */
function isOwn(address: string): boolean {
  const { host } = new URL(address);
  return descendantsOf(process.pid).some(({ command }) => command.includes(host));
}

test('the global set-up says what the pool has', () => {
  expect(inject('pooled')?.services).toEqual({ vault: true, consul: true });
});

test('env is leased', ({ env }) => {
  expect(isOwn(env.vault.address)).toBe(false);
  expect(() => env.consul).toThrow(TypeError);
});

describe('with Consul besides', () => {
  test.override({ services: { vault: true, consul: true } });

  test('both are leased', async ({ env }) => {
    expect(isOwn(env.vault.address)).toBe(false);
    await env.consul.kv.write('app/colour', 'green');
  });
});

describe('with the audit log', () => {
  test.override({ services: { vault: { auditLog: true } } });

  test('env is leased, and its log is on', async ({ env }) => {
    expect(isOwn(env.vault.address)).toBe(false);
    await env.vault.request('GET', 'sys/mounts');
    expect(await env.vault.auditLog()).toHaveLength(2);
  });
});

describe('with a vendor', () => {
  const vendor = 'https://token.actions.githubusercontent.com';
  test.override({ services: { vault: true, impersonate: [vendor] } });

  for (const which of ['first', 'second']) {
    test(`the ${which} env is leased, and its server fetches the vendor's keys from the test`, async ({ env }) => {
      expect(isOwn(env.vault.address)).toBe(false);
      await env.applyJson({
        resource: { vault_jwt_auth_backend: { github: { path: 'github', oidc_discovery_url: vendor } } },
      });
      expect((await env.impersonate(vendor)).fetches.discovery).toBeGreaterThan(0);
    });
  }
});

describe('with options that the pool was not made with', () => {
  test.override({ services: { vault: { engine: 'process', startupTimeoutMs: 45_000 } } });

  test('env is started', ({ env }) => {
    expect(isOwn(env.vault.address)).toBe(true);
  });
});
