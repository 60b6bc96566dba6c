import { httpClient } from 'vaultproof';
import { onTestFinished } from 'vitest';

/** A client that trusts a CA, or those that Node trusts, until the running test ends. */
export function tlsClient(address: string, ca?: string) {
  const http = httpClient(address, { ca });
  onTestFinished(() => http.close());
  return http;
}
