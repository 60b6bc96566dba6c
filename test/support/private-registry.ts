import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

/** A registry that has one image, and shows it to one user. */
export interface PrivateRegistry {
  /** Its address and port, as the names of its images begin. */
  readonly name: string;
  /** The image, for example `198.18.7.1:40123/private/image:1`. */
  readonly image: string;
  readonly login: { readonly username: string; readonly password: string };
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/**
 * Starts one for the running test, over HTTP, with the routes that a pull takes.
 * @see https://distribution.github.io/distribution/spec/api/
 */
export async function startPrivateRegistry(address: string): Promise<PrivateRegistry> {
  const login = { username: 'reader', password: 'canary-of-a-registry-password:with-a-colon' };
  const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  // Two blocks of zeros are a tar archive with nothing in it.
  const files = Buffer.alloc(1024);
  const layer = gzipSync(files);
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digestOf(files)] },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: described('application/vnd.docker.container.image.v1+json', config),
      layers: [described('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
    }),
  );
  const blobs = new Map([config, layer].map((blob) => [digestOf(blob), blob]));

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { url = '', headers } = request;
    if (headers.authorization !== basic) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="private"' }).end();
      return;
    }
    const [, kind, reference = ''] = /^\/v2\/private\/image\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const isManifest = kind === 'manifests' && ['1', digestOf(manifest)].includes(reference);
    const body = url === '/v2/' ? Buffer.from('{}') : isManifest ? manifest : blobs.get(reference);
    if (body === undefined) {
      const errors = [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }];
      response.writeHead(404, { 'Content-Type': 'application/json' }).end(JSON.stringify({ errors }));
      return;
    }
    response.writeHead(200, {
      'Content-Type': isManifest ? MANIFEST : 'application/octet-stream',
      'Content-Length': body.length,
      'Docker-Content-Digest': digestOf(body),
      'Docker-Distribution-Api-Version': 'registry/2.0',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const name = `${address}:${(server.address() as AddressInfo).port}`;
  return { name, image: `${name}/private/image:1`, login };
}

function described(mediaType: string, content: Buffer): object {
  return { mediaType, size: content.length, digest: digestOf(content) };
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
