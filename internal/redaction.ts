/**
 * A URL as it may be shown: without what is before the `@`, in its query and in its fragment, where secrets are. What is
 * no URL loses everything before its last `@`.
 *
 * @example
 * shownUrl('https://ci:s3cret@host/keys?sig=abc'); // 'https://***@host/keys?***'
 */
export function shownUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.host !== undefined && url.host !== '' && url.username === '' && url.password === '';
  const struck = isPlain ? text : text.replace(/^([a-z][\w+.-]*:\/\/)?.*@/is, '$1***@');
  return struck.replace(/#.+/s, '#***').replace(/\?[^#]+/, '?***');
}

/** Strikes out what is before the `@` of the URLs in a text: servers and tools repeat those that they can't use. */
export function withoutPasswords(text: string): string {
  return text.replaceAll(/([a-z][\w+.-]*:\/\/)[^/@\s]+@/gi, '$1***@');
}

/** What stands for a secret in a text that people read. */
export const STRUCK_OUT = '(struck out)';

/** Tokens of Vault by their prefixes, and JWTs. */
const TOKENS = /\bhv[sbr]\.[\w-]+|\b[sbr]\.[A-Za-z\d]{20,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
/** What a dev Vault prints for its user's convenience. */
const PRINTED_KEYS = /^(\s*(?:unseal key|root token)[^:]*:\s*).*$/gim;

/** A text without secrets that are known, wherever they stand in it. */
export function strikeOut(text: string, secrets: readonly string[]): string {
  return secrets.reduce((struck, secret) => (secret === '' ? struck : struck.replaceAll(secret, STRUCK_OUT)), text);
}

/** A text without what looks like a token of Vault or a JWT. */
export function strikeOutTokens(text: string): string {
  return text.replaceAll(TOKENS, STRUCK_OUT);
}

/** A log without the unseal keys and the root token that a Vault prints on lines of their own. */
export function strikeOutPrintedKeys(log: string): string {
  return log.replaceAll(PRINTED_KEYS, `$1${STRUCK_OUT}`);
}
