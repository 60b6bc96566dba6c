/** @import { State } from './state.js' */
import { consulCommands } from './consul-commands.js';
import { lines, quote } from './shell.js';
import { vaultCommands } from './vault-commands.js';

/**
 * What commands are made of.
 * @typedef {object} Wanted
 * @property {State} state
 * @property {Readonly<Record<string, unknown>>} request the body of `POST /sign`
 * @property {string} subject
 * @property {readonly string[]} audiences
 * @property {string} role also the name of Consul's auth method
 * @property {string} mount where Vault's auth method is
 */

/**
 * A command to copy.
 * @typedef {object} Command
 * @property {string} id
 * @property {string} title
 * @property {string} text
 */

/** @typedef {{ title: string, note: string, commands: readonly Command[] }} CommandGroup */

/**
 * Every command that the page shows.
 * @param {Wanted} wanted
 * @returns {CommandGroup[]}
 */
export function commandGroups(wanted) {
  const { state, subject, audiences } = wanted;
  const curl = curlFor(state);
  const form = [
    'grant_type=client_credentials',
    `client_id=${subject}`,
    'client_secret=any',
    ...audiences.map((audience) => `audience=${audience}`),
  ];
  return [
    {
      title: 'curl',
      note: isTls(state) ? 'ca.pem is the CA of the issuer: its startIssuer() has it as caPem.' : '',
      commands: [
        { id: 'curl-key-set', title: 'The key set', text: `${curl} ${quote(state.jwksUrl)}` },
        { id: 'curl-discovery', title: 'The discovery document', text: `${curl} ${quote(state.discoveryUrl)}` },
        { id: 'curl-sign', title: 'The token of the form', text: signCommand(wanted) },
        {
          id: 'curl-token',
          title: "A token from OAuth's token endpoint",
          text: lines(
            `${curl} ${quote(`${state.issuer}/token`)}`,
            ...form.map((one) => `--data-urlencode ${quote(one)}`),
          ),
        },
      ],
    },
    {
      title: 'Vault',
      note: 'With VAULT_ADDR and VAULT_TOKEN set. The login takes its token from the form above, by way of curl and jq; it is in no history and no list of processes.',
      commands: vaultCommands(wanted, signCommand(wanted)),
    },
    {
      title: 'Consul',
      note: 'With CONSUL_HTTP_ADDR and CONSUL_HTTP_TOKEN set, and ACLs on. The token that Consul gives is left in the file consul-token.',
      commands: consulCommands(wanted, signCommand(wanted)),
    },
  ];
}

/** @type {(wanted: Wanted) => string} */
function signCommand({ state, request }) {
  return lines(
    `${curlFor(state)} ${quote(`${state.issuer}/sign`)}`,
    "-H 'Content-Type: application/json'",
    `-d ${quote(JSON.stringify(request))}`,
  );
}

/** @type {(state: State) => string} */
function curlFor(state) {
  return isTls(state) ? 'curl -sS --cacert ca.pem' : 'curl -sS';
}

/** @type {(state: State) => boolean} */
function isTls({ issuer }) {
  return issuer.startsWith('https:');
}
