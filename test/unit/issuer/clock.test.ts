import { startIssuer } from 'vaultproof/issuer';
import { expect, test } from 'vitest';
import { UsageError } from '../../../errors/index.js';

test('a clock is not moved by milliseconds, in which every time lies behind the year 9999', async () => {
  await using issuer = await startIssuer();
  expect(() => issuer.clock.moveTo(1_790_000_000_000)).toThrow(
    new UsageError(
      '"time" is 1790000000000, after the year 9999: expected seconds since 1970, Math.floor(Date.now() / 1000)',
    ),
  );
  issuer.clock.moveTo(253_402_300_700);
  expect(issuer.clock.now()).toBeGreaterThanOrEqual(253_402_300_700);
});
