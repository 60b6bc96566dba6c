/** A string, verbatim, in bash and in zsh. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The same, without quotes where a shell takes it for one word. */
export function shellWord(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : shellQuoted(path);
}
