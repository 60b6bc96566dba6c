import { type DeclaredAccess, readAccess } from '../harness/access/index.js';
import { appAt, type CdktfApp, runApp } from './cdktf-app.js';

/** How declarations are read. */
interface Reading {
  readonly product: 'vault' | 'openbao';
  readonly signal: AbortSignal;
  /** The app to run for the one that the path names. */
  readonly app?: (named: CdktfApp) => CdktfApp;
  /** What to do about an app that fails. */
  readonly advice?: string;
}

/**
 * Reads who gets in of what an argument names, as {@link readAccess} does, and of a cdktf app what it synthesises. The app is told the
 * issuer that its environment names, or one that does not exist.
 * @throws VaultproofError `synth_failed`, and what readAccess throws
 */
export async function declaredAccess(
  path: string,
  { product, signal, app: appFor = (named) => named, advice }: Reading,
): Promise<DeclaredAccess> {
  const app = await appAt(path);
  if (app === undefined) return readAccess(path, { product });
  const { BOUND_ISSUER, ISSUER_URL, JWKS_URL } = process.env;
  const url = BOUND_ISSUER || ISSUER_URL || 'https://issuer.invalid';
  const issuer = { url, jwksUrl: JWKS_URL || `${url}/.well-known/jwks.json` };
  const stacks = await runApp(appFor(app), issuer, signal, advice);
  return readAccess(
    stacks.map(({ json }) => json),
    { product },
  );
}
