import { WrongUse } from '../errors/index.js';
import {
  importPublicKey,
  importSigningKey,
  keyShapes,
  publicPem,
  readKeyFolder,
  type SigningKey,
  verifyingKey,
} from '../issuer/index.js';
import { jwkLine, printSecret } from './key-generate.js';
import { algorithmOption, type KeyArguments, readInput } from './key-input.js';
import { note, print } from './output.js';

/** `key to-jwk`: a private key in PEM as a private JWK on one line; with `--public` any key as a public one. */
export async function toJwk(args: KeyArguments): Promise<void> {
  const { file = '-' } = args;
  const text = await readInput(file);
  if (args.public === true) {
    const { publicJwk } = await verifyingKey(importPublicKey(text), optionsOf(args, text));
    return print(JSON.stringify(publicJwk));
  }
  printSecret(await jwkLine(await importSigningKey(text, optionsOf(args, text))));
}

/** The names that `--as` takes. */
const shapeNames = ['pem', 'jwks', 'vault', 'vault-cli', 'consul', 'consul-cli', 'hcl', 'cdktf'] as const;

/** `key show`: the public half of keys in every shape that Vault and Consul take. */
export async function showKeys(args: KeyArguments): Promise<void> {
  const { as } = args;
  const known: readonly string[] = shapeNames;
  if (as !== undefined && !known.includes(as)) {
    throw new WrongUse(`unknown shape "${as}", there are ${known.join(', ')}`);
  }
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
  if (one !== undefined) return print(shapes[one]);
  for (const { kid, alg } of keys) note(`${alg} ${kid}`);
  print(
    Object.entries(shapes)
      .map(([name, text]) => `# ${name}\n${text}`)
      .join('\n\n'),
  );
}

async function publicKeys(args: KeyArguments): Promise<readonly SigningKey[]> {
  if (args.keys === undefined) {
    const text = await readInput(args.file ?? '-');
    return [await verifyingKey(importPublicKey(text), optionsOf(args, text))];
  }
  if (args.file !== undefined || args.kid !== undefined) throw new WrongUse('--keys goes without a file and --kid');
  const found = await readKeyFolder(args.keys, { warn: note, ...algorithmOption(args.alg) });
  if (found.length === 0) throw new WrongUse(`there is no key in "${args.keys}"`);
  return found.flatMap(({ key, replaced }) => [key, ...replaced]);
}

/** The options, and in their absence what a JWK says itself. */
function optionsOf({ alg, kid }: KeyArguments, text: string): Parameters<typeof verifyingKey>[1] {
  const own: { alg?: unknown; kid?: unknown } = text.trimStart().startsWith('{') ? ownMembers(text) : {};
  const ownKid = typeof own.kid === 'string' && own.kid !== '' ? { kid: own.kid } : {};
  const ownAlg = typeof own.alg === 'string' ? algorithmOption(own.alg) : {};
  return { ...ownAlg, ...ownKid, ...algorithmOption(alg), ...(kid === undefined ? {} : { kid }) };
}

function ownMembers(text: string): { alg?: unknown; kid?: unknown } {
  try {
    const jwk = JSON.parse(text);
    return jwk.keys?.[0] ?? jwk;
  } catch {
    return {};
  }
}
