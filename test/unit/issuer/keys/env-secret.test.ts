import { secretBytes, secretFromEnv } from 'vaultproof/issuer/keys';
import { describe, expect, test } from 'vitest';
import { openssl } from './openssl.js';

const FIRST = 'b3vYhJ9xkqk0pCkOqWmXTHn1xUqk2Yw0mZcXk6m1mZ0Y9m2hQ5mVxk3p7rT9uV1w';
const SECOND = 'A1b2C3d4E5f6G7h8I9j0Kg==';

describe('the secret of a .env file', () => {
  test.each([
    ['one line', `KEY=${FIRST}${SECOND}\n`],
    ['quotes', `KEY="${FIRST}${SECOND}"\n`],
    ['quotes with a line break in them', `KEY="${FIRST}\n${SECOND}"\n`],
    ['two lines, as openssl prints them', `KEY=${FIRST}\n${SECOND}\n`],
    ['two lines with carriage returns', `KEY=${FIRST}\r\n${SECOND}\r\n`],
    ['a line among others', `# KEY=no\nA=1\nexport KEY=${FIRST}${SECOND}\nB=2`],
    ['two lines before others', `KEY=${FIRST}\n${SECOND}\nEMPTY=\nB=2`],
  ])('is its text in %s', (_how, env) => {
    expect(secretFromEnv(env)).toBe(FIRST + SECOND);
  });

  test('is whatever openssl rand prints, without the line breaks', async () => {
    const printed = await openssl(['rand', '-base64', '64']);
    expect(secretFromEnv(`KEY=${printed}\n`)).toBe(printed.replaceAll('\n', ''));
    expect(secretBytes(printed).length).toBe(88);
  });

  test.each([
    ['nothing', ''],
    ['an empty value', 'KEY=\n'],
    ['another name', 'KEYS=abc\n'],
  ])('is missing where there is %s', (_what, env) => {
    expect(() => secretFromEnv(env)).toThrow(TypeError);
  });

  test('ends before a variable that follows a full line', () => {
    expect(secretFromEnv(`KEY=${FIRST}\nOTHER=1\n`)).toBe(FIRST);
  });
});
