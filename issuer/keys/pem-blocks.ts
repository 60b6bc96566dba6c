/** A block of PEM, from the first character of its first line to the last one of its last line. */
export interface PemBlock {
  /** What the lines around it say that it is, such as `PRIVATE KEY`. */
  readonly label: string;
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** The blocks of PEM in a text. One whose last line is missing is none. The work grows with the text and no faster. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let begun: { readonly label: string; readonly from: number } | undefined;
  for (const { 0: mark, 1: kind, 2: label = '', index } of text.matchAll(/-----(BEGIN|END) ([A-Z0-9 ]+)-----/g)) {
    if (kind === 'BEGIN') begun = { label, from: index };
    else if (begun?.label === label) {
      const { from } = begun;
      const to = index + mark.length;
      blocks.push({ label, text: text.slice(from, to), from, to });
      begun = undefined;
    }
  }
  return blocks;
}
