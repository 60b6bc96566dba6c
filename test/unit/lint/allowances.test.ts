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
