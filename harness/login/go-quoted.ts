const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/**
 * The string that Go quoted with `%q`.
 * @param quoted what stands between the quotes
 * @see https://pkg.go.dev/strconv#Quote
 */
export function unquoted(quoted: string): string {
  return quoted.replaceAll(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/g,
    (_whole, byte?: string, short?: string, long?: string, letter = '') => {
      const hex = byte ?? short ?? long;
      return hex === undefined ? (ESCAPES[letter] ?? letter) : String.fromCodePoint(Number.parseInt(hex, 16));
    },
  );
}
