import { LoginRefusedError } from 'vaultproof';
import { expect, test } from 'vitest';

test('a time that was expected is shown as one', () => {
  const { message } = new LoginRefusedError({
    ...{ code: 'token_expired', expected: { after: 1_796_017_308 }, found: 1_796_010_000 },
    ...{ serverMessage: 'expired', status: 400, role: 'ci' },
  });
  expect(message).toContain('expected {"after":1796017308}, which is 2026-11-30T05:41:48.000Z, found 1796010000');
});
