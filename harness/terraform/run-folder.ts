import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from '../engines/index.js';

/** A temporary folder that only this user can read. */
export interface RunFolder {
  /** Absolute path. */
  readonly path: string;
  /** Removes it; idempotent. */
  remove(): Promise<void>;
}

/** Makes a folder that nobody else has; it is removed as well when this process is killed. */
export async function makeRunFolder(): Promise<RunFolder> {
  const path = join(tmpdir(), `vaultproof-terraform-${randomUUID()}`);
  const removed = guard('folder', path);
  await mkdir(path, { mode: 0o700 });
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
      removed();
    },
  };
}
