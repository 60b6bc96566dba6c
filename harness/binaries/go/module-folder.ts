import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Product } from '../versions.js';

/** Path of the folder with the go.mod and go.sum from which a product's default version is built. */
export function moduleFolder(product: Product): string {
  return fileURLToPath(new URL(`./${product}/`, import.meta.url));
}

/** The oldest Go that the go.mod in `folder` allows: its `go` line, "1.25.3" (go.dev/ref/mod#go-mod-file-go). */
export async function requiredGo(folder: string): Promise<string> {
  const goMod = await readFile(join(folder, 'go.mod'), 'utf8');
  const [, version = '1.21', patch = '.0'] = /^go (\d+\.\d+)(\.\d+)?/m.exec(goMod) ?? [];
  return version + patch;
}
