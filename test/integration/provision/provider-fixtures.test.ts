import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Environment, startEnvironment } from 'vaultproof';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDocumentServer } from '../../support/document-server.js';
import {
  asksForConsul,
  fillIn,
  normalise,
  type ProviderFixture,
  providerFixtures,
  readState,
} from '../../support/provider-fixture.js';
import { startUnbootstrappedConsul } from '../../support/unbootstrapped-consul.js';
import { ofProduct, requiresOfVault } from '../../support/vault-of-tests.js';

/** Only what was recorded: a newer server may have more to say. */
function recordedPart(actual: unknown, recorded: unknown): unknown {
  const areRecords = [actual, recorded].every(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  if (!areRecords) return actual;
  const known = Object.keys(recorded as object);
  return Object.fromEntries(Object.entries(actual as object).filter(([name]) => known.includes(name)));
}

/** The recordings are Vault's. OpenBao answers alike, without these fields. */
const withoutAtOpenBao: readonly (readonly [path: RegExp, fields: readonly string[]])[] = [
  [/^auth\/.*\/config$/, ['jwks_pairs', 'unsupported_critical_cert_extensions', 'use_annotations_as_alias_metadata']],
  [/\/metadata\//, ['last_updated_by', 'created_by', 'deleted_by']],
];

function recordedFor(path: string, recorded: unknown): unknown {
  const [, missing = []] = withoutAtOpenBao.find(([pattern]) => pattern.test(path)) ?? [];
  const without = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const kept = Object.entries(value).filter(([name]) => !missing.includes(name));
    return Object.fromEntries(kept.map(([name, item]) => [name, without(item)]));
  };
  return ofProduct({ vault: recorded, openbao: without(recorded) });
}

/** The fixtures that take what not every server has. */
const needs = [
  [/^vault_consul_/, /./, 'secret/consul'],
  [/^vault_kubernetes_/, /./, 'auth/kubernetes'],
  [/^vault_jwt_auth_backend$/, /^jwks_pairs$/, 'jwks_pairs'],
  [/^data\.vault_policy_document$/, /^(?:everything|subscribe_event_types)$/, 'subscribe'],
  [/^vault_mount$/, /^(?:allowed_managed_keys|from_the_start)$/, 'allowed_managed_keys'],
  [/^vault_mount$/, /^delegated_auth_accessors$/, 'delegated_auth_accessors'],
] as const;

async function replay(env: Environment, fixture: ProviderFixture): Promise<void> {
  const { server, before, steps } = fixture;
  const started = server.startsWith('consul') ? env.consul : env.vault;
  const documents = await startDocumentServer(started);
  const consul = asksForConsul(steps) ? await startUnbootstrappedConsul(started) : undefined;
  const values = { issuer: documents.url, secret: randomUUID(), consul: consul?.address };
  try {
    for (const { method, path, body } of before) await env.vault.request(method, path, body);
    for (const { config, refused, outputs, state } of steps) {
      const json = { terraform: {}, ...fillIn(config, values) };
      // What only OpenBao has was recorded there.
      const isLacking = server.startsWith('openbao') && ofProduct({ vault: true, openbao: false });
      if (isLacking && Object.keys(config).length > 0) {
        await expect(env.applyJson(json)).rejects.toMatchObject({ code: 'unsupported_by_server' });
        continue;
      }
      if (refused) {
        await expect(env.applyJson(json)).rejects.toMatchObject({ code: expect.any(String) });
        continue;
      }
      const applied = await env.applyJson(json);
      expect(normalise(applied.outputs, values)).toEqual(outputs);
      const actual = await readState(started, Object.keys(state), values);
      for (const [path, recorded] of Object.entries(state)) {
        const expected = recordedFor(path, recorded);
        expect({ [path]: recordedPart(actual[path], expected) }).toEqual({ [path]: expected });
      }
      // Terraform may apply the same again and again; here it is done once.
      expect(await env.applyJson(json)).toMatchObject({ created: [], updated: [], removed: [] });
    }
  } finally {
    documents.stop();
    await consul?.stop();
  }
}

describe.each(providerFixtures())('%s leaves what terraform’s provider leaves', (type, fixtures) => {
  const start = (): Promise<Environment> => {
    const isVault = !/^(?:data\.)?consul_/.test(type);
    return startEnvironment({ vault: isVault, consul: !isVault });
  };
  // Every fixture ends with nothing declared and nothing left, so that the next one begins as on a fresh server.
  let shared: Environment;
  beforeAll(async () => {
    shared = await start();
  });
  afterAll(() => shared?.stop());

  test.for(fixtures)('%s', async ([name, file], context) => {
    const needed = needs.flatMap(([types, names, one]) => (types.test(type) && names.test(name) ? [one] : []));
    requiresOfVault(...needed)(context);
    const fixture = JSON.parse(readFileSync(file, 'utf8')) as ProviderFixture;
    if (fixture.before.length > 0) {
      await using own = await start();
      return await replay(own, fixture);
    }
    await replay(shared, fixture).catch(async (error: unknown) => {
      await shared.stop();
      shared = await start();
      throw error;
    });
  });
});
