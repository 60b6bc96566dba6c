import { defineCommand } from 'citty';
import { UsageError } from '../../errors/index.js';
import { type SigningKey, verifyingKey } from '../../issuer/index.js';
import { importPublicKeys, importSigningKey, keyShapes, publicPem, readKeyFolder } from '../../issuer/keys/index.js';
import { unknownName } from '../arguments.js';
import { readInput } from '../files.js';
import { note, print, printLines } from '../output.js';
import { algorithmOption, jwkLine, printSecret } from './generate.js';

/** The names that `--as` takes. */
const shapeNames = ['pem', 'jwks', 'vault', 'vault-cli', 'consul', 'consul-cli', 'hcl', 'cdktf'] as const;

const FILE = { type: 'positional', required: false, description: 'PEM or JWK; default: - for standard input' } as const;
const ALG = { type: 'string', valueHint: 'ALG', description: 'Default: what the key usually signs with' } as const;
const KID = { type: 'string', valueHint: 'KID', description: 'Default: the thumbprint of RFC 7638' } as const;

/** What names one key or several. */
interface KeySource {
  readonly file?: string | undefined;
  readonly alg?: string | undefined;
  readonly kid?: string | undefined;
}

/** `vaultproof key to-jwk`: a private key in PEM as a private JWK on one line; with `--public` any key as a public one. */
export const toJwk = defineCommand({
  meta: {
    name: 'to-jwk',
    description: 'Print a key as a JWK on one line',
    examples: ['key to-jwk key.pem --public', 'openssl genpkey -algorithm ed25519 | vaultproof key to-jwk'],
  },
  args: { file: FILE, public: { type: 'boolean', description: 'The public half alone' }, alg: ALG, kid: KID },
  run: ({ args }) => printJwk(args),
});

async function printJwk(args: KeySource & { readonly public?: boolean | undefined }): Promise<void> {
  const { file = '-' } = args;
  const text = await readInput(file);
  if (args.public === true) {
    const [key, ...others] = await publicKeysIn(text, args);
    if (others.length > 0) throw new UsageError('there are several keys: "key show --as jwks" makes a key set of them');
    return print(JSON.stringify(key?.publicJwk));
  }
  const kid = args.kid === undefined ? {} : { kid: args.kid };
  printSecret(await jwkLine(await importSigningKey(text, { ...algorithmOption(args.alg), ...kid })));
}

/** `vaultproof key show`: the public half of keys in every shape that Vault and Consul take. */
export const show = defineCommand({
  meta: {
    name: 'show',
    description: 'Show the public half of keys in every form that Vault, Consul and Terraform accept',
    examples: ['key show key.pem --as hcl', 'key show --keys keys --as jwks'],
  },
  args: {
    file: { ...FILE, description: 'One or more PEM, a JWK or a key set; default: - for standard input' },
    keys: { type: 'string', valueHint: 'DIR', description: 'A folder with ID and ID.pem for each key' },
    as: { type: 'string', valueHint: 'FORM', description: `${shapeNames.join(', ')}; default: all of them` },
    alg: ALG,
    kid: KID,
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: ({ args }) => showKeys(args),
});

/** The options of `key show`. */
interface ShowArguments extends KeySource {
  readonly keys?: string | undefined;
  readonly as?: string | undefined;
  readonly json?: boolean | undefined;
}

async function showKeys(args: ShowArguments): Promise<void> {
  const { as } = args;
  const known: readonly string[] = shapeNames;
  if (as !== undefined && !known.includes(as)) throw new UsageError(unknownName('form', as, known));
  const keys = await publicKeys(args);
  const { vault, consul, vaultCli, consulCli, hcl, cdktf } = keyShapes(keys);
  const jwks = { keys: keys.map(({ publicJwk }) => publicJwk) };
  const pem = keys.map((key) => publicPem(key)).join('');
  const shapes: Record<(typeof shapeNames)[number], string> = {
    pem: pem.trimEnd(),
    jwks: JSON.stringify(jwks, null, 2),
    vault: JSON.stringify(vault, null, 2),
    'vault-cli': vaultCli,
    consul: JSON.stringify(consul, null, 2),
    'consul-cli': consulCli,
    hcl,
    cdktf,
  };
  if (args.json === true) {
    const kids = keys.map(({ kid, alg }) => ({ kid, alg }));
    return print(JSON.stringify({ keys: kids, pem, jwks, vault, vaultCli, consul, consulCli, hcl, cdktf }));
  }
  const [one] = shapeNames.filter((name) => name === as);
  if (one !== undefined) return printLines(shapes[one]);
  for (const { kid, alg } of keys) note(`${alg} ${kid}`);
  printLines(
    Object.entries(shapes)
      .map(([name, text]) => `# ${name}\n${text}`)
      .join('\n\n'),
  );
}

async function publicKeys(args: ShowArguments): Promise<readonly SigningKey[]> {
  if (args.keys === undefined) {
    return publicKeysIn(await readInput(args.file ?? '-'), args);
  }
  if (args.file !== undefined || args.kid !== undefined) throw new UsageError('--keys goes without a file and --kid');
  const found = await readKeyFolder(args.keys, { warn: note, ...algorithmOption(args.alg) });
  if (found.length === 0) throw new UsageError(`there is no key in "${args.keys}"`);
  return found.flatMap(({ key, replaced }) => [key, ...replaced]);
}

/** All that verify signatures, with a line about those that don't. */
async function publicKeysIn(text: string, { alg, kid }: KeySource): Promise<readonly SigningKey[]> {
  const { keys, passedOver } = importPublicKeys(text);
  for (const line of passedOver) note(line);
  if (kid !== undefined && keys.length > 1) throw new UsageError(`--kid is for one key, and there are ${keys.length}`);
  const named = { ...algorithmOption(alg), ...(kid === undefined ? {} : { kid }) };
  return Promise.all(keys.map(({ publicKey, own }) => verifyingKey(publicKey, { ...own, ...named })));
}
