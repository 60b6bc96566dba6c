import { defineCommand } from 'citty';
import { WrongUse } from '../errors/index.js';
import { generateKey } from './key-generate.js';
import { rotate } from './key-rotate.js';
import { showKeys, toJwk } from './key-show.js';

/** What can be done, and the options that it takes. */
const actions = {
  'to-jwk': { run: toJwk, options: ['file', 'public', 'alg', 'kid'] },
  generate: { run: generateKey, options: ['alg', 'kid', 'out', 'keys', 'id', 'format', 'json'] },
  rotate: { run: rotate, options: ['alg', 'keys', 'id', 'issuer', 'admin-token-file', 'lead', 'overlap', 'json'] },
  show: { run: showKeys, options: ['file', 'keys', 'alg', 'kid', 'as', 'json'] },
} as const;

/** `vaultproof key`: keys made, converted, rotated and shown. */
export const key = defineCommand({
  meta: { name: 'key', description: 'Makes, converts, rotates and shows keys: vaultproof key generate --alg RS256' },
  args: {
    action: { type: 'positional', description: 'to-jwk, generate, rotate or show' },
    file: {
      type: 'positional',
      required: false,
      description: 'to-jwk: the key in PEM or JWK; show: also several PEM, or a key set; default - for standard input',
    },
    public: { type: 'boolean', description: 'to-jwk: the public half alone' },
    alg: { type: 'string', valueHint: 'ALG', description: 'Default ES256 for a new key, else what the key signs with' },
    kid: { type: 'string', valueHint: 'KID', description: 'Default the thumbprint of RFC 7638' },
    out: { type: 'string', valueHint: 'FILE', description: 'generate: a file that is not there yet; default stdout' },
    keys: { type: 'string', valueHint: 'DIR', description: 'A folder with ID and ID.pem for each key' },
    id: { type: 'string', valueHint: 'ID', description: 'generate, rotate: which key of the folder' },
    format: { type: 'string', valueHint: 'pem|jwk', description: 'generate: default pem' },
    issuer: { type: 'string', valueHint: 'URL', description: 'rotate: the issuer, running with its admin API open' },
    'admin-token-file': {
      type: 'string',
      valueHint: 'FILE',
      description: 'rotate: its admin token; - for standard input',
    },
    lead: { type: 'string', valueHint: 'SECONDS', description: 'rotate: published so long before it signs; default 0' },
    overlap: { type: 'string', valueHint: 'SECONDS', description: 'rotate: the old key verifies so long; default 300' },
    as: {
      type: 'string',
      valueHint: 'SHAPE',
      description: 'show: pem, jwks, vault, vault-cli, consul, consul-cli, hcl or cdktf; default all of them',
    },
    json: { type: 'boolean', description: 'One JSON object on standard output' },
  },
  run: async ({ args }) => {
    const { action: name, _: positionals, ...given } = args;
    if (name === undefined || !Object.hasOwn(actions, name)) {
      throw new WrongUse(`unknown action "${name}", there are ${Object.keys(actions).join(', ')}`);
    }
    const { run, options } = actions[name as keyof typeof actions];
    const allowed: readonly string[] = options;
    for (const [spelling, value] of Object.entries(given)) {
      // The parser gives an option with a dash in its name a second name without.
      const option = spelling.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      if (value === undefined || value === false || allowed.includes(option)) continue;
      throw new WrongUse(`"key ${name}" takes no ${option === 'file' ? 'file' : `--${option}`}`);
    }
    if (positionals.length > (allowed.includes('file') ? 2 : 1)) throw new WrongUse('too many arguments');
    await run(given);
  },
});
