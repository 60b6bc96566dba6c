const KV_V2_SEGMENTS = ['config', 'data', 'delete', 'destroy', 'metadata', 'subkeys', 'undelete'];

/**
 * Whether a policy's path holds for a request's: `+` stands for one segment, `*` at the end for anything.
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies#policy-syntax
 */
export function covers(pattern: string, path: string): boolean {
  const open = pattern.endsWith('*');
  const wanted = (open ? pattern.slice(0, -1) : pattern).split('/');
  const segments = path.split('/');
  if (open ? segments.length < wanted.length : segments.length !== wanted.length) return false;
  return wanted.every((one, index) => {
    const segment = segments[index] ?? '';
    if (one === '+') return segment !== '';
    return open && index === wanted.length - 1 ? segment.startsWith(one) : segment === one;
  });
}

/** What a path may be below, the longest first: `a/b` and `a` for `a/b/c`. */
export function foldersOf(path: string): string[] {
  const ends = [...path.matchAll(/\//g)].map(({ index }) => index);
  return ends.reverse().map((end) => path.slice(0, end));
}

/** Whether a policy's path can hold for some path of a KV v2 engine's API; true where that can't be known. */
export function canMatchKvV2(mount: string, pattern: string): boolean {
  if (!pattern.startsWith(`${mount}/`)) return true;
  const [segment = '', ...below] = pattern.slice(mount.length + 1).split('/');
  if (segment === '' || segment === '+' || segment.includes('{{')) return true;
  if (below.length === 0 && segment.endsWith('*')) {
    return KV_V2_SEGMENTS.some((known) => known.startsWith(segment.slice(0, -1)));
  }
  return KV_V2_SEGMENTS.includes(segment);
}
