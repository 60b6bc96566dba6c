import { expect, test } from 'vitest';
import { readUiMessage } from '../../../harness/terraform/terraform-process.js';

const resource = { addr: 'vault_policy.p', resource_type: 'vault_policy' };

test.each(['apply_start', 'apply_progress', 'apply_complete', 'apply_errored'])(
  'a message of type "%s" is a step',
  (type) => {
    const line = JSON.stringify({ '@message': 'vault_policy.p: ...', type, hook: { resource, action: 'create' } });
    expect(readUiMessage(line)).toEqual({
      kind: 'resource',
      event: { type, address: 'vault_policy.p', action: 'create', message: 'vault_policy.p: ...' },
    });
  },
);

test('a diagnostic keeps its words and its address, and not the snippet of the configuration', () => {
  const diagnostic = {
    severity: 'error',
    summary: 'error writing to Vault',
    detail: 'Code: 400',
    address: 'vault_policy.p',
    snippet: { code: 'canary' },
  };
  expect(readUiMessage(JSON.stringify({ type: 'diagnostic', diagnostic }))).toEqual({
    kind: 'diagnostic',
    diagnostic: {
      severity: 'error',
      summary: 'error writing to Vault',
      detail: 'Code: 400',
      address: 'vault_policy.p',
    },
  });
});

test('a warning is one, and may lack a detail and an address', () => {
  const line = JSON.stringify({ type: 'diagnostic', diagnostic: { severity: 'warning', summary: 'Deprecated' } });
  expect(readUiMessage(line)).toEqual({
    kind: 'diagnostic',
    diagnostic: { severity: 'warning', summary: 'Deprecated', detail: '', address: undefined },
  });
});

test.each([
  ['an empty line', ''],
  ['text', 'Terraform has been initialized'],
  ['half a line', '{"type":"apply_st'],
  ['a list', '[1]'],
  ['a version', '{"type":"version","terraform":"1.11.4"}'],
  ['what a provisioner prints', '{"type":"provision_progress","hook":{"output":"canary"}}'],
  ['a diagnostic without one', '{"type":"diagnostic"}'],
])('%s is of no interest', (_, line) => {
  expect(readUiMessage(line)).toBeUndefined();
});
