import type { VaultBody } from 'vaultproof';
import { isNotFound } from '../../harness/api/vault-api.js';

type Request = (method: string, path: string) => Promise<VaultBody>;

const SHOWN = [
  'GET sys/mounts',
  'GET sys/auth',
  'GET sys/audit',
  'LIST sys/policies/acl',
  'LIST auth/token/accessors',
  'LIST auth/token/roles',
  'LIST identity/entity/id',
  'LIST identity/entity-alias/id',
  'LIST identity/group/id',
  'LIST identity/group-alias/id',
  'LIST sys/leases/lookup/auth',
];

/** The mounts, policies, tokens and identities of a Vault, to be compared before and after. */
export async function contentsOf(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const shown = SHOWN.map(async (one) => {
    const [method = '', path = ''] = one.split(' ');
    const data = await request(method, path).then(
      (body) => body['data'],
      (error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      },
    );
    return [path, data] as const;
  });
  return Object.fromEntries(await Promise.all(shown));
}
