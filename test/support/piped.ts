import { execa } from 'execa';
import { prepared } from './prepared.js';

/**
 * Runs `vaultproof` with its standard output in a pipe or a file, as a shell does, and gives the exit code of `vaultproof`.
 * @param before a command that ends before it starts, such as one that waits until a pipe's reader has gone
 * @param to what standard output goes to, as a shell has it: `| head -n 1`, `> /dev/full`
 */
export async function piped(
  args: readonly string[],
  to: string,
  { before = ':' }: { readonly before?: string } = {},
): Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }> {
  const script = `{ ${before}; "$@"; echo "exit $?" >&2; } ${to}`;
  const { stdout, stderr } = await execa('sh', ['-c', script, 'sh', process.execPath, prepared().cli, ...args], {
    reject: false,
  });
  const [, said = '', code] = /^(.*?)\n?exit (\d+)$/s.exec(stderr) ?? [];
  return { stdout, stderr: said, exitCode: Number(code) };
}
