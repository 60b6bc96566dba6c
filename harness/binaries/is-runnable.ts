import { access, constants } from 'node:fs/promises';

/** Whether this user may execute the file at `path`. False when it does not exist. */
export async function isRunnable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
