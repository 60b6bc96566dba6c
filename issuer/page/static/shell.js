/**
 * A word as a POSIX shell takes it, in single quotes where it needs them.
 * @param {string} word
 */
export function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Puts the parts of a command on lines of their own.
 * @param {readonly string[]} parts
 */
export function lines(...parts) {
  return parts.filter((part) => part !== '').join(' \\\n  ');
}
