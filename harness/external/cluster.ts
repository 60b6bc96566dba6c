import { UsageError, VaultproofError } from '../../errors/index.js';
import { type HttpClient, httpClient } from '../../internal/http-client.js';
import { membersOf } from '../../internal/json.js';
import { isNotFound, type VaultBody, vaultRequest } from '../api/vault-api.js';
import type { removeRun } from '../guardian/index.js';

/** A Vault that others use, and the token to use it with. */
export interface ExternalCluster {
  /** Of one of its nodes, or of what is before them: `https://vault.test.example:8200`. */
  readonly address: string;
  /** A root token, or one that may do as much. It makes a token for each run, with which all else is done. */
  readonly token: string;
  /**
   * Its `cluster_name`, as `vault status` shows it: nothing is done at a Vault that has another one, such as the one that is
   * not for tests.
   */
  readonly clusterName: string;
  /** The CA of its certificate, PEM; default those that Node trusts. */
  readonly caPem?: string | undefined;
}

/** A Vault that is the one that was meant. */
export interface CheckedCluster {
  readonly client: HttpClient;
  readonly product: 'vault' | 'openbao';
  readonly version: string;
  /** Its clock, in seconds since 1970. */
  readonly seconds: number;
  /** Sends a request with the token that was given. */
  readonly request: (method: string, path: string, json?: unknown) => Promise<VaultBody>;
}

/**
 * A client of a Vault, once it has told that it is the one that is meant.
 * @throws VaultproofError `cluster_mismatch`, `vault_sealed`, and `request_failed` where nothing answers
 * @throws TypeError for a part that is missing
 * @see https://developer.hashicorp.com/vault/api-docs/system/health
 */
export async function checkedCluster({ address, token, clusterName, caPem }: ExternalCluster): Promise<CheckedCluster> {
  for (const [name, value] of Object.entries({ address, token, clusterName })) {
    if (typeof value !== 'string' || value === '') throw new UsageError(`"external" needs its "${name}", a string`);
  }
  const client = httpClient(address, { ca: caPem });
  try {
    const { body } = await client.request('GET', '/v1/sys/health?standbyok=true&perfstandbyok=true');
    const { cluster_name: found, version, sealed, enterprise, server_time_utc: seconds } = membersOf(body);
    if (sealed === true) {
      throw new VaultproofError(
        'vault_sealed',
        `the Vault at "${client.address}" is sealed: unseal it, and try again`,
        {
          details: { address: client.address },
        },
      );
    }
    if (found !== clusterName) {
      const what = typeof found === 'string' ? `is the cluster "${found}"` : 'does not tell which cluster it is';
      throw new VaultproofError(
        'cluster_mismatch',
        `nothing was done, because the Vault at "${client.address}" ${what}, and not "${clusterName}": correct the address, or "clusterName"`,
        { details: { address: client.address, expected: clusterName, found } },
      );
    }
    // OpenBao began at version 2, and does not tell its edition.
    const product = enterprise === undefined && !/^[01]\./.test(String(version)) ? 'openbao' : 'vault';
    const request: CheckedCluster['request'] = (...asked) => vaultRequest({ ...client, product }, token, ...asked);
    return { client: { ...client, product }, product, version: String(version), seconds: Number(seconds), request };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** The same requests, as the removal of runs wants them: what is not there is undefined. */
export function removing(request: CheckedCluster['request']): Parameters<typeof removeRun>[0] {
  return (...asked) =>
    request(...asked).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
}
