const LINES = 20;
/** What a dev Vault prints for its user's convenience. */
const SECRETS = /^(\s*(?:unseal key|root token)[^:]*:\s*).*$/gim;

/** The last lines of a server's log, for a person or an error's message, with the secrets in it struck out. */
export function logTail(log: string, secrets: readonly string[], lines: number = LINES): string {
  const tail = log.trimEnd().split('\n').slice(-lines).join('\n').replace(SECRETS, '$1(struck out)');
  return secrets.reduce((text, secret) => text.replaceAll(secret, '(struck out)'), tail) || '(it wrote nothing)';
}
