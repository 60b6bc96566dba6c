import { lint } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';

const sudo = { policy: 'path "sys/audit" { capabilities = ["sudo"] }' };
const json = { resource: { vault_policy: { a: { name: 'a', ...sudo }, b: { name: 'b', ...sudo } } } };
const findings = (allow: Parameters<typeof lint>[1]) =>
  lint(json, allow).map(({ code, address, found }) => [code, address, found]);

describe('an allowance of the call', () => {
  test('takes a code away everywhere', () => {
    expect(findings({ allow: [{ code: 'policy-sudo', reason: 'for audits' }] })).toEqual([]);
  });

  test('with an address takes it away there alone', () => {
    expect(findings({ allow: [{ code: 'policy-sudo', address: 'vault_policy.a', reason: 'for audits' }] })).toEqual([
      ['policy-sudo', 'vault_policy.b', 'sys/audit'],
    ]);
  });

  test.each([
    'module.gitlab["a"].vault_policy.p["x[0]"]',
    'module.gitlab["a"].vault_policy.p',
    'module.gitlab.vault_policy.p',
  ])('with the address %s takes it away at an instance', (address) => {
    const resource = { address: 'module.gitlab["a"].vault_policy.p["x[0]"]', mode: 'managed', type: 'vault_policy' };
    const module = { address: 'module.gitlab["a"]', resources: [{ ...resource, name: 'p', values: sudo }] };
    const plan = { format_version: '1.2', planned_values: { root_module: { child_modules: [module] } } };
    expect(lint(plan)).toMatchObject([{ code: 'policy-sudo' }]);
    expect(lint(plan, { allow: [{ code: 'policy-sudo', address, reason: 'for audits' }] })).toEqual([]);
  });

  test('whose address is that of no finding says so, and where there are some', () => {
    const [, , complaint] = lint(json, { allow: [{ code: 'policy-sudo', address: 'vault_policy.c', reason: 'why' }] });
    expect(complaint).toMatchObject({
      code: 'unused-allowance',
      reason: 'no "policy-sudo" is reported at the address "vault_policy.c"',
      fix: expect.stringContaining('"vault_policy.a", "vault_policy.b"'),
    });
  });

  test('an allowance without a reason is a finding', () => {
    expect(findings({ allow: [{ code: 'policy-sudo', reason: '' }] })).toEqual([
      ['allowance-without-reason', 'allow', 'policy-sudo'],
    ]);
  });

  test.each(['comma-split', 'no-such-code'])('an allowance that allows nothing is a finding: %s', (code) => {
    expect(findings({ allow: [{ code, reason: 'why' }] })).toEqual([
      ['policy-sudo', 'vault_policy.a', 'sys/audit'],
      ['policy-sudo', 'vault_policy.b', 'sys/audit'],
      ['unused-allowance', 'allow', code],
    ]);
  });
});

describe('an allowance in a comment', () => {
  const withComment = (comment: unknown) => ({
    resource: { vault_policy: { a: { '//': comment, name: 'a', ...sudo } } },
  });

  test('holds for its own block', () => {
    expect(lint(withComment({ vaultproof: { allow: { 'policy-sudo': 'for audits' } } }))).toEqual([]);
  });

  test.each([7, null, {}, ['x'], ' '])('an allowance whose reason is %j is a finding', (reason) => {
    expect(lint(withComment({ vaultproof: { allow: { 'policy-sudo': reason } } }))).toMatchObject([
      { code: 'allowance-without-reason', address: 'vault_policy.a' },
    ]);
  });

  test.each(['text', null, ['vaultproof'], { vaultproof: 'text' }, { vaultproof: { allow: ['policy-sudo'] } }])(
    'a comment that is not an allowance allows nothing: %j',
    (comment) => {
      expect(lint(withComment(comment))).toMatchObject([{ code: 'policy-sudo' }]);
    },
  );
});
