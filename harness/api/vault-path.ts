import { posix } from 'node:path';

const PLAIN = /^[\w-]+(?:\/[\w-]+)*$/;

/** Encodes a path's parts, so that `?`, `#` or `%` in a name is a part of the name. */
export function encodePath(path: string): string {
  return PLAIN.test(path) ? path : path.split('/').map(encodeURIComponent).join('/');
}

/** The path that Vault's own client asks for: without empty parts, `.` and `..`, and encoded. */
export function joinedPath(path: string): string {
  return PLAIN.test(path) ? path : encodePath(posix.join('/', path).replaceAll(/^\/|\/$/g, ''));
}
