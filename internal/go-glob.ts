/**
 * Whether a value matches a glob: `*` stands for any number of characters, `/` and `:` too, and nothing else has a meaning.
 * Vault compares bound claims like this.
 * @see https://github.com/ryanuber/go-glob
 */
export function globMatches(glob: string, value: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  const last = rest.pop();
  if (last === undefined) return glob === value;
  if (!value.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = value.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return value.length - last.length >= from && value.endsWith(last);
}
