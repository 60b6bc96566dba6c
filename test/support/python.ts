import { access } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const PACKAGES = ['pyjwt', 'requests', 'cryptography'];
const CHECK = 'import jwt, requests, cryptography';

/**
 * A Python with PyJWT, requests and cryptography, in a virtual environment that is kept for the next run.
 * @returns its path, or the reason why there is none
 */
export async function pythonWithPyJwt(): Promise<{ path: string } | { missing: string }> {
  const folder = join(tmpdir(), `vp-test-python-${userInfo().uid}`);
  const path = join(folder, 'bin', 'python');
  const isReady = async (): Promise<boolean> => !(await execa(path, ['-c', CHECK], { reject: false })).failed;
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists && (await isReady())) return { path };
  const made = await execa('python3', ['-m', 'venv', folder], { reject: false, timeout: 60_000 });
  if (made.failed) return { missing: `python3 makes no virtual environment: ${made.shortMessage}` };
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1', ...PACKAGES];
  const installed = await execa(path, pip, { reject: false, timeout: 90_000 });
  return (await isReady()) ? { path } : { missing: `pip can't install ${PACKAGES.join(', ')}: ${installed.stderr}` };
}
