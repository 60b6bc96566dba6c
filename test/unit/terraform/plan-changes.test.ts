import { expect, test } from 'vitest';
import { readConfiguration } from '../../../harness/terraform/configuration.js';
import { readPlan } from '../../../harness/terraform/plan-changes.js';

const configuration = readConfiguration({
  resource: { vault_policy: { p: { '//': { metadata: { path: 'demo/p' } } } } },
});

function change(address: string, actions: readonly string[], before: object | null, after: object | null) {
  return { address, mode: 'managed', change: { actions, before, after, after_unknown: { id: true } } };
}

test('a plan is read as what changes, with the names of the arguments and no value', () => {
  const { changes, changedOutputs, outputs } = readPlan(
    {
      resource_changes: [
        change('vault_policy.p', ['update'], { name: 'p', policy: 'old' }, { name: 'p', policy: 'canary' }),
        change('vault_policy.same', ['no-op'], {}, {}),
        change('vault_mount.kv', ['delete', 'create'], { path: 'a', id: 'a' }, { path: 'b' }),
        change('vault_mount.new', ['create'], null, { path: 'c' }),
        change('vault_mount.old', ['delete'], { path: 'd' }, null),
        { ...change('data.vault_policy_document.d', ['read'], null, {}), mode: 'data' },
      ],
      prior_state: { values: { outputs: { same: { sensitive: false, value: 1 } } } },
      output_changes: { same: { actions: ['no-op'] }, other: { actions: ['update'] } },
    },
    configuration,
  );
  expect(changes).toEqual([
    { address: 'vault_policy.p', constructPath: 'demo/p', action: 'update', attributes: ['policy'] },
    { address: 'vault_mount.kv', constructPath: 'vault_mount.kv', action: 'replace', attributes: ['id', 'path'] },
    { address: 'vault_mount.new', constructPath: 'vault_mount.new', action: 'create', attributes: [] },
    { address: 'vault_mount.old', constructPath: 'vault_mount.old', action: 'delete', attributes: [] },
  ]);
  expect(changedOutputs).toEqual(['other']);
  expect(outputs).toEqual({ same: { sensitive: false, value: 1 } });
});

test('the values of modules are read with their own', () => {
  const resource = (address: string) => ({ address, type: 'vault_policy', mode: 'managed', values: { name: address } });
  const { resources } = readPlan(
    {
      planned_values: {
        root_module: {
          resources: [resource('vault_policy.p')],
          child_modules: [{ child_modules: [{ resources: [resource('module.a.module.b.vault_policy.q')] }] }],
        },
      },
    },
    configuration,
  );
  expect(resources.map(({ address }) => address)).toEqual(['vault_policy.p', 'module.a.module.b.vault_policy.q']);
});

test.each([[undefined], [{}], [{ resource_changes: 'x' }]])('%j is a plan of nothing', (shown) => {
  expect(readPlan(shown, configuration)).toEqual({ changes: [], changedOutputs: [], outputs: {}, resources: [] });
});
