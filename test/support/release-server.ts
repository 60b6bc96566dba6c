import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createMessage, generateKey, readPrivateKey, sign } from 'openpgp';

/** A release as it is put on the server. */
export interface Release {
  readonly product: 'vault' | 'consul' | 'openbao';
  readonly version: string;
  /** Bytes of the zip archive, or for OpenBao of the `.tar.gz`. */
  readonly archive: Uint8Array;
  /** "linux_amd64"; this machine's platform by default. */
  readonly platform?: string;
}

/** What goes wrong when a file is asked for. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number }
  /** Announces the whole length, sends half, and closes the connection. */
  | { readonly kind: 'cut' }
  /** Sends half and then nothing more. */
  | { readonly kind: 'stall' }
  /** Sends a byte at a time. */
  | { readonly kind: 'trickle' }
  /** Answers in full, this much later. */
  | { readonly kind: 'delay'; readonly ms: number };

/** A running stand-in for releases.hashicorp.com, and for the releases of openbao/openbao. */
export interface ReleaseServer extends AsyncDisposable {
  /** "http://127.0.0.1:PORT", for the option `releasesUrl`. */
  readonly url: string;
  /** The armored public key that its signatures verify with. */
  readonly publicKey: string;
  /** Paths asked for so far, in order. */
  readonly requests: readonly string[];
  /** What is served, by path; a test may replace the bytes. */
  readonly files: Map<string, Uint8Array>;
  /** What goes wrong, by path. */
  readonly faults: Map<string, Fault>;
  /** Puts the archive, its SHA256SUMS and their signature on the server, and returns their paths. */
  publish(release: Release): Promise<ReleasePaths>;
}

/** Paths of one release on the server. */
export interface ReleasePaths {
  readonly archive: string;
  readonly sums: string;
  readonly signature: string;
}

const hostPlatform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;

/** Starts a release server on a free port of 127.0.0.1, with a signing key of its own. */
export async function startReleaseServer(): Promise<ReleaseServer> {
  const { publicKey, privateKey } = await generateKey({
    type: 'curve25519',
    userIDs: [{ name: 'release server of a test' }],
  });
  const signingKeys = await readPrivateKey({ armoredKey: privateKey });
  const files = new Map<string, Uint8Array>();
  const faults = new Map<string, Fault>();
  const requests: string[] = [];

  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    requests.push(path);
    const fault = faults.get(path);
    if (fault?.kind === 'delay') await delay(fault.ms);
    const body = files.get(path);
    if (body === undefined || fault?.kind === 'status') {
      response.writeHead(fault?.kind === 'status' ? fault.status : 404).end();
      return;
    }
    response.writeHead(200, { 'content-length': body.length });
    if (fault?.kind === 'cut') response.write(body.subarray(0, body.length / 2), () => response.destroy());
    else if (fault?.kind === 'stall') response.write(body.subarray(0, body.length / 2));
    else if (fault?.kind === 'trickle') {
      const timer = setInterval(() => response.write('1'), 10);
      response.on('close', () => clearInterval(timer));
    } else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    publicKey,
    requests,
    files,
    faults,
    async publish({ product, version, archive, platform = hostPlatform }) {
      const isOpenBao = product === 'openbao';
      const name = `${product}_${version}_${platform}${isOpenBao ? '.tar.gz' : '.zip'}`;
      const folder = isOpenBao ? `/v${version}` : `/${product}/${version}`;
      const sums = isOpenBao ? `${folder}/checksums.txt` : `${folder}/${product}_${version}_SHA256SUMS`;
      const signaturePath = isOpenBao ? `${sums}.gpgsig` : `${sums}.sig`;
      const paths = { archive: `${folder}/${name}`, sums, signature: signaturePath };
      const sum = createHash('sha256').update(archive).digest('hex');
      const text = Buffer.from(`${'0'.repeat(64)}  ${product}_${version}_plan9_amd64.zip\n${sum}  ${name}\n`);
      files.set(paths.archive, archive);
      files.set(paths.sums, text);
      const signature = await sign({
        message: await createMessage({ binary: text }),
        signingKeys,
        detached: true,
        format: 'binary',
      });
      files.set(paths.signature, signature);
      return paths;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
