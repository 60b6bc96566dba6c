import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { commands } from '../../../cli/commands.js';
import { cli } from '../../support/cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('in bash', () => {
  test.each([
    { typed: ['k'], completes: ['key'] },
    { typed: ['key', ''], completes: ['generate', 'rotate', 'show', 'to-jwk'] },
    { typed: ['key', 'generate', '--k'], completes: ['--kid', '--keys'] },
    { typed: ['key', 'generate', '--kid', 'a', '--al'], completes: ['--alg'] },
    { typed: ['engines', 'install', ''], completes: ['vault', 'openbao', 'consul'] },
    { typed: ['completion', ''], completes: ['bash', 'zsh', 'fish'] },
    { typed: ['lint', ''], completes: [] },
    { typed: ['up', '--', 'vault', '--'], completes: [] },
  ])('$typed becomes $completes', async ({ typed, completes }) => {
    expect(await completed(typed)).toEqual(completes);
  });

  test('every command is completed, and --help behind each that has options', async () => {
    expect(await completed([''])).toEqual(Object.keys(commands));
    for (const name of Object.keys(commands).filter((one) => !['key', 'users', 'engines'].includes(one))) {
      expect(await completed([name, '--hel'])).toEqual(['--help']);
    }
  });

  test('files are completed where nothing else is', async () => {
    const { stdout } = await inBash('complete -p vaultproof');
    expect(stdout).toBe('complete -o default -F _vaultproof vaultproof');
  });
});

test.each([
  ['zsh', "    'users '*) words_=('hash:Replace the plain passwords in a file of users by their hashes'"],
  ['fish', "        case 'users *'\n            printf '%s\\t%s\\n' 'hash' 'Replace the plain passwords"],
])('%s has the descriptions of commands, actions and options', async (shell, line) => {
  const { stdout, exitCode } = await cli(['completion', shell]);
  expect(stdout).toContain(line);
  for (const { description } of Object.values(commands)) {
    expect(stdout.replaceAll(/'\\''|\\'/g, "'").replaceAll('\\:', ':')).toContain(description);
  }
  expect(exitCode).toBe(0);
});

test('another shell is refused', async () => {
  const { stderr, exitCode } = await cli(['completion', 'powershell']);
  expect(stderr).toContain('unknown shell "powershell": expected "bash", "zsh" or "fish"');
  expect(exitCode).toBe(2);
});

/** What bash completes behind these words, of which the last one is being typed. */
async function completed(words: readonly string[]): Promise<string[]> {
  const type = `COMP_WORDS=(vaultproof "$@"); COMP_CWORD=$#; _vaultproof; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await inBash(type, words);
  return stdout.split('\n').filter((word) => word !== '');
}

let script: Promise<string> | undefined;

/** Runs a command in a bash that has the completion. */
async function inBash(command: string, args: readonly string[] = []) {
  script ??= cli(['completion', 'bash']).then(({ stdout }) => stdout);
  const file = join(await temporaryFolder(), 'completion.bash');
  await writeFile(file, await script);
  return execa('bash', ['-c', `source "$1"; shift; ${command}`, 'bash', file, ...args]);
}
