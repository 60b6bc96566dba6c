import { access } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** A Python, or the reason why there is none. */
export type PythonOrReason = { readonly path: string } | { readonly missing: string };

/** A Python with PyJWT, requests and cryptography, in a virtual environment that is kept for the next run. */
export function pythonWithPyJwt(): Promise<PythonOrReason> {
  return pythonWith('python', ['pyjwt', 'requests', 'cryptography'], 'import jwt, requests, cryptography');
}

/** A Python with schemathesis, likewise. */
export function pythonWithSchemathesis(): Promise<PythonOrReason> {
  return pythonWith('schemathesis', ['schemathesis==4.32.5'], 'import schemathesis');
}

/** A Python with hvac and pytest, likewise. */
export function pythonWithHvac(): Promise<PythonOrReason> {
  return pythonWith('hvac', ['hvac', 'pytest'], 'import hvac, pytest');
}

async function pythonWith(name: string, packages: readonly string[], check: string): Promise<PythonOrReason> {
  const folder = join(tmpdir(), `vp-test-${name}-${userInfo().uid}`);
  const path = join(folder, 'bin', 'python');
  const isReady = async (): Promise<boolean> => !(await execa(path, ['-c', check], { reject: false })).failed;
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists && (await isReady())) return { path };
  const made = await execa('python3', ['-m', 'venv', folder], { reject: false, timeout: 60_000 });
  if (made.failed) return { missing: `python3 makes no virtual environment: ${made.shortMessage}` };
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1', ...packages];
  const installed = await execa(path, pip, { reject: false, timeout: 90_000 });
  return (await isReady()) ? { path } : { missing: `pip can't install ${packages.join(', ')}: ${installed.stderr}` };
}
