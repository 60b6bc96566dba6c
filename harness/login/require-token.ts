import { UsageError } from '../../errors/index.js';

/** @throws UsageError for what is no token, such as the promise of one */
export function requireToken(jwt: unknown): asserts jwt is string {
  if (typeof jwt === 'string') return;
  const isPromise = typeof jwt === 'object' && jwt !== null && 'then' in jwt;
  throw new UsageError(`"jwt" must be a string${isPromise ? ': it is a Promise, await issuer.sign(...)' : ''}`);
}
