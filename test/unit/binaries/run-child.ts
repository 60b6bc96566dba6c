import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** Starts a TypeScript file of this folder in a process of its own, with `input` as JSON in its first argument. */
export function runChild(name: string, input: unknown) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  return execa(process.execPath, ['--import', 'tsx', path, JSON.stringify(input)], { reject: false });
}
