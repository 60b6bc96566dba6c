import { createRequire } from 'node:module';

/** Of this package, such as `0.1.0`. */
export const { version } = createRequire(import.meta.url)('vaultproof/package.json') as { readonly version: string };
