/** The path of a policy's rule, as Vault matches requests with it. */
export interface PathPattern {
  /** As it stands in the policy, without a slash before it. */
  readonly written: string;
  /** `exact` for one path, `prefix` for a `*` at its end, `segments` where a segment is `+`. */
  readonly kind: 'exact' | 'prefix' | 'segments';
  /** Whether it ends in `*`. */
  readonly isPrefix: boolean;
  /** Without the `*` at its end. */
  readonly text: string;
  /** The text's segments. */
  readonly segments: readonly string[];
}

/**
 * Reads the path of a rule. A `*` is a wildcard at the end alone, a `+` as a whole segment.
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies#policy-syntax
 */
export function pathPattern(written: string): PathPattern {
  const isPrefix = written.endsWith('*');
  const text = isPrefix ? written.slice(0, -1) : written;
  // A segment that only begins with "+" stands for itself, and makes Vault compare by segments all the same.
  const hasSegments = written === '+' || written.startsWith('+/') || written.includes('/+');
  const kind = hasSegments ? 'segments' : isPrefix ? 'prefix' : 'exact';
  return { written, kind, isPrefix, text, segments: text.split('/') };
}

/** Whether a pattern holds for a path without a slash before it. */
export function matchesPath({ kind, text, isPrefix, segments }: PathPattern, path: string): boolean {
  if (kind === 'exact') return path === text;
  if (kind === 'prefix') return path.startsWith(text);
  const parts = path.split('/');
  if (isPrefix ? parts.length < segments.length : parts.length !== segments.length) return false;
  return segments.every((segment, index) => {
    const part = parts[index] ?? '';
    if (segment === '+' || segment === part) return true;
    return isPrefix && index === segments.length - 1 && part.startsWith(segment);
  });
}
