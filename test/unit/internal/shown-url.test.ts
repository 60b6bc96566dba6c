import { expect, test } from 'vitest';
import { shownUrl, withoutPasswords } from '../../../internal/redaction.js';

test.each([
  ['http://127.0.0.1:8200', 'http://127.0.0.1:8200'],
  ['https://u:s3cret@host:1/a', 'https://***@host:1/a'],
  ['https://s3cret@host', 'https://***@host'],
  ['HTTP://u:s3cret@HOST', 'HTTP://***@HOST'],
  ['http://u:s3/c@ret@host', 'http://***@host'],
  ['u:s3cret@host:8200', '***@host:8200'],
  ['//u:s3cret@host', '***@host'],
  ['https://host/a?sig=s3cret&b#s3cret', 'https://host/a?***#***'],
  ['https://host/@scope/a', 'https://host/@scope/a'],
  ['nowhere', 'nowhere'],
])('"%s" is shown as "%s"', (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});

test("a text's URLs lose their passwords", () => {
  expect(withoutPasswords('Get "https://u:s3cret@host/a": no such host; postgres://u:s3cret@db')).toBe(
    'Get "https://***@host/a": no such host; postgres://***@db',
  );
});
