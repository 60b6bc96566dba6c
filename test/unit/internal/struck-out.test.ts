import { expect, test } from 'vitest';
import { strikeOut, strikeOutPrintedKeys, strikeOutTokens } from '../../../internal/redaction.js';

test('known secrets are struck out wherever they stand, as they are written', () => {
  expect(strikeOut('a=s3.cret, "s3.cret", s3xcret, other', ['s3.cret', 'other'])).toBe(
    'a=(struck out), "(struck out)", s3xcret, (struck out)',
  );
});

test('an empty secret strikes nothing out', () => {
  expect(strikeOut('text', [''])).toBe('text');
});

test.each([
  ['a service token', 'hvs.CAESIJ-x_1'],
  ['a batch token', 'hvb.AAAAAQ'],
  ['a recovery token', 'hvr.AAAAAQ'],
  ['a token of an older Vault', 's.abcdefghijklmnopqrst'],
  ['a JWT', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2ln'],
  ['an unsigned JWT', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.'],
])('%s is struck out by what it looks like', (_what, token) => {
  expect(strikeOutTokens(`sent "${token}" twice: ${token}`)).toBe('sent "(struck out)" twice: (struck out)');
});

test('names with dots are no tokens', () => {
  const text = 'services.example, s.short, b.abcdefghijklmnopqr-s';
  expect(strikeOutTokens(text)).toBe(text);
});

test('the keys and the token that a Vault prints are struck out, and their labels stay', () => {
  expect(strikeOutPrintedKeys('Unseal Key: abc=\nRoot Token: root\nkey: kept')).toBe(
    'Unseal Key: (struck out)\nRoot Token: (struck out)\nkey: kept',
  );
});
