import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 8;
/** As the project starts its servers: garbage is collected when the heap is five times what lives in it. */
export const RARE_GC = { GOGC: '400' };
/** Where servers by hand listen. */
export const HOST = '127.0.0.1';

/** A server that was started with nothing but Node. */
export interface ServerByHand {
  readonly address: string;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A dev Vault with the arguments that the project gives it, once its root token works. */
export async function startVaultByHand(executable: string, token: string, pollMs = POLL_MS): Promise<ServerByHand> {
  const [port] = await freePorts(2);
  const address = `http://${HOST}:${port}`;
  const child = run(
    executable,
    ['server', '-dev', `-dev-listen-address=${HOST}:${port}`, '-dev-no-store-token', '-log-level=warn'],
    { VAULT_DEV_ROOT_TOKEN_ID: token, SKIP_SETCAP: 'true', HOME: tmpdir(), ...RARE_GC },
  );
  // It answers 503 while sealed and 403 while there is no such token.
  await untilAnswer(`${address}/v1/auth/token/lookup-self`, { 'x-vault-token': token }, pollMs);
  return { address, child, stop: () => end(child) };
}

/** A dev Consul with the configuration that the project gives it, once its root token works. */
export async function startConsulByHand(executable: string, token: string, pollMs = POLL_MS): Promise<ServerByHand> {
  const [http, server, lan, wan] = await freePorts(4);
  const folder = await mkdtemp(join(tmpdir(), 'bench-consul-'));
  const file = join(folder, 'consul.json');
  const acl = { enabled: true, default_policy: 'deny', tokens: { initial_management: token, agent: token } };
  await writeFile(file, JSON.stringify({ acl, performance: { raft_multiplier: 1 } }));
  const ports = [`-http-port=${http}`, `-server-port=${server}`, `-serf-lan-port=${lan}`, `-serf-wan-port=${wan}`];
  const off = ['-dns-port=-1', '-grpc-port=-1', '-grpc-tls-port=-1', '-log-level=warn'];
  const child = run(
    executable,
    ['agent', '-dev', `-client=${HOST}`, `-bind=${HOST}`, ...ports, ...off, `-config-file=${file}`],
    { HOME: folder, ...RARE_GC },
  );
  const address = `http://${HOST}:${http}`;
  // Without a leader, which is "", Consul would hold whatever needs one for up to 0.4 s.
  await untilAnswer(`${address}/v1/status/leader`, {}, pollMs, '""');
  await untilAnswer(`${address}/v1/acl/token/self`, { 'x-consul-token': token }, pollMs);
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  return { address, child, stop };
}

/** Starts an executable, which is killed when this process ends. */
export function run(executable: string, args: string[], env: Record<string, string>): ChildProcess {
  const child = spawn(executable, args, { env, stdio: 'ignore' });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Kills a process and waits until it has gone. */
export async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Waits for a 200 with another body than `not`. */
async function untilAnswer(url: string, headers: Record<string, string>, pollMs: number, not?: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await fetch(url, { headers }).then(
      async (response) => ({ status: response.status, text: await response.text() }),
      () => ({ status: 0, text: '' }),
    );
    if (answer.status === 200 && answer.text !== not) return;
    if (Date.now() > deadline) throw new Error(`"${url}" last answered ${answer.status} and was not ready after 30 s`);
    await delay(pollMs);
  }
}

/** Neighbouring free ports, the first one chosen by the kernel. */
export async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const first = await tryPort(0);
    const ports = Array.from({ length: count }, (_, index) => (first ?? 0) + index);
    const others = await Promise.all(ports.slice(1).map(tryPort));
    if (first !== undefined && others.every((port) => port !== undefined)) return ports;
  }
}

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
