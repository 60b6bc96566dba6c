import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';

/** An engine in a network namespace of its own: to this one it is another host, one cable away. */
export interface RemoteDocker {
  /** The API, as DOCKER_HOST has it. */
  readonly host: string;
  /** The engine's address, and this host's on the cable between them. */
  readonly address: string;
  readonly thisAddress: string;
  /** An address that is translated to the engine's, and that it does not know as its own. */
  readonly translatedAddress: string;
  /** `ca.pem`, `cert.pem` and `key.pem`, where it speaks HTTPS. */
  readonly certPath: string;
  /** Its own socket, which is in this file system. */
  readonly socket: string;
  /** The names of its containers, running or not. */
  containers(): readonly string[];
  /** Runs a command in its namespace. */
  run(...command: readonly string[]): string;
  stop(): Promise<void>;
}

/** Why there can be none; undefined where there can. */
export function remoteDockerIsMissing(): string | undefined {
  if (process.platform !== 'linux') return `this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'only root makes network namespaces';
  const folders = (process.env['PATH'] ?? '').split(':');
  const missing = ['ip', 'nsenter', 'iptables', 'dockerd', 'docker', 'openssl', 'curl'].filter(
    (name) => !folders.some((folder) => existsSync(join(folder, name))),
  );
  return missing.length === 0 ? undefined : `not on PATH: ${missing.join(', ')}`;
}

/** Starts one; `tls` makes it speak HTTPS and ask for the client's certificate. */
export async function startRemoteDocker({ tls = false }: { readonly tls?: boolean } = {}): Promise<RemoteDocker> {
  const id = `${process.pid}${tls ? 's' : ''}`;
  // Of 198.18.0.0/15, which RFC 2544 has for benchmarks.
  const addressAt = (offset: number): string => `198.18.${process.pid % 256}.${(tls ? 8 : 0) + offset}`;
  const [thisAddress, address, translatedAddress] = [addressAt(1), addressAt(2), addressAt(5)];
  const folder = await mkdtemp('/tmp/vp-docker-');
  const [socket, pidFile, namespace] = [join(folder, 'docker.sock'), join(folder, 'docker.pid'), `vp-${id}`];
  const run = (...command: readonly string[]): string =>
    execFileSync('nsenter', [`--net=/run/netns/${namespace}`, ...command], { encoding: 'utf8', stdio: 'pipe' });
  layCable(namespace, { name: `vpo${id}`, thisAddress, address, translatedAddress });
  if (tls) await makeCertificates(folder, address);

  const log: Buffer[] = [];
  // Not "ip netns exec", which mounts another /sys, without the control groups.
  const daemon = spawn(
    'nsenter',
    [
      `--net=/run/netns/${namespace}`,
      'dockerd',
      `--host=tcp://${address}:${tls ? 2376 : 2375}`,
      `--host=unix://${socket}`,
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/exec`,
      `--pidfile=${pidFile}`,
      `--insecure-registry=${thisAddress}/32`,
      ...(tls
        ? ['--tlsverify', ...['cacert', 'cert', 'key'].map((flag) => `--tls${flag}=${folder}/${fileOf(flag)}`)]
        : []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [daemon.stdout, daemon.stderr]) stream.on('data', (chunk: Buffer) => log.push(chunk));
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  const stop = async (): Promise<void> => {
    const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
    if (pid > 0) process.kill(pid, 'SIGTERM');
    await ended;
    // This end of the cable goes with the other.
    execFileSync('ip', ['netns', 'del', namespace]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const get = (path: string): unknown =>
    JSON.parse(execFileSync('curl', ['-sf', '--unix-socket', socket, `http://docker${path}`], { encoding: 'utf8' }));
  try {
    await vi.waitFor(() => get('/info'), { timeout: 30_000, interval: 50 });
    run(...'iptables -t nat -A PREROUTING -d'.split(' '), translatedAddress, '-j', 'DNAT', '--to', address);
  } catch (cause) {
    await stop();
    throw new Error(`no dockerd runs: ${Buffer.concat(log).toString('utf8').slice(-2_000)}`, { cause });
  }
  return {
    host: `tcp://${address}:${tls ? 2376 : 2375}`,
    address,
    thisAddress,
    translatedAddress,
    certPath: folder,
    socket,
    containers: () => (get('/containers/json?all=1') as { Names: string[] }[]).flatMap(({ Names }) => Names),
    run,
    stop,
  };
}

interface Cable {
  readonly name: string;
  readonly thisAddress: string;
  readonly address: string;
  readonly translatedAddress: string;
}

function layCable(namespace: string, { name, thisAddress, address, translatedAddress }: Cable): void {
  for (const command of [
    `netns add ${namespace}`,
    `link add ${name} type veth peer name cable netns ${namespace}`,
    `addr add ${thisAddress}/30 dev ${name}`,
    `link set ${name} up`,
    `-n ${namespace} addr add ${address}/30 dev cable`,
    `-n ${namespace} link set cable up`,
    `-n ${namespace} link set lo up`,
    `-n ${namespace} route add default via ${thisAddress}`,
    `route add ${translatedAddress}/32 via ${address}`,
  ]) {
    execFileSync('ip', command.split(' '), { stdio: 'pipe' });
  }
}

/** One certificate is the CA, the engine's and the client's. */
async function makeCertificates(folder: string, address: string): Promise<void> {
  const certificate = `-keyout ${folder}/key.pem -out ${folder}/cert.pem -subj /CN=docker -days 2`;
  const names = `subjectAltName=IP:${address}`;
  const command = `req -x509 -newkey rsa:2048 -nodes ${certificate} -addext ${names}`;
  execFileSync('openssl', command.split(' '), { stdio: 'pipe' });
  await copyFile(join(folder, 'cert.pem'), join(folder, 'ca.pem'));
}

function fileOf(flag: string): string {
  return flag === 'cacert' ? 'ca.pem' : `${flag}.pem`;
}
