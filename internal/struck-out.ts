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
