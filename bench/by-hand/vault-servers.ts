import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { end, freePorts, HOST, RARE_GC, run } from './servers.js';

const POLL_MS = 2;
const UNTIL_MS = 60_000;

/** Servers that were started with nothing but Node. */
interface ServersByHand {
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends a request to the API, without `/v1/` in the path; status 0 where there is no answer. */
type Ask = (method: string, path: string, json?: unknown, token?: string) => Promise<Answer>;

/** A Vault in memory that is reached by TLS, once its root token works. */
export async function startTlsByHand(
  executable: string,
  product: string,
  { key, cert, ca }: { readonly key: string; readonly cert: string; readonly ca: string },
): Promise<ServersByHand> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-vault-'));
  const [port = 0, clusterPort] = await freePorts(2);
  await writeFile(join(folder, 'key.pem'), key);
  await writeFile(join(folder, 'cert.pem'), cert);
  const tls = { tls_cert_file: join(folder, 'cert.pem'), tls_key_file: join(folder, 'key.pem') };
  const tcp = { address: `${HOST}:${port}`, cluster_address: `${HOST}:${clusterPort}`, ...tls };
  const child = await spawnVault(executable, product, folder, {
    storage: { inmem: {} },
    listener: { tcp },
    api_addr: `https://${HOST}:${port}`,
  });
  const ask = asker(port, ca);
  await until(async () => (await ask('GET', 'sys/seal-status')).status === 200);
  const { key: unsealKey, token } = await initialise(ask);
  await ask('PUT', 'sys/unseal', { key: unsealKey });
  await until(async () => (await ask('GET', 'auth/token/lookup-self', undefined, token)).status === 200);
  return {
    stop: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Three Vaults with integrated storage, once all of them vote. */
export async function startClusterByHand(executable: string, product: string): Promise<ServersByHand> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-vault-'));
  const nodes = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      const own = join(folder, name);
      await mkdir(own);
      const [port = 0, clusterPort] = await freePorts(2);
      const autopilot = { autopilot_reconcile_interval: '50ms', autopilot_update_interval: '50ms' };
      const child = await spawnVault(executable, product, own, {
        storage: { raft: { path: own, node_id: name, performance_multiplier: 1, ...autopilot } },
        listener: { tcp: { address: `${HOST}:${port}`, cluster_address: `${HOST}:${clusterPort}`, tls_disable: true } },
        api_addr: `http://${HOST}:${port}`,
        cluster_addr: `https://${HOST}:${clusterPort}`,
      });
      return { child, port, ask: asker(port) };
    }),
  );
  const [first, ...others] = nodes as [(typeof nodes)[number], ...typeof nodes];
  await until(async () => (await first.ask('GET', 'sys/seal-status')).status === 200);
  const { key, token } = await initialise(first.ask);
  await first.ask('PUT', 'sys/unseal', { key });
  await until(async () => (await first.ask('GET', 'sys/health')).status === 200);
  const autopilot = 'sys/storage/raft/autopilot/configuration';
  await first.ask('POST', autopilot, { server_stabilization_time: '1ms' }, token);
  await Promise.all(
    others.map(async ({ ask }) => {
      await until(async () => (await ask('GET', 'sys/seal-status')).status === 200);
      await ask('PUT', 'sys/storage/raft/join', { leader_api_addr: `http://${HOST}:${first.port}` });
      await ask('PUT', 'sys/unseal', { key });
      // Asked for it, a standby looks for its leader at once.
      await until(async () => Boolean((await ask('GET', 'sys/leader')).body['leader_address']));
    }),
  );
  await until(async () => {
    const { body } = await first.ask('GET', 'sys/storage/raft/configuration', undefined, token);
    return JSON.stringify(body).split('"voter":true').length === nodes.length + 1;
  });
  return {
    stop: async () => {
      await Promise.all(nodes.map(({ child }) => end(child)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function spawnVault(executable: string, product: string, folder: string, config: object) {
  const file = join(folder, 'vault.json');
  await writeFile(file, JSON.stringify({ ...config, ...(product === 'vault' && { disable_mlock: true }) }));
  const env = { SKIP_SETCAP: 'true', HOME: folder, ...RARE_GC };
  return run(executable, ['server', `-config=${file}`, '-log-level=warn'], env);
}

async function initialise(ask: Ask): Promise<{ key: string; token: string }> {
  const { body } = await ask('PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
  const { keys_base64: keys, root_token: token } = body as { keys_base64: string[]; root_token: string };
  return { key: String(keys[0]), token };
}

function asker(port: number, ca?: string): Ask {
  return (method, path, json, token) =>
    new Promise((resolve) => {
      const headers = token === undefined ? {} : { 'x-vault-token': token };
      const options = { host: HOST, port, method, path: `/v1/${path}`, headers, ...(ca !== undefined && { ca }) };
      const request = (ca === undefined ? httpRequest : httpsRequest)(options, async (response) => {
        const parts: Buffer[] = [];
        for await (const part of response) parts.push(part as Buffer);
        const text = Buffer.concat(parts).toString();
        resolve({ status: response.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : {} });
      });
      request.on('error', () => resolve({ status: 0, body: {} }));
      request.end(json === undefined ? undefined : JSON.stringify(json));
    });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + UNTIL_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('it was not so after a minute');
    await delay(POLL_MS);
  }
}
