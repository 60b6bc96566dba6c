import { readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { VaultproofError } from '../../../errors/index.js';
import { UnboundedAnswer } from '../../../internal/bounded-answer.js';
import { withoutPasswords } from '../../../internal/redaction.js';
import type { DockerEndpoint } from './endpoints.js';

/** Where a Docker API may answer. */
export interface DockerHost {
  /** As DOCKER_HOST has it, for example `unix:///var/run/docker.sock` or `tcp://docker:2376`. */
  readonly name: string;
  /** What led to it, for example `DOCKER_HOST` or `the context "colima"`. */
  readonly foundBy: string;
  /** The folder of `ca.pem`, `cert.pem` and `key.pem`, where the API is HTTPS. */
  readonly certPath?: string | undefined;
  readonly options: RequestOptions;
}

/**
 * How an address is spoken to.
 * @throws VaultproofError `docker_unavailable` for an address that is not `unix://`, `tcp://`, `http://` or `https://`,
 * and for certificates that can't be read
 */
export function dockerHost({ address, foundBy, tls = false, certPath }: DockerEndpoint): DockerHost {
  // Docker's API has no passwords; one that is there anyway is not repeated.
  const name = withoutPasswords(address);
  const url = URL.canParse(name) ? new URL(name) : undefined;
  if (url?.protocol === 'unix:') return { name, foundBy, options: { socketPath: name.slice('unix://'.length) } };
  if (url?.protocol === 'ssh:') {
    throw unusable(
      name,
      foundBy,
      "uses ssh, over which a container can't reach the issuer; expected unix:// or tcp://; " +
        'set VAULTPROOF_ENGINE=process',
    );
  }
  if (url?.protocol !== 'tcp:' && url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw unusable(name, foundBy, 'is not a unix:// or tcp:// address');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!tls && url.protocol !== 'https:') return { name, foundBy, options: { host, port: url.port || 2375 } };
  if (certPath === undefined) throw unusable(name, foundBy, 'needs certificates, set DOCKER_HOST and DOCKER_CERT_PATH');
  try {
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFileSync(join(certPath, file)));
    const options = { protocol: 'https:', host, port: url.port || 2376, ca, cert, key };
    return { name, foundBy, certPath, options };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unusable(name, foundBy, `needs ca.pem, cert.pem and key.pem in "${certPath}" (${reason})`, cause);
  }
}

function unusable(name: string, foundBy: string, what: string, cause?: unknown): VaultproofError {
  return new VaultproofError('docker_unavailable', `docker "${name}" (${foundBy}) ${what}`, {
    details: { host: name },
    cause,
  });
}

/** How long an answer may take, in milliseconds; without a limit where neither is given. */
export interface SendLimits {
  /** Until its head, and between two pieces of it. */
  readonly silenceMs?: number | undefined;
  /** Until its last byte. */
  readonly totalMs?: number | undefined;
}

/** An engine that is busy or hangs counts as absent after this long. */
export const ANSWER: SendLimits = { silenceMs: 2_000, totalMs: 5_000 };

/** Sends a request without a body to the Docker API, and resolves once the answer's head is there. */
export function send(
  host: RequestOptions,
  method: string,
  path: string,
  { silenceMs, totalMs }: SendLimits,
  prepare: (request: ClientRequest) => void = () => {},
): Promise<IncomingMessage> {
  const requestOf = host.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = requestOf({ ...host, method, path, agent: false, ...(silenceMs ? { timeout: silenceMs } : {}) });
    let answer: IncomingMessage | undefined;
    if (totalMs !== undefined) {
      const giveUp = (): void => {
        (answer ?? request).destroy(new UnboundedAnswer(`it was not complete after ${totalMs} ms`));
      };
      const timer = setTimeout(giveUp, totalMs).unref();
      request.on('close', () => clearTimeout(timer));
    }
    request.on('response', (incoming) => {
      answer = incoming;
      resolve(incoming);
    });
    request.on('error', reject);
    // An upgrade to another protocol ends without an error.
    request.on('close', () => reject(new Error('the connection was closed')));
    request.on('timeout', () => request.destroy(new Error(`no answer within ${silenceMs} ms`)));
    prepare(request);
    request.end();
  });
}

/** The `message` of an error's body, or the body. */
export function messageIn(body: string): string {
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1]?.replaceAll('\\"', '"') ?? body.trim();
}
