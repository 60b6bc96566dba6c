import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { presetNames, sourcesOf, stackNames } from '../../cli/add/sources.js';
import { bePatient } from '../support/patience.js';

bePatient();

const root = fileURLToPath(new URL('../../', import.meta.url));

// `cdktf init` makes projects with this library, and TypeScript 7 adds nothing to it from packages of types.
test('every stack and preset compiles with the library of ES2018', async () => {
  const alone = stackNames().flatMap((stack) => sourcesOf(stack));
  const withPresets = ['vault-jwt', 'consul-jwt'].flatMap((stack) =>
    presetNames(stack).flatMap((preset) => sourcesOf(stack, preset)),
  );
  const paths = new Set([...alone, ...withPresets].map(({ path }) => join('stacks', path)));
  expect([...paths]).toContain('stacks/policy.ts');
  const flags =
    '--ignoreConfig --noEmit --strict --noUnusedLocals --noUnusedParameters --noImplicitReturns --skipLibCheck';
  const target = '--target es2018 --lib es2018 --module nodenext';
  const { stdout } = await execa('tsc', [...`${flags} ${target}`.split(' '), ...paths], {
    preferLocal: true,
    cwd: root,
    reject: false,
  });
  expect(stdout).toBe('');
}, 60_000);
