/** @import { Command, Wanted } from './commands.js' */
import { lines, quote } from './shell.js';

/**
 * Vault's side of a login with the token of the form.
 * @param {Wanted} wanted
 * @param {string} sign prints a token as JSON
 * @returns {Command[]}
 * @see https://developer.hashicorp.com/vault/api-docs/auth/jwt
 */
export function vaultCommands({ state, subject, audiences, role, mount }, sign) {
  const path = quote(`auth/${mount}`);
  const ca = state.issuer.startsWith('https:') ? 'jwks_ca_pem=@ca.pem' : '';
  return [
    { id: 'vault-enable', title: 'Enable the auth method', text: `vault auth enable -path=${quote(mount)} jwt` },
    {
      id: 'vault-config',
      title: 'Trust this issuer',
      text: lines(
        `vault write ${path}/config`,
        `jwks_url=${quote(state.jwksUrl)}`,
        `bound_issuer=${quote(state.issuer)}`,
        ca,
      ),
    },
    { id: 'vault-role', title: 'The role', text: roleCommand(`${path}/role/${quote(role)}`, subject, audiences) },
    {
      id: 'vault-login',
      title: 'Log in',
      text: `${sign} \\\n  | jq -r .token \\\n  | vault write ${path}/login role=${quote(role)} jwt=-`,
    },
    { id: 'vault-read-role', title: 'What the role says', text: `vault read ${path}/role/${quote(role)}` },
  ];
}

/** @type {(path: string, subject: string, audiences: readonly string[]) => string} */
function roleCommand(path, subject, audiences) {
  const fields = { role_type: 'jwt', user_claim: 'sub', bound_subject: subject };
  const values = [subject, ...audiences];
  // In NAME=VALUE the command reads a file for "@", standard input for "-", and a list at commas.
  if (values.some((value) => /^[@\\-]|,|^\s|\s$/.test(value))) {
    const body = { ...fields, ...(audiences.length > 0 && { bound_audiences: audiences }) };
    return `vault write ${path} - <<'EOF'\n${JSON.stringify(body, null, 2)}\nEOF`;
  }
  return lines(
    `vault write ${path}`,
    ...Object.entries(fields).map(([name, value]) => `${name}=${quote(value)}`),
    audiences.length > 0 ? `bound_audiences=${quote(audiences.join(','))}` : '',
  );
}
