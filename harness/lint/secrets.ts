import { UNKNOWN } from './document/document.js';

const PRIVATE_KEY = /-----BEGIN (?!ENCRYPTED )(?:[A-Z\d]+ )*PRIVATE KEY-----/;
const URL_PASSWORD = /[a-z][a-z\d+.-]{0,30}:\/\/[^\s/?#:@]*:([^\s/?#@]+)@/i;
/** What drivers of databases take beside URLs: `u:PW@tcp(h)/`, `u/PW@h`, `password=PW`. */
const CONNECTION_PASSWORDS = [
  URL_PASSWORD,
  /^[^\s:@/]+:([^\s@]+)@\w*\(/,
  /^[^\s/:@]+\/([^\s@/]+)@/,
  /(?:^|[\s;?&])(?:password|pwd)\s*=\s*([^\s;&]+)/i,
];

/** The end of names that are a secret's: `vault_token`, `password`. */
export const SECRET_NAME_END =
  '(?:secret|secret_id|password|passwd|token|private_key|credentials?|api_key|client_secret|jwt)';

/** Whether a text has a private key in PEM in it, by itself or inside JSON. One that is encrypted is none. */
export function holdsPrivateKey(text: string): boolean {
  return PRIVATE_KEY.test(text);
}

/** Whether a text has a URL with a password in it. What is not known stands for one. */
export function holdsUrlPassword(text: string): boolean {
  return isWritten(URL_PASSWORD, text);
}

/** Whether a database's connection URL has a password in it that is not the template `{{password}}`. */
export function holdsConnectionPassword(text: string): boolean {
  return text !== UNKNOWN && CONNECTION_PASSWORDS.some((pattern) => isWritten(pattern, text));
}

function isWritten(pattern: RegExp, text: string): boolean {
  const password = pattern.exec(text)?.[1];
  return password !== undefined && !/^['"]?\{\{/.test(password);
}
