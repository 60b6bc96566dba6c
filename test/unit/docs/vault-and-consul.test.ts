import { expect, test } from 'vitest';
import { type Difference, differences } from '../../integration/vault-and-consul/differences.js';
import { read, section, tableRows } from './markdown.js';

const document = read('docs/vault-and-consul.md');

function cells({ what, vault, openbao = vault, consul }: Difference): string[] {
  return [what, vault, openbao, consul];
}

test.each([...new Set(differences.map(({ about }) => about))])(
  'docs/vault-and-consul.md has what the servers answered about "%s"',
  (about) => {
    const rows = differences.filter((difference) => difference.about === about);
    expect(tableRows(section(document, about))).toEqual(rows.map(cells));
  },
);

test('no question is asked twice', () => {
  const questions = differences.map(({ what }) => what);
  expect([...new Set(questions)]).toEqual(questions);
});
