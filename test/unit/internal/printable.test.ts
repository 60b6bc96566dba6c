import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { UsageError, VaultproofError } from '../../../errors/index.js';
import { printable, printableLine, printedAs } from '../../../internal/printable.js';

describe('text that is printed', () => {
  test.each([
    ['an escape sequence', 'a\u001b[31mb', 'a\\u001b[31mb'],
    ['a window title', '\u001b]0;x\u0007', '\\u001b]0;x\\u0007'],
    ['a return to the beginning of the line', 'evil\rgood', 'evil\\u000dgood'],
    ['a control of C1', 'a\u009b31mb', 'a\\u009b31mb'],
    ['DEL', 'a\u007fb', 'a\\u007fb'],
    ['a change of direction', 'a\u202eb\u2066c\u200fd\u061ce', 'a\\u202eb\\u2066c\\u200fd\\u061ce'],
    ['what nobody sees', 'admin\u200b\ufeff', 'admin\\u200b\\ufeff'],
    ['an invisible character beyond the basic plane', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
    ['another end of a line', 'a\u2028b\u0085c', 'a\\u2028b\\u0085c'],
    ['half a pair', 'a\ud800b', 'a\\ud800b'],
    ["GitHub's command", 'x\n::error::y', 'x\n\\u003a:error::y'],
    ['a command after spaces', '\u00a0 ::add-mask::y', '\u00a0 \\u003a:add-mask::y'],
    ['an older command', 'x ##[error]y ##vso[a]', 'x \\u0023#[error]y \\u0023#vso[a]'],
    ['plain text', 'a::b\n\tü 日本 🙂 # ## [x]', 'a::b\n\tü 日本 🙂 # ## [x]'],
  ])('has %s escaped', (_what, text, expected) => {
    expect(printable(text)).toBe(expected);
    expect(printable(expected)).toBe(expected);
  });

  test('stays the same JSON', () => {
    const value = { a: '\u009b::x', '\u202eb': ['##[c]', '\u{e0041}'] };
    expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value);
  });

  test('stays on its line where it is to be one', () => {
    expect(printableLine('in\n::error::as "root"\n')).toBe('in\\n::error::as "root"\\n');
  });
});

const hostile = 'no\u001b]0;x\u0007\n::error::\u202e at tcp://u:s3cret@host';
const escaped = 'no\\u001b]0;x\\u0007\n\\u003a:error::\\u202e at tcp://***@host';

test.each([
  ['an error', () => new VaultproofError('request_refused', hostile)],
  ['a mistake in a call', () => new UsageError(hostile)],
])('the message of %s is printable', (_what, make) => {
  expect(make().message).toBe(escaped);
  expect(make().stack).toContain(escaped);
});

test('and so are the words of its cause', () => {
  const cause = new VaultproofError('request_failed', 'x', { cause: new SyntaxError(hostile) }).cause as Error;
  expect(cause).toMatchObject({ name: 'SyntaxError', message: escaped });
  expect(cause.stack).toContain(escaped);
  const plain = new Error('plain');
  expect(new VaultproofError('request_failed', 'x', { cause: plain }).cause).toBe(plain);
});

test('an object that prints as a line prints as a printable one', () => {
  expect(inspect(printedAs({}, () => `Session(a\u001b\n::error::)`))).toBe('Session(a\\u001b\\n::error::)');
});
