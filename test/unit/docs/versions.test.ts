import { expect, test } from 'vitest';
import { defaultVersions } from '../../../harness/binaries/index.js';
import { lintCodes } from '../../../harness/lint/codes.js';
import { hostileTokens } from '../../../issuer/hostile/index.js';
import { generatedPart, measuredOn } from '../../../scripts/measured-on.js';
import { filesIn, read } from './markdown.js';

test('docs/environment.md has the versions that the tests run on: "npx tsx scripts/measured-on.ts" writes them', () => {
  expect(generatedPart(read('docs/environment.md'))).toBe(measuredOn());
});

test('the pages of what servers do are measured on the default versions', () => {
  const { vault, openbao, consul } = defaultVersions;
  const named = filesIn('docs/', '.md').flatMap(
    (path) => read(path).match(/\bVault \S+, OpenBao \S+ and Consul \d+\.\d+\.\d+/g) ?? [],
  );
  expect(named).toEqual(Array(3).fill(`Vault ${vault}, OpenBao ${openbao} and Consul ${consul}`));
});

test('README.md counts the hostile tokens, CHANGELOG.md the codes of the lints', () => {
  expect(read('README.md')).toContain(`[${hostileTokens.length} broken ones](docs/hostile-tokens.md)`);
  expect(read('CHANGELOG.md')).toContain(`the command \`lint\`: ${lintCodes.length} rules`);
});
