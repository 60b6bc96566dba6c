import { writeFile } from 'node:fs/promises';
import { defineCommand } from 'citty';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { generateSigningKey, type SigningAlgorithm, type SigningKey, signingAlgorithms } from '../../issuer/index.js';
import { privateJwk, privatePem, writeKey } from '../../issuer/keys/index.js';
import { unknownName } from '../arguments.js';
import { mask, note, print } from '../output.js';

/** `vaultproof key generate`: a new private key on standard output, in a file, or in a folder. */
export const generate = defineCommand({
  meta: {
    name: 'generate',
    description: 'Make a private key, on standard output, in a file or in a folder',
    examples: ['key generate --alg RS256 --out key.pem', 'key generate --keys keys --id alice'],
  },
  args: {
    alg: { type: 'string', valueHint: 'ALG', description: `${signingAlgorithms.join(', ')}`, default: 'ES256' },
    kid: { type: 'string', valueHint: 'KID', description: 'Its key id; default: the thumbprint of RFC 7638' },
    format: { type: 'string', valueHint: 'pem|jwk', description: 'How it is written', default: 'pem' },
    out: { type: 'string', valueHint: 'FILE', description: 'A new file; default: standard output' },
    keys: { type: 'string', valueHint: 'DIR', description: 'A folder with ID and ID.pem for each key, with --id' },
    id: { type: 'string', valueHint: 'ID', description: 'The name of the key in the folder, with --keys' },
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: ({ args }) => generateKey(args),
});

/** The options of `key generate`. */
interface GenerateArguments {
  readonly alg: string;
  readonly kid?: string | undefined;
  readonly format: string;
  readonly out?: string | undefined;
  readonly keys?: string | undefined;
  readonly id?: string | undefined;
  readonly json?: boolean | undefined;
}

async function generateKey({ alg, kid, out, keys, id, format, json }: GenerateArguments): Promise<void> {
  if (format !== 'pem' && format !== 'jwk') throw new UsageError(unknownName('format', format, ['pem', 'jwk']));
  if (out !== undefined && keys !== undefined) throw new UsageError('give --out or --keys, not both');
  if ((keys === undefined) !== (id === undefined)) throw new UsageError('--keys and --id belong together');
  if (keys !== undefined && (format === 'jwk' || kid !== undefined)) {
    throw new UsageError('a folder holds PEM, which has no kid: leave --format and --kid out');
  }
  if (kid !== undefined && format === 'pem' && out === undefined && json !== true) {
    throw new UsageError('a PEM has no kid: add --format jwk');
  }
  const key = await generateSigningKey(algorithmOption(alg).alg, kid === undefined ? {} : { kid });
  if (keys !== undefined && id !== undefined) {
    await writeKey(keys, id, key);
    return report(key, { id, folder: keys }, json);
  }
  const text = format === 'jwk' || (json === true && out === undefined) ? `${await jwkLine(key)}\n` : privatePem(key);
  if (out === undefined) return printSecret(text);
  await writeNew(out, text);
  report(key, { path: out }, json);
}

/** Prints a secret of one or more lines, each of them masked for the logs of a CI system. */
export function printSecret(text: string): void {
  const lines = text.trimEnd().split('\n');
  for (const line of lines) if (!line.startsWith('-----')) mask(line);
  for (const line of lines) print(line);
}

/** A private key as a JWK on one line. */
export async function jwkLine(key: SigningKey): Promise<string> {
  return JSON.stringify(await privateJwk(key));
}

/** Says which key was made, and where it is. */
export function report(
  { kid, alg }: SigningKey,
  where: Readonly<Record<string, unknown>>,
  json: boolean | undefined,
): void {
  if (json === true) {
    print(JSON.stringify({ kid, alg, ...where }));
    return;
  }
  print(kid);
  const [place] = [where['path'] ?? `${String(where['folder'])}/${String(where['id'])}`];
  note(`wrote a key for ${alg} to ${String(place)}; above is its kid`);
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new UsageError(`"${path}" can't be written: ${code}`);
    throw new VaultproofError('key_exists', `"${path}" already exists: choose another name, or remove it first`, {
      details: { path },
    });
  }
}

/** What an option says of the algorithm of a key pair, for an object that is spread. */
export function algorithmOption(alg: string | undefined): { readonly alg?: SigningAlgorithm } {
  if (alg === undefined) return {};
  const known = signingAlgorithms.find((name) => name === alg);
  if (known) return { alg: known };
  throw new UsageError(unknownName('algorithm', alg, signingAlgorithms));
}
