import { isRecord } from '../../internal/json.js';
import { statusOf } from '../api/vault-api.js';
import { removeRun } from '../guardian/index.js';
import { type CheckedCluster, checkedCluster, type ExternalCluster, removing } from './cluster.js';
import { prefixIn, readMark } from './run-mark.js';

/** See `sweepExternal` of this room. */
export async function sweep(cluster: ExternalCluster): Promise<readonly string[]> {
  const { client, request } = await checkedCluster(cluster);
  try {
    const remove = removing(request);
    // A run begins with its policy, and ends with it: what is found first is alive by what is read then.
    const found = await prefixesIn(remove);
    const dead: string[] = [];
    for (const prefix of found) if (!(await isAlive(request, prefix))) dead.push(prefix);
    for (const prefix of dead) await removeRun(remove, prefix);
    return dead;
  } finally {
    client.close();
  }
}

async function prefixesIn(read: ReturnType<typeof removing>): Promise<ReadonlySet<string>> {
  const mounts = await Promise.all(['sys/mounts', 'sys/auth', 'sys/audit'].map((path) => read('GET', path)));
  const policies = await read('LIST', 'sys/policies/acl');
  const keys = isRecord(policies?.['data']) ? policies['data']['keys'] : [];
  const names = mounts.flatMap((body) => Object.keys(isRecord(body?.['data']) ? body['data'] : {}));
  return new Set([...names, ...(Array.isArray(keys) ? keys.map(String) : [])].flatMap((name) => prefixIn(name) ?? []));
}

/** Whether the token of a run is still good. */
async function isAlive(request: CheckedCluster['request'], prefix: string): Promise<boolean> {
  const policy = await removing(request)('GET', `sys/policies/acl/${prefix}`);
  const mark = readMark(isRecord(policy?.['data']) ? policy['data']['policy'] : undefined);
  if (mark === undefined) return false;
  try {
    await request('POST', 'auth/token/lookup-accessor', { accessor: mark.token });
    return true;
  } catch (error) {
    // Vault answers 403 for an accessor that has ended, OpenBao 400 or 404.
    if ([400, 403, 404].includes(Number(statusOf(error))) && /accessor/.test(String(error))) return false;
    throw error;
  }
}
