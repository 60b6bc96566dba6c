/** A regular expression in pieces: signs, escaped ones, classes. */
const PIECES = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|[\s\S]/g;

/**
 * Whether a regular expression, in each of its alternatives, says how the text begins, and that it ends, or that its last
 * name does.
 */
export function anchorsOf(pattern: string): { readonly begins: boolean; readonly ends: boolean } {
  const parts = alternatives(pattern.replace(/^\(\?[a-zU]+\)/, ''));
  return {
    begins: parts.every((part) => /^(?:\((?:\?:)?)*(?:\^|\\A)/.test(part)),
    ends: parts.every((part) => /(?:(?<!\\)\$|\\z|[/:@](?:\.[*+])?)\)*$/.test(part)),
  };
}

/** The text that a regular expression begins with, and whether it takes nothing else; undefined where it may begin anyhow. */
export function beginningOf(pattern: string): { readonly text: string; readonly isWhole: boolean } | undefined {
  if (!pattern.startsWith('^') || alternatives(pattern).length > 1) return undefined;
  const pieces = pattern.slice(1).match(PIECES) ?? [];
  let text = '';
  for (const [index, piece] of pieces.entries()) {
    const sign = signOf(piece);
    // What may be there as often as it likes, or not at all, is no text.
    const isRepeated = /^[*?{]/.test(pieces[index + 1] ?? '');
    if (sign === undefined || isRepeated) return { text, isWhole: piece === '$' && index === pieces.length - 1 };
    text += sign;
  }
  return { text, isWhole: false };
}

/** The sign that a piece stands for, as long as that is one alone. */
function signOf(piece: string): string | undefined {
  if (piece.length === 1) return /[.*+?()[\]{}|^$]/.test(piece) ? undefined : piece;
  return /^(?:\\(\W)|\[([^\\^])\])$/.exec(piece)?.slice(1).join('');
}

/** The sides of every `|` that stands in no group and in no class. */
function alternatives(pattern: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const piece of pattern.match(PIECES) ?? []) {
    if (piece === '(') depth++;
    if (piece === ')') depth--;
    if (piece === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += piece;
  }
  return parts;
}
