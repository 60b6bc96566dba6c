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

const encrypted = 'the key is encrypted: decrypt it with "openssl pkey" first';

/** A key is shorter. What it takes to look for some of these mistakes grows with the square of the text. */
const MOST_LOOKED_AT = 8 * 1024;

/** What people paste instead of a PEM, and what to do about it. The first that fits counts. */
const mistakes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/, encrypted],
  [
    /-----BEGIN OPENSSH PRIVATE KEY-----/,
    'the key is in OpenSSH\'s own format: rewrite the file as PKCS8 with "ssh-keygen -p -m PKCS8 -f KEY"',
  ],
  [
    /^\s*(?:ssh-|ecdsa-sha2-|sk-)|-----BEGIN SSH2 PUBLIC KEY-----|---- BEGIN SSH2 PUBLIC KEY ----/,
    'the key is in OpenSSH\'s own format: convert it with "ssh-keygen -e -m PKCS8 -f KEY.pub"',
  ],
  [/^PuTTY-User-Key-File/, 'the key is in PuTTY\'s own format: convert it with "puttygen KEY -O private-openssh"'],
  [
    /-----BEGIN CERTIFICATE REQUEST-----|-----BEGIN NEW CERTIFICATE REQUEST-----/,
    'this is a certificate request: give the certificate or the key',
  ],
  [
    /-----BEGIN[^\n]*\\n/,
    'the key has the two characters "\\n" where line breaks belong: print it with "printf \'%b\'", or quote it where it is set',
  ],
  [/^\s*["']/, 'the key is in quotes: remove them'],
  [/-----BEGIN [A-Z0-9 ]+-----[^\n\r]*-----END/, 'the key is in one line: its line breaks are missing'],
  [/^[ \t]+-----(?:BEGIN|END)|^[ \t]+[A-Za-z0-9+/=]+\s*$/m, 'the key is indented: remove the white space'],
];

/** Whether the last line of a PEM is missing. OpenSSL would read those before it and say nothing. */
export function isCutOff(text: string): boolean {
  const begins = text.match(/-----BEGIN [A-Z0-9 ]+-----/g)?.length ?? 0;
  const ends = text.match(/-----END [A-Z0-9 ]+-----/g)?.length ?? 0;
  return ends < begins;
}

/**
 * What is wrong with a text that OpenSSL does not read as a PEM, as a sentence with nothing of the key in it. It may
 * find a mistake in a text that OpenSSL does read.
 * @param half which half was expected
 * @returns undefined for a mistake without a name
 */
export function pemMistake(text: string, half: 'private' | 'public'): string | undefined {
  const beginning = text.slice(0, MOST_LOOKED_AT);
  const named = mistakes.find(([pattern]) => pattern.test(beginning));
  if (named) return named[1];
  if (!/-----BEGIN [A-Z0-9 ]+-----/.test(text)) {
    return Buffer.from(text, 'base64').includes('-----BEGIN ')
      ? 'this is the base64 of a PEM: decode it with "base64 -d"'
      : 'this is not a key: it is neither a PEM nor a jwk';
  }
  return half === 'private' && !/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)
    ? 'this is a public key or a certificate: a private key was expected'
    : undefined;
}
