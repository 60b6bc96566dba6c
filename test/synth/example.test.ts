import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exampleStacks } from '../../scripts/synthesise-example.js';

test('the demo applies what its stacks synthesise', async () => {
  const written = readFileSync(new URL('../../cli/example-stacks.json', import.meta.url), 'utf8');
  // Where it differs, run: npx tsx scripts/synthesise-example.ts
  expect(withoutVersion(written)).toEqual(withoutVersion(JSON.stringify(await exampleStacks())));
});

/** Without the version of cdktf, which synthesises the same as its fork. */
function withoutVersion(json: string): unknown {
  return JSON.parse(json, (key, value: unknown) => (key === 'version' ? undefined : value));
}
