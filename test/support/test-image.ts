import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { commands, findExecutable, type Product } from '../../harness/binaries/index.js';
import { findDocker, vendorImage } from '../../harness/engines/index.js';

const BLOCK = 512;

/**
 * The image that a product is tested in: the vendor's where it is local, else one of our own with nothing in it but the
 * static executable that is at hand. It is made once for an executable and kept.
 * @param signal ends an upload that is on its way
 * @throws Error with the reason why there is none
 */
export async function testImage(
  product: Product,
  report: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  const docker = await findDocker();
  const vendors = vendorImage(product);
  if (await docker.hasImage(vendors)) return vendors;
  if (process.platform !== 'linux') throw new Error(`docker has no image "${vendors}"`);
  const executable = await findExecutable(product);
  if (!executable) throw new Error(`docker has no image "${vendors}", and no ${product} executable is at hand`);

  const { size, mtimeMs } = await stat(executable.path);
  const stamp = createHash('sha256').update(`${executable.path} ${size} ${mtimeMs}`).digest('hex').slice(0, 8);
  const repo = `vaultproof-test-${product}`;
  const tag = `${executable.version}-${stamp}`;
  if (await docker.hasImage(`${repo}:${tag}`)) return `${repo}:${tag}`;

  report(`making the image ${repo}:${tag} from ${executable.path}`);
  const { options } = docker.endpoint;
  const query = new URLSearchParams({ fromSrc: '-', repo, tag, changes: 'ENV PATH=/bin' });
  const importing = (options.protocol === 'https:' ? httpsRequest : httpRequest)({
    ...options,
    method: 'POST',
    path: `/images/create?${query}`,
    ...(signal && { signal }),
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    importing.on('response', resolve).on('error', reject);
  });
  await pipeline(Readable.from(rootFilesystem(product, executable.path, size)), importing);
  const answer = await answered;
  const progress: Buffer[] = [];
  for await (const chunk of answer) progress.push(Buffer.from(chunk as Buffer));
  if (!(await docker.hasImage(`${repo}:${tag}`))) {
    throw new Error(`the image ${repo}:${tag} could not be made: ${Buffer.concat(progress).toString('utf8')}`);
  }
  return `${repo}:${tag}`;
}

/** A tar archive (POSIX.1-1988, ustar) of the executable, a user database and a folder for temporary files. */
async function* rootFilesystem(product: Product, path: string, size: number): AsyncGenerator<Buffer> {
  const users = Buffer.from('root:x:0:0:root:/:/bin/false\n');
  yield header({ name: 'tmp/', size: 0, mode: 0o1777, type: '5' });
  yield header({ name: 'etc/passwd', size: users.length, mode: 0o644, type: '0' });
  yield users;
  yield padding(users.length);
  yield header({ name: `bin/${commands[product]}`, size, mode: 0o755, type: '0' });
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) yield chunk as Buffer;
  yield padding(size);
  yield Buffer.alloc(2 * BLOCK);
}

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  /** `0` a file, `5` a folder. */
  readonly type: '0' | '5';
}

function header({ name, size, mode, type }: Entry): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  // The sum counts its own field as spaces.
  block.write('        ', 148);
  block.write(type, 156);
  block.write('ustar\x0000', 257);
  block.write(
    octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  );
  return block;
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
