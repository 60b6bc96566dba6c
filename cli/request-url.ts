import { UsageError } from '../errors/index.js';
import { type HttpAnswer, type HttpRequest, httpClient } from '../internal/http-client.js';
import { shownUrl } from '../internal/redaction.js';

/** What the answers that are read here are held to: key sets, tokens, keys. */
const LIMITS = { timeoutMs: 10_000, totalMs: 30_000, maxBytes: 2 ** 20 };

/**
 * Sends one request to a URL and to nowhere else: no proxy is used and no redirect followed. The answer has 1 MiB at most,
 * and is there after 30 s, with 10 s of silence at most.
 * @throws UsageError for what is no URL of HTTP, or has a user name or a password in it, which would not be sent
 * @throws VaultproofError as `httpClient` does
 */
export async function requestUrl(method: string, url: string, request: HttpRequest = {}): Promise<HttpAnswer> {
  const { origin, pathname, search } = httpUrl(url);
  const client = httpClient(origin, LIMITS);
  const shownPath = pathname + (search && '?***');
  try {
    return await client.request(method, pathname + search, { ...request, shownPath });
  } finally {
    client.close();
  }
}

/** What a URL is made of. @throws UsageError as {@link requestUrl} */
export function httpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`"${shownUrl(text)}" is not a URL, such as "http://127.0.0.1:8080"`);
  }
  if (url.username === '' && url.password === '') return url;
  throw new UsageError(`"${shownUrl(text)}" has a user name or a password in it, which is not sent: leave it out`);
}
