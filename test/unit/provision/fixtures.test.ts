import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dataSources } from '../../../harness/provision/data-sources.js';
import { resourceTypes } from '../../../harness/provision/resources/index.js';
import { type ProviderFixture, providerFixtures } from '../../support/provider-fixture.js';

const types = [
  ...[...resourceTypes.values()].map(({ type, schema }) => ({ type, schema, block: 'resource' })),
  ...[...dataSources.values()].map(({ type, schema }) => ({ type: `data.${type}`, schema, block: 'data' })),
];
const recorded = new Map(providerFixtures());

test('every type that is applied here has fixtures of the real provider, and no other has', () => {
  expect([...recorded.keys()].toSorted()).toEqual(types.map(({ type }) => type).toSorted());
});

describe.each(types)('$type', ({ type, schema, block }) => {
  test('has a fixture that sets each of its arguments', () => {
    // A namespace is the same to every type of Vault's: the recordings of `vault_namespace` have some in it.
    const set = new Set(['namespace']);
    for (const [, file] of recorded.get(type) ?? []) {
      const { steps } = JSON.parse(readFileSync(file, 'utf8')) as ProviderFixture;
      for (const { config } of steps) {
        const blocks = config[block] as Readonly<Record<string, Readonly<Record<string, object>>>> | undefined;
        for (const body of Object.values(blocks?.[type.replace('data.', '')] ?? {})) {
          for (const name of Object.keys(body)) set.add(name);
        }
      }
    }
    expect(Object.keys(schema.shape).filter((name) => !set.has(name))).toEqual([]);
  });
});
