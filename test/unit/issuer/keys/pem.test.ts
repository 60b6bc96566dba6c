import { importPublicKeys, importSigningKey } from 'vaultproof/issuer/keys';
import { expect, test } from 'vitest';
import { pemBlocks } from '../../../../issuer/keys/pem.js';

const block = (label: string, body = 'x'): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`;

test('the blocks of a text are found, and those that are cut off are none', () => {
  const [one, two] = [block('EC PARAMETERS'), block('PRIVATE KEY')];
  const text = `a\n${one}\n-----BEGIN CERTIFICATE-----\nx\n${two}\n-----END CERTIFICATE-----\n`;
  expect(pemBlocks(text)).toEqual([
    { label: 'EC PARAMETERS', text: one, from: 2, to: 2 + one.length },
    { label: 'PRIVATE KEY', text: two, from: text.indexOf(two), to: text.indexOf(two) + two.length },
  ]);
});

test.each(['-----BEGIN EC PARAMETERS-----', '-----END A----------BEGIN A-----', '-----END A-----\n-----BEGIN'])(
  'a hundred thousand times %j is no work',
  async (text) => {
    const many = text.repeat(100_000);
    expect(pemBlocks(many).length).toBeLessThan(100_001);
    await expect(importSigningKey(many)).rejects.toMatchObject({ code: 'key_invalid' });
    expect(() => importPublicKeys(many)).toThrow(expect.objectContaining({ code: 'key_invalid' }));
  },
);
