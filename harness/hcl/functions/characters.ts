const segmenter = new Intl.Segmenter();

/** A string's characters as its reader sees them. */
export function charactersOf(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every ASCII character is one of its own.
  if (/^[\u0000-\u007f]*$/.test(text)) return [...text];
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}
