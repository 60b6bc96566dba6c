import { execa } from 'execa';

/** Runs the real openssl and returns what it writes to standard output, without the line break at the end. */
export async function openssl(args: readonly string[], input = ''): Promise<string> {
  const { stdout } = await execa('openssl', args, { input });
  return stdout;
}
