import { describe, expect, test } from 'vitest';
import { jsonEncoded } from '../../../harness/lint/document/json-encode.js';

/** What the expressions in these tests stand for. */
const values: Readonly<Record<string, unknown>> = {
  'var.a': 'A',
  'var.n': 7,
  'f("}", "]")': 'F',
  'a ? b : c': 'ternary',
};
const encoded = (expression: string): unknown => {
  const json = jsonEncoded(expression, (inner) => values[inner.trim()] ?? '?');
  return json === undefined ? undefined : JSON.parse(json);
};

describe('jsonencode', () => {
  test.each<[string, unknown]>([
    ['jsonencode({})', {}],
    [
      ' jsonencode( { a = "x", "b" : 1, c-d = true, e = null, f = -1.5 } ) ',
      { a: 'x', b: 1, 'c-d': true, e: null, f: -1.5 },
    ],
    ['jsonencode({\n  a = "x" # why\n  // more\n  /* , */ b = ["y",\n "z",]\n})', { a: 'x', b: ['y', 'z'] }],
    ['jsonencode({ a = { b = [{ c = [] }] } })', { a: { b: [{ c: [] }] } }],
    ['jsonencode({ "/a/b" = "c", ("k") = 1 })', { '/a/b': 'c', k: 1 }],
    [`jsonencode({ a = "q\\"\\\\\\n\\u0041", b = "$\${x}, }" })`, { a: 'q"\\\nA', b: `\${x}, }` }],
    [`jsonencode({ a = var.a, b = "x-\${var.a}/\${var.n}", c = "\${var.n}" })`, { a: 'A', b: 'x-A/7', c: 7 }],
    [`jsonencode({ a = f("}", "]"), b = "\${f("}", "]")}" })`, { a: 'F', b: 'F' }],
    ['jsonencode({ a = a ? b : c })', { a: 'ternary' }],
    ['jsonencode({ a = "x" == var.a, b = [for x in y : x] })', { a: '?', b: '?' }],
    [`jsonencode({ "\${var.a}" = 1 })`, { A: 1 }],
    ['jsonencode(["a", (1)])', ['a', 1]],
    ['jsonencode("a")', 'a'],
    ['jsonencode({ for k, v in m : k => v })', '?'],
    ['jsonencode(merge({ a = 1 }, var.a))', '?'],
  ])('of %s', (expression, expected) => {
    expect(encoded(expression)).toEqual(expected);
  });

  test.each([
    'jsonencode(a) == jsonencode(b)',
    'jsonencode({)',
    `jsonencode({ a = "\${x" })`,
    'yamlencode({})',
    'jsonencode',
    '"jsonencode({})"',
  ])('is not %s', (expression) => {
    expect(encoded(expression)).toBeUndefined();
  });

  test.each(['jsonencode({ a })', 'jsonencode({ a = <<E\nx\nE\n})', 'jsonencode({ = 1 })'])(
    'leaves %s unknown',
    (expression) => {
      expect(encoded(expression)).toBe('\uFFFC');
    },
  );
});
