import { expect, test } from 'vitest';
import { readSource } from '../../../harness/hcl/index.js';
import { folderWith } from '../../support/temporary-folder.js';

/** The paths of the rules of the only document of a file, in their order. */
async function pathsIn(files: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
  const [document] = await readSource(await folderWith(files));
  const data = document?.json['data'] as { vault_policy_document: { d: { rule: { path: string }[] } } } | undefined;
  return data?.vault_policy_document.d.rule.map(({ path }) => path) ?? [];
}

const rule = (path: string): string => `  rule {\n    path = "${path}" # } dynamic "rule" {\n  }`;
const dynamic = (...paths: string[]): string =>
  `  dynamic "rule" {\n    for_each = ${JSON.stringify(paths)}\n    content {\n      path = rule.value\n    }\n  }`;
const documentOf = (...blocks: string[]): string =>
  ['data "vault_policy_document" "d" {', ...blocks, '}', ''].join('\n');

test.each([
  ['between others', [rule('a'), dynamic('b', 'c'), rule('d'), dynamic('e'), rule('f')], 'abcdef'],
  ['before others', [dynamic('a'), dynamic('b', 'c'), rule('d')], 'abcd'],
  ['behind others', [rule('a'), rule('b'), dynamic('c')], 'abc'],
  ['empty', [rule('a'), dynamic(), rule('b')], 'ab'],
  ['behind a heredoc', ['  x = <<-EOT\n    rule {\n    }\n    EOT', dynamic('a'), rule('b')], 'ab'],
  ['behind a string', [`  x = "\${lower("{")} {"`, `  y = {\n    "{" = 1\n  }`, dynamic('a'), rule('b')], 'ab'],
  ['behind a comment', ['  /* rule {\n  rule {\n */', '  // {', dynamic('a'), rule('b')], 'ab'],
])('blocks that a dynamic block makes stand where it is written: %s', async (_, blocks, paths) => {
  expect((await pathsIn({ 'main.tf': documentOf(...blocks) })).join('')).toBe(paths);
});

test('so do those in a block, and in what a dynamic block makes', async () => {
  const labels = (name: string): string => `rule {\n    path = "${name}"\n  }`;
  const inner = `${labels('a')}\n  ${dynamic('b').trim()}\n  ${labels('c')}`;
  const outer = `dynamic "rule" {\n  for_each = [1]\n  content {\n  path = "x"\n  ${inner}\n  }\n  }`;
  const [document] = await readSource(
    await folderWith({ 'main.tf': documentOf(outer, `rule {\n  path = "y"\n  ${inner}\n  }`) }),
  );
  const text = JSON.stringify(document?.json);
  const rules = '"rule":[{"path":"a"},{"path":"b"},{"path":"c"}]';
  expect(text).toContain(`"rule":[{"path":"x",${rules}},{"path":"y",${rules}}]`);
});

const made = { rule: { for_each: ['made'], content: { path: `\${rule.value}` } } };

test.each([
  ['before others', { dynamic: made, rule: [{ path: 'a' }] }, ['made', 'a']],
  ['behind another', { rule: { path: 'a' }, dynamic: made }, ['a', 'made']],
])('in the JSON syntax they stand where the member does: %s', async (_, d, paths) => {
  const main = { data: { vault_policy_document: { d } } };
  expect(await pathsIn({ 'main.tf.json': JSON.stringify(main) })).toEqual(paths);
});
