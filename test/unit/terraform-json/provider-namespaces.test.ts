import { expect, test } from 'vitest';
import { namespacesOfProviders } from '../../../harness/terraform-json/provider-namespaces.js';

test.each([
  [['admin'], 'admin', ['']],
  [['admin/one', 'admin/two'], 'admin', ['one', 'two']],
  [['admin/one', 'admin/one/two'], 'admin/one', ['', 'two']],
  [['admin', 'administrators'], '', ['admin', 'administrators']],
  [['admin', ''], '', ['admin', '']],
  [[`\${var.ns}`, `\${var.ns}/team`], `\${var.ns}`, ['', 'team']],
  [[`\${var.one}`, `\${var.two}`], '', [`\${var.one}`, `\${var.two}`]],
  // A slash in an expression separates nothing.
  [[`a/\${f("x/y")}/b`, `a/\${f("x/z")}/b`], 'a', [`\${f("x/y")}/b`, `\${f("x/z")}/b`]],
])('providers in %j have their server in "%s"', (namespaces, base, relative) => {
  const declared = new Map(namespaces.map((namespace, at) => [at === 0 ? 'vault' : `vault.p${at}`, namespace]));
  expect(namespacesOfProviders(declared, false)).toEqual({ base, relative: new Map(relativeOf(declared, relative)) });
  expect(namespacesOfProviders(declared, true)).toEqual({ base: '', relative: declared });
});

test('without a default provider the server is in the root namespace', () => {
  const declared = new Map([['vault.one', 'admin/one']]);
  expect(namespacesOfProviders(declared, false)).toEqual({ base: '', relative: declared });
});

function relativeOf(declared: ReadonlyMap<string, string>, relative: readonly string[]): [string, string][] {
  return [...declared.keys()].map((key, at) => [key, relative[at] ?? '']);
}
