import { describe, expect, test } from 'vitest';
import { expressionResolver, findExpressions } from '../../../harness/terraform-json/templates.js';

const attributes: Readonly<Record<string, unknown>> = {
  'vault_mount.kv.path': 'kv',
  'vault_mount.kv.max_lease_ttl_seconds': 60,
  'vault_policy.a-b_1.name': 'reader',
  'vault_policy.list.names': ['a', 'b'],
  'data.vault_policy_document.reader.hcl': 'path "kv/*" {}',
};

function resolve(value: unknown): unknown {
  return expressionResolver(({ address, attribute }) => attributes[`${address}.${attribute}`])(value);
}

describe('a reference', () => {
  test('stands for the attribute', () => {
    expect(resolve(`\${vault_mount.kv.path}`)).toBe('kv');
  });

  test('may have white space in it', () => {
    expect(resolve(`\${ vault_mount.kv.path }`)).toBe('kv');
  });

  test('may have dashes and digits in its name', () => {
    expect(resolve(`\${vault_policy.a-b_1.name}`)).toBe('reader');
  });

  test('alone keeps the attribute’s type', () => {
    expect(resolve(`\${vault_mount.kv.max_lease_ttl_seconds}`)).toBe(60);
    expect(resolve(`\${vault_policy.list.names}`)).toEqual(['a', 'b']);
  });

  test('inside text becomes text', () => {
    expect(resolve(`path "\${vault_mount.kv.path}/*" for \${vault_mount.kv.max_lease_ttl_seconds} s`)).toBe(
      'path "kv/*" for 60 s',
    );
  });

  test('is found at any depth', () => {
    expect(resolve({ list: [{ path: `\${vault_mount.kv.path}` }], number: 1, nothing: null, yes: true })).toEqual({
      list: [{ path: 'kv' }],
      number: 1,
      nothing: null,
      yes: true,
    });
  });

  test('in the name of a member stands for the attribute, too', () => {
    expect(resolve({ [`\${vault_mount.kv.path}`]: 1, [`$\${x}`]: 2 })).toEqual({ kv: 1, [`\${x}`]: 2 });
  });

  test('to a data source stands for what was read', () => {
    expect(resolve(`\${data.vault_policy_document.reader.hcl}`)).toBe('path "kv/*" {}');
  });

  test.each([`\${vault_policy.list.names}`, `\${vault_mount.kv.nothing}`])(
    '%s can’t be a part of a text',
    (reference) => {
      expect(() => resolve(`a ${reference}`)).toThrow(expect.objectContaining({ code: 'declaration_invalid' }));
    },
  );
});

describe('an escape', () => {
  test.each([
    [`$\${value.sub}`, `\${value.sub}`],
    [`user-$\${value.sub}-x`, `user-\${value.sub}-x`],
    ['%%{if}', '%{if}'],
    [`$\${a}\${vault_mount.kv.path}$\${b}`, `\${a}kv\${b}`],
    ['100 % of $5', '100 % of $5'],
    ['$$', '$$'],
    ['%%', '%%'],
    ['{}', '{}'],
  ])('%j stands for %j', (text, meaning) => {
    expect(resolve(text)).toBe(meaning);
    expect(findExpressions(text).unsupported).toEqual([]);
  });

  test('in what a reference stands for is left alone', () => {
    expect(expressionResolver(() => `$\${x}`)(`\${vault_policy.a.policy}`)).toBe(`$\${x}`);
  });
});

describe('what is found in a value', () => {
  test('is every reference in it', () => {
    expect(
      findExpressions({ a: `\${vault_mount.kv.path}/\${vault_policy.p.name}`, b: [`\${vault_mount.kv.id}`] }),
    ).toEqual({
      references: [
        { address: 'vault_mount.kv', attribute: 'path' },
        { address: 'vault_policy.p', attribute: 'name' },
        { address: 'vault_mount.kv', attribute: 'id' },
      ],
      unsupported: [],
    });
  });

  test.each([
    `\${lower(vault_mount.kv.path)}`,
    `\${var.name.x.y}`,
    `\${vault_mount.kv}`,
    `\${vault_mount.kv[0].path}`,
    `\${vault_mount.kv.options.version}`,
    `\${}`,
    '%{if true}',
  ])('%j is no reference', (text) => {
    expect(findExpressions(`before ${text} after`)).toEqual({ references: [], unsupported: [text] });
  });

  test.each([
    [`\${1 + 1}`, `\${... + ...}`],
    [`\${sha256("s3cret")}`, `\${sha256("...")}`],
    [`\${sha1("a\\"s3cret")}`, `\${sha1("...")}`],
    [`\${format("%s-\${upper("s3cret")}-s3cret", 4711)}`, `\${format("...", ...)}`],
    [`\${{ for k, v in var.m : k => { a = "}" } }}`, `\${{ for k, v in var.m : k => { a = "..." } }}`],
    [`\${lookup({a = 1}, "a")}`, `\${lookup({a = ...}, "...")}`],
    [`\${jsonencode({ a = "\${var.x}" })}`, `\${jsonencode({ a = "..." })}`],
    [`\${vault_mount.kv.options["}"]}`, `\${vault_mount.kv.options["..."]}`],
    [`%{ if var.a == "s3cret" }`, `%{ if var.a == "..." }`],
    [`\${<<EOT\ns3cret\nEOT\n}`, `\${<<...`],
  ])('%j is none either, and is shown without its literals', (text, shown) => {
    expect(findExpressions(`before ${text} after`)).toEqual({ references: [], unsupported: [shown] });
  });

  test.each([
    [`\${vault_mount.kv.path s3cret`, `\${...`],
    ['%{if', '%{...'],
    [`\${`, `\${...`],
    [`\${sha1("s3cret`, `\${...`],
  ])('%j, which does not end, is none either', (text, shown) => {
    expect(findExpressions(`before $\${x} ${text}`)).toEqual({ references: [], unsupported: [shown] });
  });
});

test('a text that references make is in Normalization Form C', () => {
  expect(expressionResolver(() => 'e')(`\${vault_policy.a.name}\u0301`)).toBe('\u00e9');
});
