import { VaultproofError } from '../../errors/index.js';
import { checkEnvironment } from './environment.js';
import type { Product } from './versions.js';

/** Who an executable says it is. */
export interface Identity {
  readonly product: Product;
  readonly version: string;
}

const banners: Record<string, Product> = { Vault: 'vault', OpenBao: 'openbao', Consul: 'consul' };

/**
 * Runs `<path> version`, for 10 s at most, and returns who it says it is: the first line is "Vault v1.21.1 (...)",
 * "OpenBao v2.7.2 (...)" or "Consul v1.22.7". It sees PATH and a temporary folder for HOME, and no VAULT_* or CONSUL_* variable.
 *
 * @param expected what it ought to be, for the message alone
 * @throws VaultproofError `executable_not_runnable` if it can't be started, fails, or gives no answer in time;
 *   `executable_wrong_product` if it answers something else
 */
export async function runVersion(path: string, expected: Product, signal?: AbortSignal): Promise<Identity> {
  // Loaded when needed: with a remembered check, a start never comes here.
  const { execa } = await import('execa');
  const result = await execa(path, ['version'], {
    env: checkEnvironment(),
    extendEnv: false,
    stdin: 'ignore',
    timeout: 10_000,
    killSignal: 'SIGKILL',
    maxBuffer: 65_536,
    reject: false,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  signal?.throwIfAborted();

  const [, name = '', version = ''] = /^(Vault|OpenBao|Consul) v(\d+\.\d+\.\d+[^\s,]*)/m.exec(result.stdout) ?? [];
  const product = banners[name];
  if (product !== undefined) return { product, version };
  if (result.failed) {
    const reason = result.timedOut
      ? 'gave no answer within 10 s'
      : result.exitCode === undefined
        ? `could not be started (${result.code ?? result.signal ?? 'unknown reason'})`
        : `failed with exit code ${result.exitCode}`;
    throw new VaultproofError(
      'executable_not_runnable',
      `"${path} version" ${reason}: check that it is a ${expected} for this machine (${process.platform} ${process.arch})`,
      { details: { path, exitCode: result.exitCode }, cause: result },
    );
  }
  const answer = (result.stdout.split('\n')[0] ?? '').slice(0, 80);
  throw new VaultproofError(
    'executable_wrong_product',
    `"${path}" is not ${expected}: it answered "${answer}" to "version"; point to a ${expected} executable`,
    { details: { path, expected, answer } },
  );
}
