import type { HttpClient } from '../../internal/http-client.js';
import { mountNotFound } from '../api/mount-not-found.js';
import { type VaultBody, vaultErrors } from '../api/vault-api.js';

const PREFLIGHT = 'sys/internal/ui/mounts/';

/**
 * A client for a root token, to which every refusal of permission means another thing: that nothing is mounted.
 * @param request sends a request with that token
 */
export function mountClient(
  client: HttpClient,
  request: (method: string, path: string) => Promise<VaultBody>,
): HttpClient {
  return {
    address: client.address,
    product: client.product,
    close: () => client.close(),
    request: async (method, path, options) => {
      const answer = await client.request(method, path, options);
      if (answer.status < 400) return answer;
      const asked = decoded(path.replace('/v1/', '').replace(PREFLIGHT, ''));
      const refusal = { status: answer.status, errors: vaultErrors(answer.body) };
      const explained = await mountNotFound(refusal, asked, request);
      if (explained) throw explained;
      return answer;
    },
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
