import type { Context } from 'hono';
import { refuse } from './dialect.js';

/** What a request body may have at most. */
const MAX_BODY_BYTES = 64 * 1024;

/** A request's body as text: 413 over 64 KiB, whether it says its length or not; 400 when it is cut off. */
export async function bodyText(context: Context): Promise<string> {
  const length = context.req.header('content-length');
  if (Number(length ?? 0) > MAX_BODY_BYTES) tooLarge();
  try {
    // Node reads no more of a body than it says it has.
    if (length !== undefined) return await context.req.text();
  } catch {
    return cutOff();
  }
  return textOf(context.req.raw.body ?? []);
}

async function textOf(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    return cutOff();
  }
  return size > MAX_BODY_BYTES ? tooLarge() : Buffer.concat(chunks).toString('utf8');
}

function tooLarge(): never {
  return refuse(413, 'request_too_large', 'the body is over 64 KiB');
}

function cutOff(): never {
  return refuse(400, 'invalid_request', 'the body was cut off');
}
